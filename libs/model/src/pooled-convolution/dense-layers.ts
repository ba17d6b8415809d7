/**
 * Dense layers forward and backward, written out: the backend multiplies
 * matrices, and what is done element by element is done here, in one pass a
 * layer, since the hidden layers are small and an operation of the backend
 * costs more than the pass. Runs inside the caller's tidy.
 */
import type { RandomStream } from '@muster/data';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { dropoutMask } from '../keyed-dropout.js';
import { tensorflow } from '../tensorflow.js';
import type { DenseTensors } from './dense-parameters.js';
import type { DensePlan } from './match-network.js';

/** What one layer's gradient needs of the forward pass. */
interface Saved {
  /** After dropout: [count, inputs]. */
  readonly input: Tensor2D;
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
  plans: readonly DensePlan[],
  layers: readonly DenseTensors[],
  input: Tensor2D,
  random?: RandomStream,
): ForwardPass {
  const tf = tensorflow();
  const count = input.shape[0];
  const saved: Saved[] = [];
  let values: Float32Array | undefined;
  plans.forEach(({ inputs, dropoutRate }, i) => {
    const isDropped = random !== undefined && dropoutRate > 0;
    const mask = isDropped
      ? dropoutMask(random, count * inputs, dropoutRate)
      : undefined;
    const slope = activate(values, mask, plans[i - 1]?.activation);
    const x = values ?? (mask === undefined ? undefined : read(input));
    if (x !== undefined && slope !== undefined) multiply(x, slope);
    const tensor = x === undefined ? input : tf.tensor2d(x, [count, inputs]);
    const { kernel, bias } = layers[i] as DenseTensors;
    values = read(tf.matMul(tensor, kernel));
    addToRows(values, bias);
    saved.push({ input: tensor, slope });
  });
  return { logits: values ?? read(input), saved };
}

/**
 * Writes the gradients of all kernels and biases to their places in `into`,
 * and gives that of the layers' input, float32 [count, inputs].
 *
 * @param gradient by the logits, float32 [count, numClasses]; not kept
 * @param into float32 [numParameters]: the network's flat vector
 */
export function backward(
  plans: readonly DensePlan[],
  layers: readonly DenseTensors[],
  { saved }: ForwardPass,
  gradient: Float32Array,
  into: Float32Array,
): Float32Array {
  const tf = tensorflow();
  let values = gradient;
  for (let i = plans.length - 1; i >= 0; i--) {
    const { kernelOffset, biasOffset, units } = plans[i] as DensePlan;
    const { input, slope } = saved[i] as Saved;
    const dy = tf.tensor2d(values, [input.shape[0], units]);
    into.set(read(tf.matMul(input, dy, true, false)), kernelOffset);
    into.set(sumOfRows(values, units), biasOffset);
    const { kernel } = layers[i] as DenseTensors;
    values = read(tf.matMul(dy, kernel, false, true));
    if (slope !== undefined) multiply(values, slope);
  }
  return values;
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

function read(tensor: Tensor): Float32Array {
  return tensor.dataSync<'float32'>();
}
