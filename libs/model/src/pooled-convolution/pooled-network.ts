/** A matched network's logits and gradient, without automatic differentiation. */
import type { RandomStream } from '@muster/data';
import type { Tensor2D } from '@tensorflow/tfjs';
import { crossEntropy, type BatchLoss } from '../cross-entropy.js';
import type { ParametersInput } from '../device-parameters.js';
import { tensorflow } from '../tensorflow.js';
import { backward, forward } from './dense-layers.js';
import { DenseParameters, type DenseTensors } from './dense-parameters.js';
import type { PooledNetworkPlan } from './match-network.js';
import {
  createPooledConvolution,
  type PooledConvolution,
} from './pooled-convolution.js';

/** Examples, and the parameters to compute at. */
export interface PooledInput extends ParametersInput {
  /** uint8 [count, rows, columns, channels] */
  readonly images: Uint8Array;
  readonly count: number;
}

/** Examples with their labels. */
export interface PooledGradientInput extends PooledInput {
  readonly labels: Uint8Array;
  readonly random: RandomStream;
  /** float32 [numParameters], overwritten. */
  readonly into: Float32Array;
}

/** Lengths have been checked by the replica that owns it. */
export class PooledNetwork {
  readonly #plan: PooledNetworkPlan;
  readonly #numClasses: number;
  readonly #convolution: PooledConvolution;
  readonly #dense: DenseParameters;
  #version: number | undefined;

  constructor(plan: PooledNetworkPlan, numClasses: number) {
    this.#plan = plan;
    this.#numClasses = numClasses;
    this.#convolution = createPooledConvolution(plan.convolution);
    this.#dense = new DenseParameters(plan.dense);
  }

  /**
   * Writes the gradient of the sum of the losses to `into`.
   *
   * @throws MusterError ERR_DATASET_MISMATCH for a label out of range
   */
  gradient(input: PooledGradientInput): BatchLoss {
    const tf = tensorflow();
    const { labels, random, into, count } = input;
    const { dense } = this.#plan;
    const tensors = this.#upload(input);
    let loss: BatchLoss = { count, lossSum: 0, correct: 0 };
    // Nothing is returned: tidy walks what is, element by element.
    tf.tidy(() => {
      const pass = forward(dense, tensors, this.#pooled(input), random);
      const slope = new Float32Array(pass.logits.length);
      loss = crossEntropy(pass.logits, labels, this.#numClasses, slope);
      const dx = backward(dense, tensors, pass, slope, into);
      this.#convolution.backward(dx, into);
    });
    return loss;
  }

  /** Writes float32 [count, numClasses] to `into`, without dropout. */
  logits(input: PooledInput, into: Float32Array): void {
    const tensors = this.#upload(input);
    tensorflow().tidy(() => {
      const pass = forward(this.#plan.dense, tensors, this.#pooled(input));
      into.set(pass.logits);
    });
  }

  /** Frees the tensors. */
  dispose(): void {
    this.#dense.dispose();
    this.#version = undefined;
  }

  /** Sets the parameters, unless they have the version of the last ones. */
  #upload({ parameters, version }: ParametersInput): readonly DenseTensors[] {
    if (version === undefined || version !== this.#version) {
      this.#version = undefined;
      this.#convolution.setParameters(parameters);
      this.#dense.set(parameters);
      this.#version = version;
    }
    return this.#dense.tensors;
  }

  #pooled(input: PooledInput): Tensor2D {
    const { sizes } = this.#convolution;
    const pooled = this.#convolution.forward(input);
    return tensorflow().tensor2d(pooled, [input.count, sizes.outputs]);
  }
}
