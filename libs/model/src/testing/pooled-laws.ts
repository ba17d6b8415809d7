/**
 * The gradient that was derived by hand is that of automatic differentiation
 * over the Layers model, on whatever backend is active.
 */
import { createRandomStream, loadDataset } from '@muster/data';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork } from '../build-network.js';
import { describeModel, type ModelDescription } from '../describe-model.js';
import { notebookTopology } from '../notebook-topology.js';
import { matchNetwork } from '../pooled-convolution/match-network.js';
import { Replica } from '../replica.js';
import type { JsonObject } from '../canonical-json.js';
import { relativeError } from './replica-laws.js';
import {
  classifier,
  examplesOf,
  layer,
  parametersOf,
  sequential,
} from './small-networks.js';

const convolution = (
  filters: number,
  kernel: readonly [number, number],
  config: JsonObject = {},
): JsonObject =>
  layer('Conv2D', { filters, kernel_size: [...kernel], ...config });
const pooling = (config: JsonObject = {}): JsonObject =>
  layer('MaxPooling2D', { pool_size: [2, 2], ...config });
const relu = (units: number): JsonObject =>
  layer('Dense', { units, activation: 'relu' });
const dropout = (rate: number): JsonObject => layer('Dropout', { rate });
const tail = [layer('Flatten'), classifier(3)];

/** Networks that are derived by hand: each has something of its own. */
const MATCHED: readonly (readonly [string, JsonObject])[] = [
  [
    'an odd number of groups of filters',
    sequential([8, 8, 1], convolution(12, [3, 3]), pooling(), ...tail),
  ],
  [
    'one group of filters, last row and column left out',
    sequential([7, 9, 1], convolution(4, [3, 3]), pooling(), ...tail),
  ],
  [
    'another kernel, three channels',
    sequential([8, 7, 3], convolution(8, [2, 4]), pooling(), ...tail),
  ],
  [
    'dropout of the pictures, of hidden units, and a linear layer',
    sequential(
      [6, 6, 1],
      ...[convolution(4, [3, 3]), pooling(), layer('Flatten'), dropout(0.3)],
      ...[relu(9), dropout(0.5), layer('Dense', { units: 5 }), relu(6)],
      classifier(4),
    ),
  ],
];

/** Networks that look alike and are not. */
const OTHERS: readonly (readonly [string, JsonObject])[] = [
  [
    'filters that are no multiple of 4',
    sequential([8, 8, 1], convolution(6, [3, 3]), pooling(), ...tail),
  ],
  [
    'a convolution with an activation',
    sequential(
      [8, 8, 1],
      convolution(4, [3, 3], { activation: 'relu' }),
      pooling(),
      ...tail,
    ),
  ],
  [
    'a convolution with steps of 2',
    sequential(
      [9, 9, 1],
      convolution(4, [3, 3], { strides: [2, 2] }),
      pooling(),
      ...tail,
    ),
  ],
  [
    'a convolution without bias',
    sequential(
      [8, 8, 1],
      convolution(4, [3, 3], { use_bias: false }),
      pooling(),
      ...tail,
    ),
  ],
  [
    'overlapping windows',
    sequential(
      [8, 8, 1],
      convolution(4, [3, 3]),
      pooling({ strides: [1, 1] }),
      ...tail,
    ),
  ],
  [
    'a layer of another kind',
    sequential(
      [8, 8, 1],
      ...[convolution(4, [3, 3]), pooling(), layer('Flatten')],
      ...[layer('Dense', { units: 4, activation: 'tanh' }), classifier(3)],
    ),
  ],
];

type Examples = ReturnType<typeof examplesOf>;

/** Both gradients at the same parameters under the same dropout. */
function expectEqualGradients(
  description: ModelDescription,
  examples: Examples,
): void {
  const parameters = parametersOf(description);
  const [byHand, automatic] = [false, true].map((isGeneral) => {
    const replica = new Replica(description, { isGeneral });
    const into = new Float32Array(description.numParameters);
    const random = createRandomStream(5, 6);
    const loss = replica.gradient({ ...examples, parameters, random, into });
    const logits = replica.predict({ ...examples, parameters });
    replica.dispose();
    return { into, loss, logits };
  });
  expect(byHand?.loss.correct).toBe(automatic?.loss.correct);
  expect(byHand?.loss.lossSum).toBeCloseTo(automatic?.loss.lossSum ?? NaN, 3);
  description.layout.forEach(({ shape, offset }) => {
    const end = offset + shape.reduce((a, b) => a * b, 1);
    const [got, expected] = [byHand, automatic].map((one) =>
      one?.into.subarray(offset, end),
    );
    // Sums of float32 in other orders.
    expect(relativeError(got ?? [], expected ?? [])).toBeLessThan(1e-5);
  });
  expect(
    relativeError(byHand?.logits ?? [], automatic?.logits ?? []),
  ).toBeLessThan(1e-5);
}

/** Registers the laws; `start` makes the backend active. */
export function describePooledNetwork(start: () => Promise<unknown>): void {
  beforeAll(start);

  const planOf = (topology: JsonObject) => {
    const description = describeModel(topology);
    const { model } = buildNetwork(description.topology);
    const plan = matchNetwork(model, description.layout);
    model.dispose();
    return plan;
  };

  describe('the gradient derived by hand', () => {
    it.each(MATCHED)('is the automatic one: %s', (_, topology) => {
      expect(planOf(topology)).toBeDefined();
      const description = describeModel(topology);
      // A batch of one, and one that needs more memory after it.
      for (const count of [1, 9]) {
        expectEqualGradients(description, examplesOf(description, count));
      }
    });

    it('is the automatic one on real digits, most of them black: ties', async () => {
      const { train } = await loadDataset(undefined);
      const topology = notebookTopology({
        ...{ rows: 28, columns: 28, channels: 1, numClasses: 10 },
      });
      expect(planOf(topology)).toBeDefined();
      const count = 48;
      expectEqualGradients(describeModel(topology), {
        images: train.images.slice(0, 784 * count),
        labels: train.labels.slice(0, count),
        count,
      });
    });

    it.each(OTHERS)('is not used for %s', (_, topology) => {
      expect(planOf(topology)).toBeUndefined();
    });
  });
}
