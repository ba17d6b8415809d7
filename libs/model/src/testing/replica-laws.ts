/** What a replica promises, on whatever backend is active. */
import { createRandomStream } from '@muster/data';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Rank, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { describeModel, type ModelDescription } from '../describe-model.js';
import { dropoutMask } from '../keyed-dropout.js';
import { notebookTopology } from '../notebook-topology.js';
import { Replica } from '../replica.js';
import { tensorflow } from '../tensorflow.js';
import {
  classifier,
  examplesOf,
  layer,
  parametersOf,
  sequential,
} from './small-networks.js';

/** The gradient of some examples, and what came with it. */
function gradientOf(
  description: ModelDescription,
  examples: ReturnType<typeof examplesOf>,
  key: readonly number[] = [1],
  replica = new Replica(description),
) {
  const into = new Float32Array(description.numParameters).fill(Number.NaN);
  const parameters = parametersOf(description);
  const random = createRandomStream(...key);
  const loss = replica.gradient({ ...examples, parameters, random, into });
  return { into, loss };
}

/** Largest difference as a share of the largest expected value. */
export function relativeError(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
): number {
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i += 1) {
    const [a, b] = [got[i] ?? Number.NaN, expected[i] ?? Number.NaN];
    largest = Math.max(largest, Math.abs(b));
    difference = Math.max(difference, Math.abs(a - b));
  }
  return difference / largest;
}

/** The notebook's network for small pictures, dropout and all. */
const small = (): ModelDescription =>
  describeModel(
    notebookTopology({ rows: 9, columns: 8, channels: 1, numClasses: 5 }),
  );

/** Kernels and biases of the notebook's three layers. */
type Weights = [Tensor4D, Tensor, Tensor2D, Tensor, Tensor2D, Tensor];

/** The same network in plain ops: the gradient of the sum of the losses. */
function plainGradient(
  description: ModelDescription,
  { images, labels, count }: ReturnType<typeof examplesOf>,
  mask: Float32Array,
): number[] {
  const tf = tensorflow();
  const values = parametersOf(description);
  const tensors = description.layout.map(({ shape, offset }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return tf.tensor(values.slice(offset, offset + size), shape);
  });
  const input = tf.div(
    tf.tensor4d(Float32Array.from(images), [count, 9, 8, 1]),
    255,
  );
  const losses = (...given: Tensor[]): Tensor => {
    const [k, b, w1, b1, w2, b2] = given as Weights;
    const convolved = tf.add(tf.conv2d(input as Tensor4D, k, 1, 'valid'), b);
    const pooled = tf.maxPool(convolved as Tensor4D, 2, 2, 'valid');
    const flat = tf.reshape<Rank.R2>(pooled, [count, -1]);
    const hidden = tf.relu(tf.add(tf.matMul(flat, w1), b1));
    const dropped = tf.mul(hidden, tf.tensor(mask, [count, 128]));
    const logits = tf.add(tf.matMul(dropped as Tensor2D, w2), b2);
    const oneHot = tf.oneHot(tf.tensor1d(Array.from(labels), 'int32'), 5);
    return tf.neg(tf.sum(tf.mul(oneHot, tf.logSoftmax(logits))));
  };
  return tf
    .grads(losses)(tensors)
    .flatMap((gradient) => Array.from(gradient.dataSync()));
}

/** Registers the laws; `start` makes the backend active. */
export function describeReplica(start: () => Promise<unknown>): void {
  beforeAll(start);

  describe('gradient', () => {
    it('equals that of the same network in plain ops', () => {
      const description = small();
      const examples = examplesOf(description, 7);
      const mask = dropoutMask(createRandomStream(4, 2), 7 * 128, 0.2);
      const expected = plainGradient(description, examples, mask);
      const { into } = gradientOf(description, examples, [4, 2]);
      // Both are float32 sums in other orders.
      expect(relativeError(into, expected)).toBeLessThan(1e-5);
    });

    it('equals the slope of the loss sum', () => {
      const description = describeModel(
        sequential(
          [2, 2, 1],
          layer('Flatten'),
          layer('Dense', { units: 3, activation: 'tanh' }),
          classifier(3),
        ),
      );
      const replica = new Replica(description);
      const examples = examplesOf(description, 5);
      const { into } = gradientOf(description, examples, [1], replica);
      const half = 2 ** -7;
      const lossAt = (index: number, shift: number): number => {
        const parameters = parametersOf(description);
        parameters[index] = (parameters[index] ?? 0) + shift;
        return replica.evaluate({ ...examples, parameters }).lossSum;
      };
      const slopes = Array.from(
        into,
        (_, i) => (lossAt(i, half) - lossAt(i, -half)) / (2 * half),
      );
      // The difference quotient is off by half^2/6 of the third derivative,
      // and by the rounding of float32 logits over 2 half: about 1e-4.
      expect(relativeError(into, slopes)).toBeLessThan(1e-3);
    });

    it('of a batch is the sum of those of its parts', () => {
      const description = describeModel(
        sequential(
          [6, 6, 1],
          layer('Conv2D', { filters: 3, kernel_size: [3, 3] }),
          layer('MaxPooling2D'),
          layer('Flatten'),
          classifier(4),
        ),
      );
      const whole = examplesOf(description, 10);
      const part = (begin: number, end: number) => ({
        images: whole.images.subarray(begin * 36, end * 36),
        labels: whole.labels.subarray(begin, end),
        count: end - begin,
      });
      const all = gradientOf(description, whole);
      const first = gradientOf(description, part(0, 4));
      const rest = gradientOf(description, part(4, 10));
      const sum = first.into.map((value, i) => value + (rest.into[i] ?? 0));
      expect(relativeError(sum, all.into)).toBeLessThan(1e-5);
      expect(first.loss.lossSum + rest.loss.lossSum).toBeCloseTo(
        all.loss.lossSum,
        5,
      );
      expect(first.loss.correct + rest.loss.correct).toBe(all.loss.correct);
    });

    it('has the same bits whatever was computed before', () => {
      const description = small();
      const examples = examplesOf(description, 6);
      const replica = new Replica(description);
      const before = gradientOf(description, examples, [7], replica);
      gradientOf(description, examplesOf(description, 11, 9), [8], replica);
      const parameters = new Float32Array(description.numParameters).fill(0.3);
      replica.evaluate({ ...examplesOf(description, 3), parameters });
      const after = gradientOf(description, examples, [7], replica);
      const fresh = gradientOf(description, examples, [7]);
      expect(after).toEqual(before);
      expect(fresh).toEqual(before);
    });

    it('draws dropout from the stream: other key, other bits', () => {
      const description = small();
      const examples = examplesOf(description, 6);
      const one = gradientOf(description, examples, [1, 2, 3]);
      const other = gradientOf(description, examples, [1, 2, 4]);
      expect(one.into).not.toEqual(other.into);
      expect(one.loss.lossSum).not.toBe(other.loss.lossSum);
    });

    it('keeps no tensors', () => {
      const description = small();
      const before = tensorflow().memory().numTensors;
      const replica = new Replica(description);
      const examples = examplesOf(description, 6);
      const parameters = parametersOf(description);
      const round = (): number => {
        gradientOf(description, examples, [1], replica);
        replica.evaluate({ ...examples, parameters });
        replica.predict({ ...examples, parameters });
        return tensorflow().memory().numTensors;
      };
      const first = round();
      expect([round(), round(), round()]).toEqual([first, first, first]);
      replica.dispose();
      expect(tensorflow().memory().numTensors).toBe(before);
    });

    it('uploads the parameters when the version is another', () => {
      const description = small();
      const replica = new Replica(description);
      const examples = examplesOf(description, 2);
      const parameters = parametersOf(description);
      const score = (version?: number): number =>
        replica.evaluate({ ...examples, parameters, version }).lossSum;
      const before = score(1);
      parameters.fill(0);
      expect(score(1)).toBe(before);
      // All-zero parameters: every class has probability 1/5.
      expect(score(2)).toBeCloseTo(2 * Math.log(5), 12);
      parameters.set(parametersOf(description));
      expect(score()).toBe(before);
    });

    it('names the array whose length is wrong', () => {
      const description = small();
      const examples = examplesOf(description, 2);
      const shorter = { ...examples, images: examples.images.subarray(1) };
      expect(() => gradientOf(description, shorter)).toThrow(
        "'images' has 143 elements, expected 144",
      );
    });

    it('refuses a label that the network has no output for', () => {
      const description = small();
      const examples = examplesOf(description, 2);
      examples.labels[1] = 5;
      expect(() => gradientOf(description, examples)).toThrow(
        'label of example 1 is 5, the network has outputs for 0 to 4',
      );
    });
  });

  describe('evaluate and predict', () => {
    it('score as the probabilities say, over several passes', () => {
      const description = small();
      const replica = new Replica(description);
      const examples = examplesOf(description, 613);
      const parameters = parametersOf(description);
      const { correct, count, lossSum, probabilities } = replica.evaluate({
        ...examples,
        parameters,
      });
      const rows = replica.predict({ ...examples, parameters });
      expect(probabilities).toEqual(rows);
      let expectedCorrect = 0;
      let expectedLoss = 0;
      examples.labels.forEach((label, i) => {
        const row = Array.from(rows.subarray(i * 5, (i + 1) * 5));
        expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
        if (row.indexOf(Math.max(...row)) === label) expectedCorrect += 1;
        expectedLoss -= Math.log(row[label] ?? 0);
      });
      expect({ correct, count }).toEqual({
        correct: expectedCorrect,
        count: 613,
      });
      // Probabilities are rounded to float32: 6e-8 each.
      expect(Math.abs(lossSum - expectedLoss)).toBeLessThan(613 * 1.2e-7);
    });
  });
}
