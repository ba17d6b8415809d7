/**
 * The addon of native/, which set-up compiles where there is a compiler. Its
 * bits are those of the WebAssembly, so that it does not matter to a result
 * which of the two a worker has.
 */
import { createRequire } from 'node:module';

/**
 * What the addon has for one width of vectors. Arguments that do not fit are
 * refused by a RangeError.
 */
export interface ConvolutionKernels {
  /** Writes `scaled`, `pooled` and `phases`. */
  forward(
    count: number,
    rows: number,
    columns: number,
    groups: number,
    pixels: Uint8Array,
    kernel: Float32Array,
    bias: Float32Array,
    scaled: Float32Array,
    pooled: Float32Array,
    phases: Uint8Array,
  ): void;
  /** Writes the last two, from what `forward` has written. */
  backward(
    count: number,
    rows: number,
    columns: number,
    groups: number,
    scaled: Float32Array,
    gradient: Float32Array,
    phases: Uint8Array,
    kernelGradient: Float32Array,
    biasGradient: Float32Array,
  ): void;
}

/** Products of matrices by TensorFlow's library. */
export interface ProductsAddon {
  /** Whether `multiply` can be called; the library must be loaded already. */
  openLibrary(path: string): boolean;
  /** Writes the last; a 1 says that a matrix is taken transposed. */
  multiply(
    rowsA: number,
    columnsA: number,
    isATransposed: number,
    rowsB: number,
    columnsB: number,
    isBTransposed: number,
    a: Float32Array,
    b: Float32Array,
    into: Float32Array,
  ): void;
}

/** The convolution by width; only those that this processor has. */
export interface Addon extends ProductsAddon {
  readonly avx512?: ConvolutionKernels;
  readonly avx2?: ConvolutionKernels;
}

/** The kernels to take, and a word on them for logs and `muster doctor`. */
export interface NativeKernels {
  readonly kernels?: ConvolutionKernels;
  readonly products?: ProductsAddon;
  /** `native, avx512`, or `wasm: ` and why. */
  readonly description: string;
}

const require = createRequire(import.meta.url);
/** From src/ and from dist/. */
const FILE = '../../native/dist/addon.node';

let chosen: NativeKernels | undefined;

/**
 * Looks once; `MUSTER_KERNELS=wasm` in the environment passes the addon over.
 */
export function nativeKernels(): NativeKernels {
  chosen ??= choose();
  return chosen;
}

/** The whole addon, for tests; nothing where it is not. */
export function loadAddon(): Addon | undefined {
  try {
    return require(FILE) as Addon;
  } catch {
    return undefined;
  }
}

function choose(): NativeKernels {
  if (process.env['MUSTER_KERNELS'] === 'wasm') {
    return { description: 'wasm: MUSTER_KERNELS asks for it' };
  }
  const addon = loadAddon();
  if (addon === undefined) {
    return { description: 'wasm: set-up compiled no native ones' };
  }
  const { avx512, avx2 } = addon;
  const products = addon;
  if (avx512) {
    return { kernels: avx512, products, description: 'native, avx512' };
  }
  if (avx2) return { kernels: avx2, products, description: 'native, avx2' };
  return { products, description: 'wasm: this processor has no AVX2' };
}
