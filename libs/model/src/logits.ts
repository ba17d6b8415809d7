/**
 * The softmax at a network's end. Training and evaluation take the logits
 * before it, since `log(softmax(x))` loses small probabilities.
 */
import type { LayersModel, Tensor, layers } from '@tensorflow/tfjs';
import { replaceCall } from './replace-call.js';
import { subjectOf, unsupported } from './supported-layers.js';
import { tensorflow } from './tensorflow.js';

type Layer = layers.Layer;
interface Activated {
  activation: { getClassName(): string };
}

/** The layer that computes a network's first output. */
function lastLayer(model: LayersModel): Layer {
  const layer = model.outputs[0]?.sourceLayer as Layer;
  const inner = (layer as Partial<LayersModel>).outputs;
  return inner === undefined
    ? layer
    : lastLayer(layer as unknown as LayersModel);
}

/**
 * Finds the layer that computes the final softmax.
 *
 * @throws MusterError ERR_MODEL_UNSUPPORTED that names the last layer when it
 *   is none, or is used at several places
 */
export function findSoftmax(model: LayersModel): Layer {
  const layer = lastLayer(model);
  const className = layer.getClassName();
  const isSoftmax =
    className === 'Softmax' ||
    (['Dense', 'Activation'].includes(className) &&
      (layer as unknown as Activated).activation.getClassName() === 'softmax');
  if (!isSoftmax) {
    throw unsupported(
      subjectOf(layer),
      'the last layer must be Dense or Activation with softmax, or Softmax, ' +
        'since the loss is the cross-entropy of probabilities',
    );
  }
  const { axis } = layer as unknown as { axis?: number };
  if (className === 'Softmax' && axis !== 1 && axis !== -1) {
    throw unsupported(
      subjectOf(layer),
      `its axis is ${String(axis)}, expected -1: the classes`,
    );
  }
  if (layer.inboundNodes.length > 1) {
    throw unsupported(
      subjectOf(layer),
      `the last layer is used ${layer.inboundNodes.length} times, expected once`,
    );
  }
  return layer;
}

/** Changes this instance of a network so that it gives logits. */
export function takeLogits(model: LayersModel): void {
  const layer = findSoftmax(model);
  if (layer.getClassName() !== 'Dense') {
    replaceCall(layer, (input: Tensor) => input);
    return;
  }
  const linear = tensorflow().layers.activation({ activation: 'linear' });
  (layer as unknown as Activated).activation = (
    linear as unknown as Activated
  ).activation;
}
