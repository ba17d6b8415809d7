import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from './canonical-json.js';
import { describeModel } from './describe-model.js';
import { notebookTopology } from './notebook-topology.js';
import { tensorflow } from './tensorflow.js';
import { classifier, layer, sequential } from './testing/small-networks.js';
import { topologyOf } from './user-model.js';

const MNIST = { rows: 28, columns: 28, channels: 1, numClasses: 10 };

/** The same JSON with every object's keys the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(
    entries.map(([key, item]) => [key, reversed(item)]),
  );
}

/** A network as a person builds it, without a name anywhere. */
function branched(): unknown {
  const tf = tensorflow();
  const input = tf.input({ shape: [6, 6, 1] });
  const flat = tf.layers.flatten().apply(input) as ReturnType<typeof tf.input>;
  const branch = () =>
    tf.layers.dense({ units: 3 }).apply(flat) as ReturnType<typeof tf.input>;
  const joined = tf.layers.add().apply([branch(), branch()]);
  const outputs = tf.layers.softmax().apply(joined) as typeof input;
  const model = tf.model({ inputs: input, outputs });
  const topology = topologyOf(model);
  model.dispose();
  return topology;
}

describe('describeModel', () => {
  it("lays out the notebook's 607,394 parameters", () => {
    const description = describeModel(notebookTopology(MNIST));
    // 26x26 after the convolution, 13x13 after the pooling, 28 channels:
    // 13 * 13 * 28 = 4732 inputs of the first Dense layer.
    expect(description.layout).toEqual([
      { name: 'conv2d/kernel', shape: [3, 3, 1, 28], offset: 0 },
      { name: 'conv2d/bias', shape: [28], offset: 252 }, // 3 * 3 * 28
      { name: 'dense/kernel', shape: [4732, 128], offset: 280 }, // + 28
      { name: 'dense/bias', shape: [128], offset: 605_976 }, // + 4732 * 128
      { name: 'dense_1/kernel', shape: [128, 10], offset: 606_104 }, // + 128
      { name: 'dense_1/bias', shape: [10], offset: 607_384 }, // + 1280
    ]);
    expect(description.numParameters).toBe(607_394);
    expect(description.inputShape).toEqual([28, 28, 1]);
    expect(description.numClasses).toBe(10);
  });

  it('follows the data: other sizes, channels and classes', () => {
    const shape = { rows: 9, columns: 7, channels: 3, numClasses: 47 };
    const description = describeModel(notebookTopology(shape));
    // 7x5 after the convolution, 3x2 after the pooling: 3 * 2 * 28 = 168.
    expect(description.layout.map((entry) => entry.shape)).toEqual([
      [3, 3, 3, 28],
      [28],
      [168, 128],
      [128],
      [128, 47],
      [47],
    ]);
    expect(description.inputShape).toEqual([9, 7, 3]);
  });

  it('has a fingerprint of its own, written down here', () => {
    // Changes when topology or layout do: then old runs cannot go on.
    expect(describeModel(notebookTopology(MNIST)).fingerprint).toBe(
      '7a34ca5a31d4a2d87842ecee6c5d03530a5795ebd7bb0a9cfab537cb4abe9ff8',
    );
  });

  it('gives the same for the same network, whatever was built before', () => {
    const first = describeModel(branched());
    const second = describeModel(branched());
    expect(second).toEqual(first);
    expect(first.layout.map((entry) => entry.name)).toEqual([
      'dense/kernel',
      'dense/bias',
      'dense_1/kernel',
      'dense_1/bias',
    ]);
  });

  it('does not depend on the order of keys, nor on being described before', () => {
    const description = describeModel(notebookTopology(MNIST));
    const again = describeModel(
      JSON.parse(JSON.stringify(description.topology)),
    );
    expect(again).toEqual(description);
    const other = describeModel(reversed(description.topology));
    expect(other.fingerprint).toBe(description.fingerprint);
  });

  it('differs for another network of the same layout', () => {
    const one = notebookTopology(MNIST);
    const text = JSON.stringify(one).replace('"rate":0.2', '"rate":0.3');
    const other = describeModel(JSON.parse(text));
    const { fingerprint, layout } = describeModel(one);
    expect(other.layout).toEqual(layout);
    expect(other.fingerprint).not.toBe(fingerprint);
  });

  it('takes a whole model.json, and leaves out who wrote it', () => {
    const topology = notebookTopology(MNIST);
    const file = {
      format: 'layers-model',
      modelTopology: {
        model_config: topology,
        keras_version: '2.1.6',
        backend: 'tensorflow',
      },
    };
    expect(describeModel(file)).toEqual(describeModel(topology));
  });

  it('keeps no tensors', () => {
    const tf = tensorflow();
    describeModel(notebookTopology(MNIST));
    const before = tf.memory().numTensors;
    describeModel(notebookTopology(MNIST));
    expect(() => describeModel(sequential([4], layer('Dense')))).toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses pictures too small for the notebook', () => {
    expect(() => notebookTopology({ ...MNIST, columns: 3 })).toThrow(
      'at least 4x4 pixels, got 28x3',
    );
  });
});

const dense = (config: JsonObject = {}): JsonObject =>
  layer('Dense', { units: 3, name: 'mine', ...config });
const flat = [layer('Flatten')];

describe('a network that cannot be trained reproducibly', () => {
  const inside = (...layers: JsonObject[]): JsonObject =>
    sequential([6, 6, 1], ...layers, ...flat, classifier(3));
  const noise = (
    className: string,
    config: JsonObject,
  ): [string, JsonObject, string] => [
    className,
    inside(layer(className, { name: 'mine', ...config })),
    `layer 'mine' (${className})`,
  ];
  it.each<[string, JsonObject, string]>([
    noise('BatchNormalization', {}),
    noise('GaussianNoise', { stddev: 1 }),
    noise('GaussianDropout', { rate: 0.5 }),
    noise('AlphaDropout', { rate: 0.5 }),
    noise('UpSampling2D', {}),
    [
      'a recurrent layer',
      sequential(
        [6, 6],
        layer('SimpleRNN', { units: 2, name: 'mine', stateful: false }),
        classifier(3),
      ),
      "layer 'mine' (SimpleRNN) cannot be trained here: its class is none of",
    ],
    [
      'a frozen layer',
      sequential([6], dense({ trainable: false }), classifier(3)),
      "layer 'mine' (Dense) cannot be trained here: it has weights that are not trained",
    ],
    [
      'a regularizer',
      sequential(
        [6],
        dense({
          kernel_regularizer: { class_name: 'L1L2', config: { l2: 0.1 } },
        }),
        classifier(3),
      ),
      "layer 'mine' (Dense) cannot be trained here: it has a kernel regularizer",
    ],
    [
      'a constraint',
      sequential(
        [6],
        dense({ bias_constraint: { class_name: 'NonNeg', config: {} } }),
        classifier(3),
      ),
      "layer 'mine' (Dense) cannot be trained here: it has a bias constraint",
    ],
    [
      'dilation',
      inside(
        layer('Conv2D', {
          name: 'mine',
          filters: 2,
          kernel_size: [2, 2],
          dilation_rate: [2, 2],
        }),
      ),
      "layer 'mine' (Conv2D) cannot be trained here: its dilation rate is [2,2]",
    ],
    [
      'an orthogonal start',
      sequential(
        [6],
        dense({
          kernel_initializer: { class_name: 'Orthogonal', config: { gain: 1 } },
        }),
        classifier(3),
      ),
      "tensor 'mine/kernel' cannot be trained here: its initializer Orthogonal is none of Zeros, Ones",
    ],
    [
      'an identity start',
      sequential(
        [3],
        dense({
          kernel_initializer: { class_name: 'Identity', config: { gain: 1 } },
        }),
        classifier(3),
      ),
      "tensor 'mine/kernel' cannot be trained here: its initializer Identity",
    ],
    [
      'no softmax at the end',
      sequential([6], dense({ activation: 'sigmoid' })),
      "layer 'mine' (Dense) cannot be trained here: the last layer must be",
    ],
    [
      'a softmax for each pixel',
      sequential([6, 6, 1], dense({ activation: 'softmax' })),
      'expected one output [batch, numClasses], got [, 6, 6, 3]',
    ],
    [
      'nothing to train',
      sequential([6], layer('Softmax')),
      'it has nothing to train',
    ],
    [
      'an unknown layer',
      inside(layer('Wobble')),
      'the network cannot be built from its topology: Unknown layer: Wobble',
    ],
    [
      'a layer alone',
      dense(),
      'the topology is a single layer of class Dense, expected one of Sequential',
    ],
  ])('is refused by name: %s', (_, topology, message) => {
    expect(() => describeModel(topology)).toThrow(
      expect.objectContaining({
        code: 'ERR_MODEL_UNSUPPORTED',
        message: expect.stringContaining(message) as string,
      }),
    );
  });

  it.each([null, 7, 'Sequential', [], {}, { class_name: 'Sequential' }])(
    'is refused when it is no topology: %j',
    (topology) => {
      expect(() => describeModel(topology)).toThrow(
        'the topology is not a Keras-style topology',
      );
    },
  );
});
