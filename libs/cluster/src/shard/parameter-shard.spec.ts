import { describe, expect, it } from 'vitest';
import type { RunDefinition } from '@muster/protocol';
import { ParameterShard } from './parameter-shard.js';

/** 3 parameters of which the shard holds the last 2; steps of 3 leaves. */
const RUN: RunDefinition = {
  protocol: 1,
  runId: 'run',
  seed: 1,
  epochs: 1,
  globalBatchSize: 6,
  microBatches: 3,
  consistency: { name: 'sync' },
  wire: 'float32',
  optimizer: { name: 'momentum', momentum: 0.5 },
  schedule: { name: 'constant', learningRate: 1 },
  dataset: {
    name: 'eleven',
    fingerprint: 'a'.repeat(64),
    numTrain: 11,
    numTest: 1,
    rows: 1,
    columns: 1,
    channels: 1,
    numClasses: 2,
  },
  model: {
    topology: {},
    layout: [{ name: 'w', shape: [3], offset: 0 }],
    fingerprint: 'b'.repeat(64),
    numParameters: 3,
  },
};

const ACCEPTED = { outcome: 'accepted', staleness: 0 };

function shardAt(version: number, slots = {}) {
  const parameters = Float32Array.of(10, 20);
  return new ParameterShard(RUN, {
    version,
    begin: 1,
    end: 3,
    parameters,
    slots,
  });
}

function contribution(
  firstLeaf: number,
  numLeaves: number,
  more: Partial<Parameters<ParameterShard['push']>[0]> = {},
) {
  const count = numLeaves * 2;
  const sums = { count, lossSum: count, correct: 1 };
  const slice = Float32Array.of(count, -count);
  const place = { step: 0, firstLeaf, numLeaves, begin: 1, end: 3, base: 0 };
  return { ...place, slice, ...sums, ...more };
}

describe('ParameterShard', () => {
  it('applies a step when its last leaf is in, whatever came first', () => {
    const shard = shardAt(0);
    expect(shard.push(contribution(2, 1))).toEqual(ACCEPTED);
    expect(shard.version).toBe(0);
    expect(shard.push(contribution(0, 2))).toEqual({
      ...ACCEPTED,
      applied: {
        // 6 examples with a loss of 1 each; two contributions with 1 correct
        ...{ version: 1, step: 0, count: 6, lossSum: 6, correct: 2 },
        learningRate: 1,
        // sum [6, -6] / 6 examples: 1 + 1
        squaredNorm: 2,
        sum: Float32Array.of(6, -6),
      },
    });
    // [10 - 1, 20 + 1]
    expect([...shard.parameters]).toEqual([9, 21]);
    expect(shard.version).toBe(1);
  });

  it('knows which push makes the next version', () => {
    const shard = shardAt(0);
    const completes = (firstLeaf: number, numLeaves: number, step = 0) =>
      shard.completes({ step, firstLeaf, numLeaves });
    expect([completes(0, 2), completes(2, 1)]).toEqual([false, false]);
    shard.push(contribution(0, 2));
    expect([completes(2, 1), completes(2, 1, 1)]).toEqual([true, false]);
  });

  it('goes on from the state of a checkpoint', () => {
    const shard = shardAt(0, { velocity: Float32Array.of(4, 4) });
    shard.push(contribution(0, 2));
    shard.push(contribution(2, 1));
    // velocity 0.5 * 4 + [1, -1] = [3, 1]
    expect([...shard.parameters]).toEqual([7, 19]);
  });

  it('plants the shorter tree of a short last step', () => {
    const shard = shardAt(1);
    // 11 = 6 + 5 examples: leaves of 2, 2 and 1
    expect(shard.push(contribution(2, 1, { step: 1, count: 1 }))).toMatchObject(
      { outcome: 'accepted' },
    );
  });

  it.each([
    ['what is in', contribution(0, 1), 'duplicate'],
    ['more than what is in', contribution(0, 2), 'overlap'],
    ['a step to come', contribution(0, 1, { step: 1 }), 'stale'],
  ] as const)('answers %s with %s', (_, pushed, outcome) => {
    const shard = shardAt(0);
    shard.push(contribution(0, 1));
    expect(shard.push(pushed)).toEqual({ outcome });
    // and changes nothing: leaves 1 and 2 are still all that is missing
    shard.push(contribution(2, 1));
    expect(shard.push(contribution(1, 1))).toHaveProperty('applied.count', 6);
    expect([...shard.parameters]).toEqual([9, 21]);
  });

  it('answers a step that is past with stale', () => {
    const shard = shardAt(1);
    expect(shard.push(contribution(0, 1))).toEqual({ outcome: 'stale' });
  });

  it('answers a part of a sum that is in with duplicate', () => {
    const shard = shardAt(0);
    shard.push(contribution(0, 2));
    const answers = [0, 1].map((leaf) => shard.push(contribution(leaf, 1)));
    expect(answers).toEqual([
      { outcome: 'duplicate' },
      { outcome: 'duplicate' },
    ]);
  });

  it.each([
    [
      { begin: 0, end: 2 },
      'keys 0 to 2 was pushed to the shard of keys 1 to 3',
    ],
    [{ count: 3 }, 'counts 3 examples, its leaves hold 2'],
    [{ firstLeaf: 1, numLeaves: 2 }, 'not an aligned run of the 3 leaves'],
    [{ slice: new Float32Array(1) }, 'holds 1 numbers, its key range 2'],
  ])('refuses %o', (more, text) => {
    const shard = shardAt(0);
    const decision = shard.push(contribution(0, 1, more));
    expect(decision).toMatchObject({
      outcome: 'refused',
      code: 'ERR_SHAPE_MISMATCH',
    });
    expect(decision).toHaveProperty('message', expect.stringContaining(text));
  });

  it.each([NaN, Infinity, -Infinity])(
    'refuses a gradient that holds %s and stays as it is',
    (bad) => {
      const shard = shardAt(0);
      const slice = Float32Array.of(1, bad);
      expect(shard.push(contribution(0, 1, { slice }))).toMatchObject({
        outcome: 'refused',
        code: 'ERR_NON_FINITE_GRADIENT',
        message:
          'the gradient of leaves 0 to 0 of step 0 holds NaN or an infinity',
      });
      expect(shard.push(contribution(0, 1))).toEqual(ACCEPTED);
    },
  );

  it('takes no more pushes when the run is over', () => {
    const shard = shardAt(2);
    expect(shard.push(contribution(0, 1, { step: 2 }))).toMatchObject({
      outcome: 'refused',
      message: 'step 2 does not exist',
    });
  });

  it('refuses to start with another number of parameters than its range', () => {
    const start = { version: 0, begin: 0, end: 3, slots: {} };
    expect(
      () =>
        new ParameterShard(RUN, { ...start, parameters: new Float32Array(2) }),
    ).toThrow('a shard of 3 parameters was given 2');
  });
});
