import { replaceCall } from './replace-call.js';
import { subjectOf, unsupported } from './supported-layers.js';
import { tensorflow } from './tensorflow.js';
/** The layer that computes a network's first output. */
function lastLayer(model) {
    const layer = model.outputs[0]?.sourceLayer;
    const inner = layer.outputs;
    return inner === undefined ? layer : lastLayer(layer);
}
/**
 * Finds the layer that computes the final softmax.
 *
 * @throws MusterError ERR_MODEL_UNSUPPORTED that names the last layer when it
 *   is none, or is used at several places
 */
export function findSoftmax(model) {
    const layer = lastLayer(model);
    const className = layer.getClassName();
    const isSoftmax = className === 'Softmax' ||
        (['Dense', 'Activation'].includes(className) &&
            layer.activation.getClassName() === 'softmax');
    if (!isSoftmax) {
        throw unsupported(subjectOf(layer), 'the last layer must be Dense or Activation with softmax, or Softmax, ' +
            'since the loss is the cross-entropy of probabilities');
    }
    const { axis } = layer;
    if (className === 'Softmax' && axis !== 1 && axis !== -1) {
        throw unsupported(subjectOf(layer), `its axis is ${String(axis)}, expected -1: the classes`);
    }
    if (layer.inboundNodes.length > 1) {
        throw unsupported(subjectOf(layer), `the last layer is used ${layer.inboundNodes.length} times, expected once`);
    }
    return layer;
}
/** Changes this instance of a network so that it gives logits. */
export function takeLogits(model) {
    const layer = findSoftmax(model);
    if (layer.getClassName() !== 'Dense') {
        replaceCall(layer, (input) => input);
        return;
    }
    const linear = tensorflow().layers.activation({ activation: 'linear' });
    layer.activation = linear.activation;
}
