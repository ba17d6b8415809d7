/** Dropout whose mask comes from the examples' own random stream. */
import type { RandomStream } from '@muster/data';
import type { layers } from '@tensorflow/tfjs';
import { replaceCall } from './replace-call.js';
import { tensorflow } from './tensorflow.js';

/**
 * Draws a mask, float32 `[length]`: 0 where `u < rate`, otherwise
 * `1 / (1 - rate)`, one number `u` of the stream an element, in order.
 * (Srivastava et al. 2014, scaled at training as Keras does.)
 */
export function dropoutMask(
  random: RandomStream,
  length: number,
  rate: number,
): Float32Array {
  const mask = new Float32Array(length);
  random.fillFloats(mask);
  const scale = 1 / (1 - rate);
  for (let i = 0; i < length; i += 1) {
    mask[i] = (mask[i] ?? 0) >= rate ? scale : 0;
  }
  return mask;
}

/**
 * Makes a Dropout layer draw from `currentStream()` in training. Several
 * layers draw from one stream in the order in which they are computed.
 */
export function keyDropout(
  layer: layers.Layer,
  currentStream: () => RandomStream,
): void {
  const { rate } = layer as unknown as { rate: number };
  replaceCall(layer, (input, isTraining) => {
    if (!isTraining || rate <= 0) return input;
    const tf = tensorflow();
    if (rate >= 1) return tf.zerosLike(input);
    const mask = dropoutMask(currentStream(), input.size, rate);
    return tf.mul(input, tf.tensor(mask, input.shape, 'float32'));
  });
}
