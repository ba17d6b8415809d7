/** From a topology to a TensorFlow.js Layers model, without waiting. */
import { MusterError } from '@muster/protocol';
import type { LayersModel, layers } from '@tensorflow/tfjs';
import {
  isJsonObject,
  textOf,
  type Json,
  type JsonObject,
} from './canonical-json.js';
import {
  checkLayers,
  plainLayers,
  subjectOf,
  unsupported,
} from './supported-layers.js';
import { tensorflow } from './tensorflow.js';

/** A weight of a layer: its value is a variable that `read` gives. */
export type LayerVariable = layers.Layer['trainableWeights'][number];

/** How a weight starts, as its layer says: a class name and its settings. */
export interface InitializerConfig {
  readonly className: string;
  readonly config: JsonObject;
}

/** A built network; its weights are zeros. */
export interface Network {
  /** Owned by the caller, who disposes it. */
  readonly model: LayersModel;
  /** The trained weights in the model's own order. */
  readonly weights: readonly LayerVariable[];
  /** How each of them starts, in the same order. */
  readonly initializers: readonly InitializerConfig[];
}

/** Keys whose lists begin with a layer's name, which stays as it is. */
const REFERENCES = ['inboundNodes', 'inputLayers', 'outputLayers'];

const camelCase = (text: string): string =>
  text.length <= 1 || !text.includes('_')
    ? text
    : text.replace(/_+(\w|$)/g, (_, letter: string) => letter.toUpperCase());

/**
 * Keras writes `kernel_size: 'glorot_uniform'`; the layers' `fromConfig` wants
 * `kernelSize: 'glorotUniform'`. Same rules as tfjs-layers has inside its
 * `modelFromJSON`, which gives its result only later.
 */
function toLayersConfig(value: Json, key = ''): unknown {
  if (typeof value === 'string') return camelCase(value);
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item, i) =>
      REFERENCES.includes(key) && i === 0 && typeof item === 'string'
        ? item
        : toLayersConfig(item, key),
    );
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([name, item]) => {
    if (name === 'name' && typeof item === 'string') return [name, item];
    return [camelCase(name), toLayersConfig(item, camelCase(name))];
  });
  return Object.fromEntries(entries) as unknown;
}

type FromConfig = (
  cls: unknown,
  config: unknown,
  customObjects: object,
  fastWeightInit: boolean,
) => LayersModel;

function construct(topology: JsonObject): LayersModel {
  const className = textOf(topology['class_name']);
  const known = tensorflow().serialization.SerializationMap.getMap();
  const entry = known.classNameMap[className];
  if (entry === undefined) {
    throw unsupported(`model class ${className}`, 'it is not known');
  }
  const [cls, fromConfig] = entry;
  const build = fromConfig as unknown as FromConfig;
  try {
    // The last argument makes every weight start as zeros: parameters are set
    // before each use, and drawing them twice would take time.
    return build(cls, toLayersConfig(topology['config'] ?? null), {}, true);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MusterError(
      'ERR_MODEL_UNSUPPORTED',
      `the network cannot be built from its topology: ${reason}`,
      { cause },
    );
  }
}

/** The last part of a weight's name: `depthwise_kernel`. */
const partName = (weight: LayerVariable): string =>
  weight.originalName.split('/').at(-1) ?? weight.originalName;

/** `kernel` starts as the layer's `kernelInitializer` says, and so on. */
function initializersOf(layer: layers.Layer): readonly InitializerConfig[] {
  const config = layer.getConfig() as Record<string, unknown>;
  return layer.trainableWeights.map((weight) => {
    const stem = camelCase(partName(weight).replace(/_kernel$/, ''));
    const found = config[`${stem}Initializer`];
    if (!isJsonObject(found) || !isJsonObject(found['config'])) {
      throw unsupported(
        subjectOf(layer),
        `how its weight '${partName(weight)}' starts is not known`,
      );
    }
    return { className: textOf(found['className']), config: found['config'] };
  });
}

/**
 * Builds the network on the active backend and checks its layers.
 *
 * @param topology normalized; not changed
 * @throws MusterError ERR_MODEL_UNSUPPORTED when TensorFlow.js cannot build it,
 *   or a layer cannot be trained reproducibly
 */
export function buildNetwork(topology: JsonObject): Network {
  const model = construct(topology);
  try {
    checkLayers(model);
    const weights = model.trainableWeights as readonly LayerVariable[];
    const initializers = plainLayers(model).flatMap(initializersOf);
    return { model, weights, initializers };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
