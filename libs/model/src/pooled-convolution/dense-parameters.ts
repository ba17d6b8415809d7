/**
 * The dense layers' parameters on the backend. The native library works in
 * place on memory whose address is a multiple of 64, so its tensors are made
 * once over such memory, and new values are copied into it.
 */
import type { Tensor2D } from '@tensorflow/tfjs';
import { tensorflow } from '../tensorflow.js';
import { alignedMemory } from './aligned-memory.js';
import type { DensePlan } from './match-network.js';

/** One layer's tensors. */
export interface DenseTensors {
  /** float32 [inputs, units] */
  readonly kernel: Tensor2D;
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
  /** Whether tensors see what is written to the memory under them. */
  readonly #isShared: boolean;
  #tensors: DenseTensors[] = [];

  constructor(plans: readonly DensePlan[]) {
    this.#plans = plans;
    const lengths = plans.flatMap(({ inputs, units }) => [
      inputs * units,
      units,
    ]);
    const total = lengths.reduce((sum, length) => sum + aligned(length), 0);
    const memory = alignedMemory(4 * (total + ALIGNMENT));
    this.#isShared = isShared(new Float32Array(memory, 0, ALIGNMENT));
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
  get tensors(): readonly DenseTensors[] {
    return this.#tensors;
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
    if (!this.#isShared || this.#tensors.length === 0) this.#makeTensors();
  }

  /** Frees the tensors. */
  dispose(): void {
    for (const { kernel } of this.#tensors) kernel.dispose();
    this.#tensors = [];
  }

  #makeTensors(): void {
    this.dispose();
    const tf = tensorflow();
    this.#tensors = this.#plans.map(({ inputs, units }, i) => {
      const [kernel, bias] = this.#values[i] as [Float32Array, Float32Array];
      return {
        kernel: tf.keep(tf.tensor2d(kernel, [inputs, units])),
        bias,
      };
    });
  }
}

function copyFrom(from: Float32Array, offset: number, to: Float32Array): void {
  to.set(from.subarray(offset, offset + to.length));
}

/** Tries it out: writes below a tensor that an operation has seen already. */
function isShared(memory: Float32Array): boolean {
  const tf = tensorflow();
  let seen = 0;
  tf.tidy(() => {
    const tensor = tf.tensor1d(memory.fill(1));
    tf.neg(tensor).dataSync();
    memory.fill(2);
    seen = tf.neg(tensor).dataSync()[0] ?? 0;
  });
  return seen === -2;
}
