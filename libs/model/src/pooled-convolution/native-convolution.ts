/** The pooled convolution in the native kernels: 3x3 over one channel. */
import { alignedFloats } from './aligned-memory.js';
import { sizesOf, type Sizes } from './convolution-kernels.js';
import type { ConvolutionPlan } from './match-network.js';
import type { ConvolutionKernels } from './native-kernels.js';
import type {
  ConvolutionInput,
  PooledConvolution,
} from './pooled-convolution.js';

/** Elements that the kernels want beyond the last scaled picture. */
const PADDING = 16;

/** What one batch size needs; views into longer arrays. */
interface Buffers {
  /** float32 [count * image + PADDING] */
  readonly scaled: Float32Array;
  /** float32 [count, outputs] */
  readonly pooled: Float32Array;
  /** uint8, the same shape */
  readonly phases: Uint8Array;
}

/** See {@link PooledConvolution}. */
export class NativeConvolution implements PooledConvolution {
  readonly sizes: Sizes;
  readonly #plan: ConvolutionPlan;
  readonly #kernels: ConvolutionKernels;
  /** Copies. */
  readonly #kernel: Float32Array;
  readonly #bias: Float32Array;
  /** Of the largest batch so far. */
  #room: Buffers | undefined;
  /** Images of the last batch. */
  #count = 0;

  constructor(plan: ConvolutionPlan, kernels: ConvolutionKernels) {
    this.#plan = plan;
    this.#kernels = kernels;
    this.sizes = sizesOf(plan);
    this.#kernel = new Float32Array(this.sizes.taps * plan.filters);
    this.#bias = new Float32Array(plan.filters);
  }

  setParameters(parameters: Float32Array): void {
    const { kernel, bias } = this.#partsOf(parameters);
    this.#kernel.set(kernel);
    this.#bias.set(bias);
  }

  forward({ images, count }: ConvolutionInput): Float32Array {
    const { scaled, pooled, phases } = this.#buffersFor(count);
    this.#count = count;
    this.#kernels.forward(
      ...this.#geometry(count),
      images.subarray(0, count * this.sizes.image),
      ...([this.#kernel, this.#bias, scaled, pooled, phases] as const),
    );
    return pooled;
  }

  backward(gradient: Float32Array, into: Float32Array): void {
    const { scaled, phases } = this.#buffersFor(this.#count);
    const { kernel, bias } = this.#partsOf(into);
    this.#kernels.backward(
      ...this.#geometry(this.#count),
      ...([scaled, gradient, phases, kernel, bias] as const),
    );
  }

  /** What both kernels take first. */
  #geometry(count: number) {
    const { rows, columns, filters } = this.#plan;
    return [count, rows, columns, filters / 4] as const;
  }

  /** Views of kernel and bias in the network's flat vector. */
  #partsOf(flat: Float32Array) {
    const { kernelOffset, biasOffset } = this.#plan;
    const end = kernelOffset + this.#kernel.length;
    return {
      kernel: flat.subarray(kernelOffset, end),
      bias: flat.subarray(biasOffset, biasOffset + this.#bias.length),
    };
  }

  #buffersFor(count: number): Buffers {
    const { image, outputs } = this.sizes;
    const length = count * outputs;
    if (this.#room === undefined || this.#room.phases.length < length) {
      const floats = count * image + PADDING;
      this.#room = {
        scaled: alignedFloats(floats),
        pooled: alignedFloats(length),
        phases: new Uint8Array(length),
      };
    }
    const { scaled, pooled, phases } = this.#room;
    return {
      scaled: scaled.subarray(0, count * image + PADDING),
      pooled: pooled.subarray(0, length),
      phases: phases.subarray(0, length),
    };
  }
}
