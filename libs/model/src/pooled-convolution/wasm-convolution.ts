/** The pooled convolution in WebAssembly with 128-bit SIMD: runs anywhere. */
import {
  createInstance,
  sizesOf,
  type ConvolutionInstance,
  type Sizes,
} from './convolution-kernels.js';
import { isSmall, type ConvolutionPlan } from './match-network.js';
import type {
  ConvolutionInput,
  PooledConvolution,
} from './pooled-convolution.js';

/** See {@link PooledConvolution}. */
export class WasmConvolution implements PooledConvolution {
  readonly sizes: Sizes;
  readonly #plan: ConvolutionPlan;
  /** Whether the kernel is 3x3 over one channel, which has loops of its own. */
  readonly #isSmall: boolean;
  /** Copies, as the loops take them. */
  readonly #kernel: Float32Array;
  readonly #bias: Float32Array;
  #instance: ConvolutionInstance | undefined;
  /** Images that the instance has room for. */
  #capacity = 0;
  /** Images of the last batch. */
  #count = 0;

  constructor(plan: ConvolutionPlan) {
    this.#plan = plan;
    this.sizes = sizesOf(plan);
    this.#isSmall = isSmall(plan);
    this.#kernel = new Float32Array(this.sizes.taps * plan.filters);
    this.#bias = new Float32Array(plan.filters);
  }

  setParameters(parameters: Float32Array): void {
    const { kernelOffset, biasOffset } = this.#plan;
    const [kernel, bias] = [this.#kernel, this.#bias];
    const endOf = (begin: number, { length }: Float32Array) => begin + length;
    kernel.set(parameters.subarray(kernelOffset, endOf(kernelOffset, kernel)));
    if (this.#isSmall) kernel.set(byGroups(kernel, this.#plan.filters));
    bias.set(parameters.subarray(biasOffset, endOf(biasOffset, bias)));
  }

  forward({ images, count }: ConvolutionInput): Float32Array {
    const { wasm, buffer, at } = this.#instanceFor(count);
    const { image, outputs } = this.sizes;
    new Uint8Array(buffer, at.pixels).set(images.subarray(0, count * image));
    new Float32Array(buffer, at.kernel).set(this.#kernel);
    new Float32Array(buffer, at.bias).set(this.#bias);
    this.#count = count;
    wasm.scale(at.pixels, at.images, count * image);
    if (this.#isSmall) {
      wasm.forward3x3(
        ...[at.images, at.kernel, at.bias, at.pooled, at.phases],
        ...this.#smallGeometry(),
      );
    } else {
      wasm.forward(
        ...[at.images, at.kernel, at.bias, at.offsets, at.pooled, at.phases],
        ...this.#geometry(),
      );
    }
    return new Float32Array(buffer, at.pooled, count * outputs);
  }

  backward(gradient: Float32Array, into: Float32Array): void {
    const { wasm, buffer, at } = this.#instanceFor(this.#count);
    const { kernelOffset, biasOffset, filters } = this.#plan;
    const { taps } = this.sizes;
    new Float32Array(buffer, at.gradient, gradient.length).set(gradient);
    const kernel = new Float32Array(buffer, at.kernelGradient, taps * filters);
    const bias = new Float32Array(buffer, at.biasGradient, filters);
    kernel.fill(0);
    bias.fill(0);
    if (this.#isSmall) {
      wasm.backward3x3(
        ...[at.images, at.gradient, at.phases],
        ...[at.kernelGradient, at.biasGradient],
        ...this.#smallGeometry(),
      );
      kernel.set(byTaps(kernel, filters));
    } else {
      wasm.backward(
        ...[at.images, at.gradient, at.phases, at.offsets, at.routed],
        ...[at.kernelGradient, at.biasGradient],
        ...this.#geometry(),
      );
    }
    into.set(kernel, kernelOffset);
    into.set(bias, biasOffset);
  }

  /** What both operations take last, in their order. */
  #geometry(): readonly number[] {
    const { columns, channels, filters } = this.#plan;
    const { down, across, taps, image } = this.sizes;
    const right = 4 * channels;
    const below = right * columns;
    return [
      ...[this.#count, 4 * image, down, across, right, below],
      ...[taps, filters],
    ];
  }

  #smallGeometry(): readonly number[] {
    const { columns, filters } = this.#plan;
    const { down, across, image } = this.sizes;
    return [this.#count, 4 * image, down, across, 4 * columns, filters];
  }

  #instanceFor(count: number): ConvolutionInstance {
    if (this.#instance !== undefined && count <= this.#capacity) {
      return this.#instance;
    }
    const instance = createInstance(this.#plan, count);
    this.#writeOffsets(instance);
    this.#instance = instance;
    this.#capacity = count;
    return instance;
  }

  #writeOffsets({ buffer, at }: ConvolutionInstance): void {
    const { kernelRows, kernelColumns, channels, columns } = this.#plan;
    const offsets = new Int32Array(buffer, at.offsets, this.sizes.taps);
    let tap = 0;
    for (let y = 0; y < kernelRows; y++) {
      for (let x = 0; x < kernelColumns; x++) {
        for (let c = 0; c < channels; c++) {
          offsets[tap++] = 4 * ((y * columns + x) * channels + c);
        }
      }
    }
  }
}

/** From [taps, filters] to [filters / 4, taps, 4]. */
function byGroups(kernel: Float32Array, filters: number): Float32Array {
  const taps = kernel.length / filters;
  return kernel.map((_, i) => {
    const [group, tap, lane] = [i / (4 * taps), (i / 4) % taps, i % 4].map(
      Math.floor,
    ) as [number, number, number];
    return kernel[tap * filters + 4 * group + lane] as number;
  });
}

/** From [filters / 4, taps, 4] to [taps, filters]. */
function byTaps(kernel: Float32Array, filters: number): Float32Array {
  const taps = kernel.length / filters;
  return kernel.map((_, i) => {
    const tap = Math.floor(i / filters);
    const filter = i % filters;
    const group = Math.floor(filter / 4);
    return kernel[(group * taps + tap) * 4 + (filter % 4)] as number;
  });
}
