/**
 * Dense layers forward and backward, written out: the backend multiplies
 * matrices, and what is done element by element is done here, in one pass a
 * layer, since the hidden layers are small and an operation of the backend
 * costs more than the pass. Runs inside the caller's scope of products.
 */
import type { RandomStream } from '@muster/data';
import { dropoutMask } from '../keyed-dropout.js';
import type { DenseMatrices } from './dense-parameters.js';
import type { DensePlan } from './match-network.js';
import type { Matrix, Products } from './products.js';

/** Layers with their parameters, and who multiplies. */
export interface DenseLayers {
  readonly plans: readonly DensePlan[];
  readonly matrices: readonly DenseMatrices[];
  readonly products: Products;
}

/** What one layer's gradient needs of the forward pass. */
interface Saved {
  /** After dropout: [count, inputs]. */
  readonly input: Matrix;
  /**
   * Slope of `input` by the outputs of the layer below, float32 [count,
   * inputs]: that of its activation times the dropout mask.
   */
  readonly slope: Float32Array | undefined;
}

/** The outputs of the last layer, and what {@link backward} needs. */
export interface ForwardPass {
  /** float32 [count, numClasses] */
  readonly logits: Float32Array;
  readonly saved: readonly Saved[];
}

/**
 * Computes the logits of `input`, float32 [count, inputs].
 *
 * @param random where dropout draws from, layer by layer; without it there is
 *   none
 */
export function forward(
  { plans, matrices, products }: DenseLayers,
  input: Matrix,
  random?: RandomStream,
): ForwardPass {
  const count = input.rows;
  const saved: Saved[] = [];
  let values: Float32Array | undefined;
  plans.forEach(({ inputs, dropoutRate }, i) => {
    const isDropped = random !== undefined && dropoutRate > 0;
    const mask = isDropped
      ? dropoutMask(random, count * inputs, dropoutRate)
      : undefined;
    const slope = activate(values, mask, plans[i - 1]?.activation);
    const x = values ?? (mask === undefined ? undefined : input.values);
    if (x !== undefined && slope !== undefined) multiply(x, slope);
    const a = x === undefined ? input : products.matrix(x, count, inputs);
    const { kernel, bias } = matrices[i] as DenseMatrices;
    values = products.multiply({ a, b: kernel });
    addToRows(values, bias);
    saved.push({ input: a, slope });
  });
  return { logits: values ?? input.values, saved };
}

/** What {@link backward} begins with, and where its results go. */
export interface BackwardInput {
  readonly pass: ForwardPass;
  /** By the logits, float32 [count, numClasses]; not kept. */
  readonly gradient: Float32Array;
  /** float32 [numParameters]: the network's flat vector. */
  readonly into: Float32Array;
  /** float32 [count, inputs]: overwritten by the gradient of the input. */
  readonly inputGradient: Float32Array;
}

/**
 * Writes the gradients of all kernels and biases to their places in `into`,
 * and that of the layers' input.
 */
export function backward(
  { plans, matrices, products }: DenseLayers,
  { pass, gradient, into, inputGradient }: BackwardInput,
): void {
  let values = gradient;
  for (let i = plans.length - 1; i >= 0; i--) {
    const { kernelOffset, biasOffset, inputs, units } = plans[i] as DensePlan;
    const { input, slope } = pass.saved[i] as Saved;
    const b = products.matrix(values, input.rows, units);
    const end = kernelOffset + inputs * units;
    const part = into.subarray(kernelOffset, end);
    products.multiply({ a: input, isATransposed: true, b, into: part });
    into.set(sumOfRows(values, units), biasOffset);
    const { kernel } = matrices[i] as DenseMatrices;
    values = products.multiply({
      ...{ a: b, b: kernel, isBTransposed: true },
      into: i === 0 ? inputGradient : undefined,
    });
    if (slope !== undefined) multiply(values, slope);
  }
}

/** The slope of relu at its inputs times the mask after it, if there is any. */
function activate(
  inputs: Float32Array | undefined,
  mask: Float32Array | undefined,
  activation: DensePlan['activation'] | undefined,
): Float32Array | undefined {
  if (inputs === undefined || activation !== 'relu') return mask;
  const slope = mask ?? new Float32Array(inputs.length).fill(1);
  for (let i = 0; i < slope.length; i++) {
    if (!((inputs[i] as number) > 0)) slope[i] = 0;
  }
  return slope;
}

function multiply(values: Float32Array, factors: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    values[i] = (values[i] as number) * (factors[i] as number);
  }
}

function addToRows(values: Float32Array, row: Float32Array): void {
  const { length } = row;
  for (let i = 0; i < values.length; i += length) {
    for (let j = 0; j < length; j++) {
      values[i + j] = (values[i + j] as number) + (row[j] as number);
    }
  }
}

/** In float64, rounded to float32 at the end. */
function sumOfRows(values: Float32Array, length: number): Float64Array {
  const sums = new Float64Array(length);
  for (let i = 0; i < values.length; i += length) {
    for (let j = 0; j < length; j++) {
      sums[j] = (sums[j] as number) + (values[i + j] as number);
    }
  }
  return sums;
}
