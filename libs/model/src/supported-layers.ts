/**
 * Which layers can be trained reproducibly: those that compute the same from
 * the same input and parameters. What holds random state, or state that is
 * not a gradient's business, is refused by name.
 */
import { MusterError } from '@muster/protocol';
import type { layers } from '@tensorflow/tfjs';
import { textOf } from './canonical-json.js';

type Layer = layers.Layer;

const SUPPORTED: ReadonlySet<string> = new Set([
  ...['InputLayer', 'Sequential', 'Functional', 'Model'],
  ...['Dense', 'Conv1D', 'Conv2D', 'Conv2DTranspose'],
  ...['SeparableConv2D', 'DepthwiseConv2D'],
  ...['MaxPooling1D', 'MaxPooling2D', 'AveragePooling1D', 'AveragePooling2D'],
  ...['GlobalMaxPooling1D', 'GlobalMaxPooling2D'],
  ...['GlobalAveragePooling1D', 'GlobalAveragePooling2D'],
  ...['Flatten', 'Reshape', 'Permute', 'RepeatVector'],
  ...['ZeroPadding2D', 'Cropping2D', 'Rescaling'],
  ...['Add', 'Multiply', 'Average', 'Maximum', 'Minimum', 'Concatenate'],
  ...['Activation', 'ReLU', 'LeakyReLU', 'PReLU', 'ELU', 'Softmax'],
  ...['LayerNormalization', 'Dropout'],
]);

const RANDOM = 'it draws random numbers that cannot be keyed to the examples';
const REASONS: Readonly<Record<string, string>> = {
  BatchNormalization:
    'its moving statistics are state beside the parameters; use LayerNormalization',
  GaussianNoise: RANDOM,
  GaussianDropout: RANDOM,
  AlphaDropout: RANDOM,
  SpatialDropout1D: `${RANDOM}; use Dropout`,
  RandomWidth: RANDOM,
  Embedding: 'its input is indices, and the examples are pictures',
};

/** A refusal that names the layer and what to do. */
export function unsupported(subject: string, reason: string): MusterError {
  return new MusterError(
    'ERR_MODEL_UNSUPPORTED',
    `${subject} cannot be trained here: ${reason}`,
  );
}

/** The layers inside a network, none for a plain layer. */
function innerLayers(layer: Layer): readonly Layer[] {
  const inner = (layer as { layers?: unknown }).layers;
  return Array.isArray(inner) ? (inner as Layer[]) : [];
}

/** All plain layers of a network in layer order, those of inner networks too. */
export function plainLayers(model: Layer): readonly Layer[] {
  const inner = innerLayers(model);
  return inner.length === 0 ? [model] : inner.flatMap(plainLayers);
}

/** `layer 'noise' (GaussianNoise)`. */
export function subjectOf(layer: Layer): string {
  return `layer '${layer.name}' (${layer.getClassName()})`;
}

function checkConfig(layer: Layer): void {
  for (const [key, value] of Object.entries(layer.getConfig())) {
    if (value === null || value === undefined) continue;
    if (/(Constraint|Regularizer)$/.test(key)) {
      const what = key.replace(/([A-Z])/g, ' $1').toLowerCase();
      throw unsupported(subjectOf(layer), `it has a ${what}; leave it out`);
    }
    if (key === 'dataFormat' && value === 'channelsFirst') {
      throw unsupported(
        subjectOf(layer),
        'its data format is channels_first, expected channels_last',
      );
    }
    if (key === 'dilationRate' && [value].flat().some((rate) => rate !== 1)) {
      throw unsupported(
        subjectOf(layer),
        `its dilation rate is ${textOf(value)}, expected 1: TensorFlow.js has ` +
          'no gradient for more',
      );
    }
    if (key === 'noiseShape') {
      throw unsupported(subjectOf(layer), 'it has a noise shape; leave it out');
    }
  }
}

/**
 * Checks every layer of a built network.
 *
 * @throws MusterError ERR_MODEL_UNSUPPORTED that names the first layer at fault
 */
export function checkLayers(model: Layer): void {
  for (const layer of plainLayers(model)) {
    const className = layer.getClassName();
    if (!SUPPORTED.has(className)) {
      const reason =
        REASONS[className] ??
        `its class is none of ${[...SUPPORTED].join(', ')}`;
      throw unsupported(subjectOf(layer), reason);
    }
    if (layer.nonTrainableWeights.length > 0) {
      throw unsupported(
        subjectOf(layer),
        'it has weights that are not trained; set trainable to true',
      );
    }
    checkConfig(layer);
  }
}
