/** The kernels of this process. */
import { javascriptKernels } from './javascript-kernels.js';
import type { Kernels } from './kernels.js';
import { createWasmKernels } from './wasm-kernels.js';

/** WASM SIMD where the engine can; the bits are the same either way. */
export const kernels: Kernels = chooseKernels();

function chooseKernels(): Kernels {
  try {
    return createWasmKernels();
  } catch {
    return javascriptKernels;
  }
}
