/**
 * Keras's initializers in plain arithmetic, each tensor from a random stream
 * of its own: the start depends on the seed alone, not on a backend.
 */
import type { RandomStream } from '@muster/data';
import type { InitializerConfig } from './build-network.js';
import { textOf, type JsonObject } from './canonical-json.js';
import type { ModelDescription } from './describe-model.js';
import { sizeOf } from './size-of.js';
import { unsupported } from './supported-layers.js';

/** Makes the random stream of a key of uint32 numbers. */
export type CreateStream = (...key: number[]) => RandomStream;

/** Second number of the streams' key: 'init' in ASCII. */
const PURPOSE = 0x696e6974;

/**
 * Standard deviation of a normal variable cut at two standard deviations;
 * Keras divides by it, so that the cut one has the wanted deviation.
 */
const TRUNCATED_DEVIATION = 0.8796256610342398;

type Draw = (random: RandomStream) => number;
type Factory = (config: JsonObject, shape: readonly number[]) => Draw;

const numberOf = (config: JsonObject, key: string, other: number): number => {
  const value = config[key];
  return typeof value === 'number' ? value : other;
};

const uniform =
  (low: number, high: number): Draw =>
  (random) =>
    low + (high - low) * random.nextFloat();

const truncatedNormal =
  (mean: number, deviation: number): Draw =>
  (random) =>
    mean + deviation * random.nextTruncatedNormal();

/**
 * Inputs and outputs of one unit, as Keras counts them: the last two lengths,
 * times the kernel's area; a vector's length is both.
 */
function fansOf(shape: readonly number[]): readonly [number, number] {
  if (shape.length < 2) return [sizeOf(shape), sizeOf(shape)];
  const area = sizeOf(shape.slice(0, -2));
  return [area * (shape.at(-2) ?? 1), area * (shape.at(-1) ?? 1)];
}

/** Glorot & Bengio 2010, He et al. 2015, LeCun et al. 1998 are cases of it. */
const varianceScaling: Factory = (config, shape) => {
  const [fanIn, fanOut] = fansOf(shape);
  const mode = textOf(config['mode'] ?? 'fanIn').replace(/_/g, '');
  const fans = { fanin: fanIn, fanout: fanOut, fanavg: (fanIn + fanOut) / 2 };
  const fan = fans[mode.toLowerCase() as keyof typeof fans];
  const variance = numberOf(config, 'scale', 1) / Math.max(1, fan);
  if (config['distribution'] === 'uniform') {
    const limit = Math.sqrt(3 * variance);
    return uniform(-limit, limit);
  }
  return truncatedNormal(0, Math.sqrt(variance) / TRUNCATED_DEVIATION);
};

const scaled =
  (scale: number, mode: string, distribution: string): Factory =>
  (_, shape) =>
    varianceScaling({ scale, mode, distribution }, shape);

/** By the class names that TensorFlow.js writes. */
const FACTORIES: Readonly<Record<string, Factory>> = {
  Zeros: () => () => 0,
  Ones: () => () => 1,
  Constant: (config) => {
    const value = numberOf(config, 'value', 0);
    return () => value;
  },
  RandomUniform: (config) =>
    uniform(
      numberOf(config, 'minval', -0.05),
      numberOf(config, 'maxval', 0.05),
    ),
  RandomNormal: (config) => {
    const mean = numberOf(config, 'mean', 0);
    const deviation = numberOf(config, 'stddev', 0.05);
    return (random) => mean + deviation * random.nextNormal();
  },
  TruncatedNormal: (config) =>
    truncatedNormal(
      numberOf(config, 'mean', 0),
      numberOf(config, 'stddev', 0.05),
    ),
  VarianceScaling: varianceScaling,
  GlorotUniform: scaled(1, 'fanAvg', 'uniform'),
  GlorotNormal: scaled(1, 'fanAvg', 'normal'),
  HeUniform: scaled(2, 'fanIn', 'uniform'),
  HeNormal: scaled(2, 'fanIn', 'normal'),
  LeCunUniform: scaled(1, 'fanIn', 'uniform'),
  LeCunNormal: scaled(1, 'fanIn', 'normal'),
};

/**
 * Checks that an initializer is one of Keras's that can be drawn here.
 *
 * @throws MusterError ERR_MODEL_UNSUPPORTED that names tensor and initializer
 */
export function checkInitializer(
  initializer: InitializerConfig,
  tensorName: string,
): void {
  if (Object.hasOwn(FACTORIES, initializer.className)) return;
  throw unsupported(
    `tensor '${tensorName}'`,
    `its initializer ${initializer.className} is none of ` +
      Object.keys(FACTORIES).join(', '),
  );
}

/**
 * Draws a run's first parameters: float32 `[numParameters]`, owned by the
 * caller. Tensor `i` of the layout is drawn from the stream of key
 * `(seed, 0x696e6974, i)`, element by element.
 *
 * @param seed a uint32
 * @throws MusterError ERR_MODEL_UNSUPPORTED for an unknown initializer
 */
export function initialParameters(
  description: ModelDescription,
  createStream: CreateStream,
  seed: number,
): Float32Array {
  const parameters = new Float32Array(description.numParameters);
  description.layout.forEach(({ name, shape, offset }, index) => {
    const initializer = description.initializers[index] ?? {
      className: 'none',
      config: {},
    };
    checkInitializer(initializer, name);
    const draw = FACTORIES[initializer.className]?.(initializer.config, shape);
    const random = createStream(seed, PURPOSE, index);
    const end = offset + sizeOf(shape);
    for (let i = offset; i < end; i += 1) parameters[i] = draw?.(random) ?? 0;
  });
  return parameters;
}
