/**
 * The dense layers' parameters as matrices. The native library works in place
 * on memory whose address is a multiple of 64, so its matrices are made once
 * over such memory, and new values are copied into it.
 */
import { alignedMemory } from './aligned-memory.js';
import type { DensePlan } from './match-network.js';
import type { Matrix, Products } from './products.js';

/** One layer's parameters. */
export interface DenseMatrices {
  /** [inputs, units] */
  readonly kernel: Matrix;
  /** float32 [units], on the host */
  readonly bias: Float32Array;
}

const ALIGNMENT = 16;

/** Elements up to the next address that is a multiple of 64 bytes. */
const aligned = (length: number): number =>
  Math.ceil(length / ALIGNMENT) * ALIGNMENT;

/** Holds one copy of all dense parameters. */
export class DenseParameters {
  readonly #plans: readonly DensePlan[];
  /** By plan: kernel and bias. */
  readonly #values: readonly (readonly [Float32Array, Float32Array])[];
  readonly #products: Products;
  #matrices: DenseMatrices[] = [];

  constructor(plans: readonly DensePlan[], products: Products) {
    this.#plans = plans;
    this.#products = products;
    const lengths = plans.flatMap(({ inputs, units }) => [
      inputs * units,
      units,
    ]);
    const total = lengths.reduce((sum, length) => sum + aligned(length), 0);
    const memory = alignedMemory(4 * (total + ALIGNMENT));
    let at = ALIGNMENT;
    const take = (length: number): Float32Array => {
      const values = new Float32Array(memory, 4 * at, length);
      at += aligned(length);
      return values;
    };
    this.#values = plans.map(
      ({ inputs, units }) => [take(inputs * units), take(units)] as const,
    );
  }

  /** Of the values that were set last. */
  get matrices(): readonly DenseMatrices[] {
    return this.#matrices;
  }

  /**
   * Sets the values.
   *
   * @param parameters float32 [numParameters]: the network's flat vector;
   *   copied, not kept
   */
  set(parameters: Float32Array): void {
    this.#plans.forEach(({ kernelOffset, biasOffset }, i) => {
      const [kernel, bias] = this.#values[i] as [Float32Array, Float32Array];
      copyFrom(parameters, kernelOffset, kernel);
      copyFrom(parameters, biasOffset, bias);
    });
    if (!this.#products.isShared || this.#matrices.length === 0)
      this.#makeMatrices();
  }

  /** Frees the matrices. */
  dispose(): void {
    for (const { kernel } of this.#matrices) this.#products.free(kernel);
    this.#matrices = [];
  }

  #makeMatrices(): void {
    this.dispose();
    this.#matrices = this.#plans.map(({ inputs, units }, i) => {
      const [kernel, bias] = this.#values[i] as [Float32Array, Float32Array];
      return {
        kernel: this.#products.lasting(kernel, inputs, units),
        bias,
      };
    });
  }
}

function copyFrom(from: Float32Array, offset: number, to: Float32Array): void {
  to.set(from.subarray(offset, offset + to.length));
}
