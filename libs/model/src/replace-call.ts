/** Other arithmetic for one instance of a layer. */
import type { Tensor, layers } from '@tensorflow/tfjs';
import { tensorflow } from './tensorflow.js';

/**
 * Makes this instance compute its output with `compute`, inside a tidy.
 * `isTraining` is false in evaluation and prediction.
 *
 * @param compute - gives a tensor that the caller's tidy owns.
 */
export function replaceCall(
  layer: layers.Layer,
  compute: (input: Tensor, isTraining: boolean) => Tensor,
): void {
  layer.call = (inputs, kwargs) => {
    const input = Array.isArray(inputs) ? inputs[0] : inputs;
    if (input === undefined) throw new TypeError('a layer without input');
    const isTraining = Boolean(kwargs['training']);
    return tensorflow().tidy(() => compute(input, isTraining));
  };
}
