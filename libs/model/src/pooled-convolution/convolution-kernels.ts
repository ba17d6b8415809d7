/**
 * The WASM module of assembly/, and the memory that one batch size needs.
 */
import { WASM_MODULE } from '../generated/wasm-module.js';
import type { ConvolutionPlan } from './match-network.js';

/** What the module exports; addresses, lengths and counts are int32. */
export interface ConvolutionExports {
  scale(pixels: number, to: number, length: number): void;
  forward(...args: readonly number[]): void;
  backward(...args: readonly number[]): void;
  forward3x3(...args: readonly number[]): void;
  backward3x3(...args: readonly number[]): void;
}

/** Addresses in the module's memory, each a multiple of 64. */
export interface Regions {
  /** uint8 [count, rows, columns, channels] */
  readonly pixels: number;
  /** float32, the same shape: 0 to 1 */
  readonly images: number;
  /** float32 [taps, filters], or [filters / 4, taps, 4] for 3x3x1 */
  readonly kernel: number;
  /** float32 [filters] */
  readonly bias: number;
  /** int32 [taps]: bytes from a window's first pixel */
  readonly offsets: number;
  /** float32 [count, down, across, filters] */
  readonly pooled: number;
  /** uint8, the same shape */
  readonly phases: number;
  /** float32, the same shape */
  readonly gradient: number;
  /** float32 [across, 4, 4] */
  readonly routed: number;
  /** As the kernel. */
  readonly kernelGradient: number;
  /** float32 [filters] */
  readonly biasGradient: number;
  /** The end of all. */
  readonly end: number;
}

/** Lengths that follow from a plan. */
export interface Sizes {
  /** Windows down and across; a last incomplete row or column is left out. */
  readonly down: number;
  readonly across: number;
  /** Elements of one filter's kernel. */
  readonly taps: number;
  /** Elements of one image. */
  readonly image: number;
  /** Pooled outputs of one image. */
  readonly outputs: number;
}

const ALIGNMENT = 64;
const PAGE_BYTES = 65_536;

/** Windows, taps and lengths of a plan. */
export function sizesOf(plan: ConvolutionPlan): Sizes {
  const { rows, columns, channels, kernelRows, kernelColumns } = plan;
  const down = Math.floor((rows - kernelRows + 1) / 2);
  const across = Math.floor((columns - kernelColumns + 1) / 2);
  return {
    ...{ down, across },
    taps: kernelRows * kernelColumns * channels,
    image: rows * columns * channels,
    outputs: down * across * plan.filters,
  };
}

/** One instance of the module, with its own memory. */
export interface ConvolutionInstance {
  readonly wasm: ConvolutionExports;
  /** Its memory, which never grows. */
  readonly buffer: ArrayBuffer;
  /** Where in it what lies. */
  readonly at: Regions;
}

let compiled: WebAssembly.Module | undefined;

/** Makes an instance for batches of up to `count` images. */
export function createInstance(
  plan: ConvolutionPlan,
  count: number,
): ConvolutionInstance {
  compiled ??= new WebAssembly.Module(Buffer.from(WASM_MODULE, 'base64'));
  const at = regionsOf(plan, count);
  const initial = Math.ceil(at.end / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial, maximum: initial });
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  return {
    wasm: instance.exports as unknown as ConvolutionExports,
    buffer: memory.buffer,
    at,
  };
}

function regionsOf(plan: ConvolutionPlan, count: number): Regions {
  const { across, taps, image, outputs } = sizesOf(plan);
  let end = ALIGNMENT;
  const region = (bytes: number): number => {
    const begin = end;
    end = Math.ceil((begin + bytes) / ALIGNMENT) * ALIGNMENT;
    return begin;
  };
  const kernelBytes = 4 * taps * plan.filters;
  const regions = {
    pixels: region(count * image),
    // The last numbers of a batch are made four at a time.
    images: region(4 * count * image + ALIGNMENT),
    kernel: region(kernelBytes),
    bias: region(4 * plan.filters),
    offsets: region(4 * taps),
    pooled: region(4 * count * outputs),
    phases: region(count * outputs),
    gradient: region(4 * count * outputs),
    routed: region(64 * across),
    kernelGradient: region(kernelBytes),
    biasGradient: region(4 * plan.filters),
  };
  return { ...regions, end };
}
