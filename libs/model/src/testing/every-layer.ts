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
const asLines = layer('Reshape', { target_shape: [6, 6] });
const channels = layer('Conv2D', { ...kernel, padding: 'same' });

/** The layers to test by the class that each is about. */
const CASES: readonly (readonly [string, string, readonly JsonObject[]])[] = [
  ['Conv2D', 'strided, same, relu', [
    channels,
    layer('Conv2D', { ...kernel, strides: [2, 2], padding: 'same', activation: 'relu' }),
  ]],
  ['Conv2D', 'without bias', [channels, layer('Conv2D', { ...kernel, use_bias: false })]],
  ['Conv2DTranspose', 'strided', [layer('Conv2DTranspose', { ...kernel, strides: [2, 2] })]],
  ['SeparableConv2D', 'valid', [channels, layer('SeparableConv2D', kernel)]],
  ['DepthwiseConv2D', 'valid', [channels, layer('DepthwiseConv2D', { kernel_size: [3, 3] })]],
  ['Conv1D', 'valid', [asLines, layer('Conv1D', { filters: 3, kernel_size: [3] })]],
  ['MaxPooling2D', '2x2', [channels, layer('MaxPooling2D')]],
  ['MaxPooling2D', '4x3, incomplete windows', [channels, layer('MaxPooling2D', { pool_size: [4, 3] })]],
  ['MaxPooling2D', 'overlapping', [channels, layer('MaxPooling2D', { pool_size: [3, 3], strides: [1, 1] })]],
  ['MaxPooling2D', 'same', [channels, layer('MaxPooling2D', { pool_size: [4, 4], padding: 'same' })]],
  ['AveragePooling2D', '2x2', [channels, layer('AveragePooling2D')]],
  ['MaxPooling1D', '2', [asLines, layer('Conv1D', { filters: 3, kernel_size: [3] }), layer('MaxPooling1D', { pool_size: 2 })]],
  ['AveragePooling1D', '2', [asLines, layer('Conv1D', { filters: 3, kernel_size: [3] }), layer('AveragePooling1D', { pool_size: 2 })]],
  ['GlobalMaxPooling2D', '', [channels, layer('GlobalMaxPooling2D')]],
  ['GlobalAveragePooling2D', '', [channels, layer('GlobalAveragePooling2D')]],
  ['GlobalMaxPooling1D', '', [asLines, layer('Conv1D', { filters: 3, kernel_size: [3] }), layer('GlobalMaxPooling1D')]],
  ['GlobalAveragePooling1D', '', [asLines, layer('Conv1D', { filters: 3, kernel_size: [3] }), layer('GlobalAveragePooling1D')]],
  ['Permute', '', [channels, layer('Permute', { dims: [3, 1, 2] })]],
  ['RepeatVector', '', [layer('Flatten'), layer('Dense', { units: 3 }), layer('RepeatVector', { n: 2 })]],
  ['ZeroPadding2D', '', [channels, layer('ZeroPadding2D', { padding: [1, 2] })]],
  ['Cropping2D', '', [channels, layer('Cropping2D', { cropping: [[1, 2], [0, 1]] })]],
  ['UpSampling2D', '', [channels, layer('UpSampling2D', { size: [2, 2] })]],
  ['Rescaling', '', [channels, layer('Rescaling', { scale: 3, offset: -1 })]],
  ['Activation', 'tanh', [channels, layer('Activation', { activation: 'tanh' })]],
  ['Activation', 'sigmoid', [channels, layer('Activation', { activation: 'sigmoid' })]],
  ['Activation', 'elu', [channels, layer('Activation', { activation: 'elu' })]],
  ['ReLU', '', [channels, layer('ReLU')]],
  ['LeakyReLU', '', [channels, layer('LeakyReLU', { alpha: 0.2 })]],
  ['PReLU', '', [channels, layer('PReLU')]],
  ['ELU', '', [channels, layer('ELU')]],
  ['Softmax', 'inside', [channels, layer('Softmax')]],
  ['LayerNormalization', '', [channels, layer('LayerNormalization')]],
  ['Dropout', 'two of them', [channels, layer('Dropout', { rate: 0.5 }), layer('Flatten'), layer('Dropout', { rate: 0.25 })]],
  ['Sequential', 'inside', [sequential(PICTURE, channels), layer('ReLU')]],
];

const JOINING = ['Add', 'Multiply', 'Average', 'Maximum', 'Minimum', 'Concatenate'];

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
      const topology = sequential(PICTURE, ...layers, ...classifier(3));
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
