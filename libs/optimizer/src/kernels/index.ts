/** The kernels of this process. */
import { javascriptKernels } from './javascript-kernels.js';
import type { Kernels } from './kernels.js';
import { createNativeKernels } from './native-kernels.js';
import { createWasmKernels } from './wasm-kernels.js';

/**
 * Native ones where set-up compiled them (`MUSTER_KERNELS=wasm` in the
 * environment passes them over), else WASM SIMD where the engine can; the bits
 * are the same either way.
 */
export const kernels: Kernels = chooseKernels();

function chooseKernels(): Kernels {
  const portable = choosePortable();
  return createNativeKernels(portable) ?? portable;
}

function choosePortable(): Kernels {
  try {
    return createWasmKernels();
  } catch {
    return javascriptKernels;
  }
}
