/** Every supported layer, against the plain JavaScript backend. */
import { createRandomStream } from '@muster/data';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../canonical-json.js';
import { describeModel } from '../describe-model.js';
import { Replica } from '../replica.js';
import { tensorflow } from '../tensorflow.js';
import { relativeError } from './replica-laws.js';
import {
  classifier,
  examplesOf,
  layer,
  parametersOf,
  sequential,
  twoBranches,
} from './small-networks.js';

const PICTURE = [6, 6, 1];
const kernel = { filters: 3, kernel_size: [3, 3] };
const channels = layer('Conv2D', { ...kernel, padding: 'same' });

const line = [
  layer('Reshape', { target_shape: [6, 6] }),
  layer('Conv1D', { filters: 3, kernel_size: [3] }),
];
const flatten = layer('Flatten');
const hidden = [flatten, layer('Dense', { units: 4 })];

/** Class, case, and the layers between the picture and the last Dense. */
type Case = readonly [string, string, readonly JsonObject[]];

/** One layer on 3-channel pictures. */
const onPicture = (
  className: string,
  about: string,
  config: JsonObject = {},
): Case => [className, about, [channels, layer(className, config), flatten]];

const CASES: readonly Case[] = [
  onPicture('Conv2D', 'without bias', { ...kernel, use_bias: false }),
  onPicture('Conv2D', 'strided, same, relu', {
    ...kernel,
    strides: [2, 2],
    padding: 'same',
    activation: 'relu',
  }),
  onPicture('Conv2DTranspose', 'strided', { ...kernel, strides: [2, 2] }),
  onPicture('SeparableConv2D', 'valid', kernel),
  onPicture('DepthwiseConv2D', 'valid', { kernel_size: [3, 3] }),
  ['Conv1D', 'valid', [...line, flatten]],
  onPicture('MaxPooling2D', 'of 2x2'),
  onPicture('MaxPooling2D', 'of 4x3, last incomplete', { pool_size: [4, 3] }),
  onPicture('MaxPooling2D', 'overlapping', {
    pool_size: [3, 2],
    strides: [1, 1],
  }),
  onPicture('MaxPooling2D', 'same', { pool_size: [4, 4], padding: 'same' }),
  onPicture('AveragePooling2D', 'of 2x2'),
  ['MaxPooling1D', 'of 2', [...line, layer('MaxPooling1D'), flatten]],
  ['AveragePooling1D', 'of 2', [...line, layer('AveragePooling1D'), flatten]],
  ['GlobalMaxPooling2D', '', [channels, layer('GlobalMaxPooling2D')]],
  ['GlobalAveragePooling2D', '', [channels, layer('GlobalAveragePooling2D')]],
  ['GlobalMaxPooling1D', '', [...line, layer('GlobalMaxPooling1D')]],
  ['GlobalAveragePooling1D', '', [...line, layer('GlobalAveragePooling1D')]],
  onPicture('Permute', '', { dims: [3, 1, 2] }),
  ['RepeatVector', '', [...hidden, layer('RepeatVector', { n: 2 }), flatten]],
  onPicture('ZeroPadding2D', '', {
    padding: [
      [1, 1],
      [2, 2],
    ],
  }),
  onPicture('Cropping2D', '', {
    cropping: [
      [1, 2],
      [0, 1],
    ],
  }),
  onPicture('Rescaling', '', { scale: 3, offset: -1 }),
  ...['tanh', 'sigmoid', 'elu', 'relu', 'softplus', 'swish'].map((activation) =>
    onPicture('Activation', activation, { activation }),
  ),
  onPicture('ReLU', ''),
  onPicture('LeakyReLU', '', { alpha: 0.2 }),
  onPicture('PReLU', ''),
  onPicture('ELU', ''),
  ['Softmax', 'inside', [...hidden, layer('Softmax')]],
  onPicture('LayerNormalization', ''),
  [
    'Dropout',
    'two of them',
    [
      channels,
      layer('Dropout', { rate: 0.5 }),
      flatten,
      layer('Dropout', { rate: 0.25 }),
    ],
  ],
  ['Sequential', 'inside', [sequential(PICTURE, channels), flatten]],
];

const JOINING = [
  'Add',
  'Multiply',
  'Average',
  'Maximum',
  'Minimum',
  'Concatenate',
];

function gradientOf(topology: JsonObject): Float32Array {
  const description = describeModel(topology);
  const into = new Float32Array(description.numParameters).fill(Number.NaN);
  const replica = new Replica(description);
  replica.gradient({
    ...examplesOf(description, 4),
    parameters: parametersOf(description),
    random: createRandomStream(5),
    into,
  });
  replica.dispose();
  return into;
}

async function expectSameAsJavaScript(
  backend: string,
  topology: JsonObject,
): Promise<void> {
  await tensorflow().setBackend('cpu');
  const expected = gradientOf(topology);
  await tensorflow().setBackend(backend);
  const got = gradientOf(topology);
  expect(relativeError(got, expected)).toBeLessThan(1e-4);
  expect(gradientOf(topology)).toEqual(got);
}

/**
 * Registers a test a layer.
 *
 * @param lacking by layer class, the operation that this backend lacks: the
 *   gradient must then say so
 */
export function describeEveryLayer(
  backend: 'tensorflow' | 'wasm',
  lacking: Readonly<Record<string, string>>,
): void {
  describe('every layer has the gradient of the JavaScript backend', () => {
    afterEach(async () => {
      await tensorflow().setBackend(backend);
    });

    it.each(CASES)('%s %s', async (className, _, layers) => {
      const topology = sequential(PICTURE, ...layers, classifier(3));
      const operation = lacking[className];
      if (operation === undefined) {
        await expectSameAsJavaScript(backend, topology);
      } else {
        expect(() => gradientOf(topology)).toThrow(
          new RegExp(`backend wasm has no operation ${operation}`),
        );
      }
    });

    it.each(JOINING)('%s', async (className) => {
      await expectSameAsJavaScript(backend, twoBranches(className));
    });
  });
}
