/** A matched network's logits and gradient, without automatic differentiation. */
import { crossEntropy, type BatchLoss } from '../cross-entropy.js';
import type { ParametersInput } from '../device-parameters.js';
import type {
  Batch,
  DifferentiableNetwork,
  GradientBatch,
} from '../differentiable-network.js';
import { alignedFloats } from './aligned-memory.js';
import { backward, forward, type DenseLayers } from './dense-layers.js';
import { DenseParameters } from './dense-parameters.js';
import type { PooledNetworkPlan } from './match-network.js';
import {
  createPooledConvolution,
  type PooledConvolution,
} from './pooled-convolution.js';
import { createProducts, type Matrix } from './products.js';

/** See {@link DifferentiableNetwork}. */
export class PooledNetwork implements DifferentiableNetwork {
  readonly #plan: PooledNetworkPlan;
  readonly #numClasses: number;
  readonly #convolution: PooledConvolution;
  readonly #dense: DenseParameters;
  readonly #products = createProducts();
  /** By the pooled outputs, of the largest batch so far. */
  #inputGradient: Float32Array = new Float32Array();
  #version: number | undefined;

  constructor(plan: PooledNetworkPlan, numClasses: number) {
    this.#plan = plan;
    this.#numClasses = numClasses;
    this.#convolution = createPooledConvolution(plan.convolution);
    this.#dense = new DenseParameters(plan.dense, this.#products);
  }

  gradient(input: GradientBatch): BatchLoss {
    const { labels, random, into, count } = input;
    const layers = this.#upload(input);
    let loss: BatchLoss = { count, lossSum: 0, correct: 0 };
    this.#products.scope(() => {
      const pass = forward(layers, this.#pooled(input), random);
      const gradient = new Float32Array(pass.logits.length);
      loss = crossEntropy(pass.logits, labels, this.#numClasses, gradient);
      const inputGradient = this.#inputGradientOf(count);
      backward(layers, { pass, gradient, into, inputGradient });
      this.#convolution.backward(inputGradient, into);
    });
    return loss;
  }

  logits(input: Batch, into: Float32Array): void {
    const layers = this.#upload(input);
    this.#products.scope(() => {
      const pass = forward(layers, this.#pooled(input));
      into.set(pass.logits);
    });
  }

  dispose(): void {
    this.#dense.dispose();
    this.#version = undefined;
  }

  /** Sets the parameters, unless they have the version of the last ones. */
  #upload({ parameters, version }: ParametersInput): DenseLayers {
    if (version === undefined || version !== this.#version) {
      this.#version = undefined;
      this.#convolution.setParameters(parameters);
      this.#dense.set(parameters);
      this.#version = version;
    }
    return {
      plans: this.#plan.dense,
      matrices: this.#dense.matrices,
      products: this.#products,
    };
  }

  #pooled(input: Batch): Matrix {
    const { outputs } = this.#convolution.sizes;
    const pooled = this.#convolution.forward(input);
    return this.#products.matrix(pooled, input.count, outputs);
  }

  #inputGradientOf(count: number): Float32Array {
    const length = count * this.#convolution.sizes.outputs;
    if (this.#inputGradient.length < length) {
      this.#inputGradient = alignedFloats(length);
    }
    return this.#inputGradient.subarray(0, length);
  }
}
