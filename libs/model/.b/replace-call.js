import { tensorflow } from './tensorflow.js';
/**
 * Makes this instance compute its output with `compute`, inside a tidy.
 * `isTraining` is false in evaluation and prediction.
 */
export function replaceCall(layer, compute) {
    layer.call = (inputs, kwargs) => {
        const input = Array.isArray(inputs) ? inputs[0] : inputs;
        if (input === undefined)
            throw new TypeError('a layer without input');
        const isTraining = Boolean(kwargs['training']);
        return tensorflow().tidy(() => compute(input, isTraining));
    };
}
