import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Consistency, RunDefinition } from '@muster/protocol';
import { ParameterShard } from './parameter-shard.js';
import type { PushedSlice } from './pushed-slice.js';

/** 7 examples in leaves of 1: steps of 2, 2, 2 and 1 leaves, 2 epochs. */
function runOf(consistency: Consistency): RunDefinition {
  const fingerprint = 'a'.repeat(64);
  const sizes = { rows: 1, columns: 1, channels: 1, numClasses: 2 };
  return {
    ...{ protocol: 1, runId: 'run', seed: 1, epochs: 2, consistency },
    wire: 'float32',
    ...{ globalBatchSize: 2, microBatches: 2 },
    optimizer: { name: 'sgd' },
    schedule: { name: 'constant', learningRate: 0.5 },
    dataset: { name: 'x', fingerprint, numTrain: 7, numTest: 1, ...sizes },
    model: {
      ...{ topology: {}, fingerprint, numParameters: 1 },
      layout: [{ name: 'w', shape: [1], offset: 0 }],
    },
  };
}

function shardOf(consistency: Consistency, version = 0): ParameterShard {
  const parameters = Float32Array.of(10);
  return new ParameterShard(runOf(consistency), {
    ...{ version, begin: 0, end: 1, parameters, slots: {} },
  });
}

/** One leaf whose sum is `value`. */
function leaf(
  step: number,
  firstLeaf: number,
  value: number,
  more: Partial<PushedSlice> = {},
): PushedSlice {
  return {
    ...{ step, firstLeaf, numLeaves: 1, begin: 0, end: 1, base: 0 },
    ...{ slice: Float32Array.of(value), count: 1, lossSum: 1, correct: 0 },
    ...more,
  };
}

describe('ParameterShard in mode local', () => {
  const average = { name: 'average' } as const;
  const nesterov = {
    name: 'nesterov',
    learningRate: 1,
    momentum: 0.5,
  } as const;
  const local = (outer: typeof average | typeof nesterov) =>
    shardOf({ name: 'local', steps: 3, outer });

  it('makes a version of the differences of a round', () => {
    const shard = local(average);
    // replicas over steps 0, 1, 2: 3 examples each, moved by 2 and by 4
    shard.push(leaf(0, 0, 2, { count: 3 }));
    expect(shard.push(leaf(0, 1, 4, { count: 3 }))).toMatchObject({
      outcome: 'accepted',
      staleness: 0,
      // the mean difference is 3, its square 9; 6 examples
      applied: { version: 1, step: 0, count: 6, squaredNorm: 9 },
    });
    expect([...shard.parameters]).toEqual([7]);
  });

  it('takes the short round at the end of an epoch', () => {
    const shard = local(average);
    shard.push(leaf(0, 0, 2, { count: 3 }));
    shard.push(leaf(0, 1, 4, { count: 3 }));
    // the next round is step 3 alone, of one leaf
    expect(shard.push(leaf(3, 0, 2))).toMatchObject({
      applied: { version: 2, step: 3, count: 1, squaredNorm: 4 },
    });
    expect([...shard.parameters]).toEqual([5]);
  });

  it('refuses a step within a round: a replica pushes the whole of it', () => {
    const shard = local(average);
    // from step 1 on, the round's border would be passed
    const pushed = leaf(1, 0, 1, { count: 3 });
    expect(shard.push(pushed)).toMatchObject({
      outcome: 'refused',
      code: 'ERR_SHAPE_MISMATCH',
      message: expect.stringContaining('within the round of step 0') as string,
    });
  });

  it('has the state of its outer optimizer, not of the inner one', () => {
    const shard = local(nesterov);
    expect([...shard.slots['velocity']!]).toEqual([0]);
    shard.push(leaf(0, 0, 2, { count: 3 }));
    shard.push(leaf(0, 1, 2, { count: 3 }));
    // d = 2: v = 2, w = 10 - (2 + 0.5 * 2)
    expect([...shard.parameters]).toEqual([7]);
    expect([...shard.slots['velocity']!]).toEqual([2]);
    expect(local(average).slots).toEqual({});
  });

  it('answers as with steps: duplicate, overlap, stale, refused', () => {
    const shard = local(average);
    shard.push(leaf(0, 0, 2, { count: 3 }));
    const answers = [
      leaf(0, 0, 2, { count: 3 }),
      leaf(0, 0, 2, { numLeaves: 2, count: 6 }),
      leaf(3, 0, 2),
      // 3 examples over its 3 steps, not 1
      leaf(0, 1, 2),
    ].map((pushed) => shard.push(pushed).outcome);
    expect(answers).toEqual(['duplicate', 'overlap', 'stale', 'refused']);
  });
});

const async = (maxStaleness: number, scaling: 'none' | 'inverse' = 'none') =>
  ({ name: 'async', maxStaleness, scaling }) as const;

describe('ParameterShard in modes bounded and async', () => {
  it('makes a version of each contribution', () => {
    const shard = shardOf(async(9));
    expect(shard.completes({ step: 3, firstLeaf: 0, numLeaves: 1 })).toBe(true);
    // 10 - 0.5 * 4, then - 0.5 * 2: leaf 1 before leaf 0
    expect(shard.push(leaf(0, 1, 4))).toMatchObject({
      outcome: 'accepted',
      staleness: 0,
      applied: { version: 1, count: 1, squaredNorm: 16, learningRate: 0.5 },
    });
    expect(shard.push(leaf(0, 0, 2))).toMatchObject({
      staleness: 1,
      applied: { version: 2 },
    });
    expect([...shard.parameters]).toEqual([7]);
  });

  it.each([
    [async(1), 'stale'],
    [{ name: 'bounded', staleness: 1, scaling: 'none' }, 'stale'],
    [async(2), 'accepted'],
  ] as const)('with %o staleness 2 is %s', (consistency, outcome) => {
    const shard = shardOf(consistency);
    shard.push(leaf(0, 0, 2));
    shard.push(leaf(0, 1, 2, { base: 1 }));
    expect(shard.push(leaf(1, 0, 2)).outcome).toBe(outcome);
    expect(shard.version).toBe(outcome === 'accepted' ? 3 : 2);
    // the leaf is still to be had from newer parameters
    const again = shard.push(leaf(1, 0, 2, { base: 2 })).outcome;
    expect(again).toBe(outcome === 'accepted' ? 'duplicate' : 'accepted');
  });

  it('divides the rate by the staleness with `inverse`', () => {
    const shard = shardOf(async(9, 'inverse'));
    const rates = [leaf(0, 0, 2), leaf(0, 1, 2), leaf(1, 0, 2)].map(
      (pushed) => {
        const decision = shard.push(pushed);
        return (
          decision.outcome === 'accepted' && decision.applied?.learningRate
        );
      },
    );
    // staleness 0, 1 and 2
    expect(rates).toEqual([0.5, 0.5, 0.25]);
    // 10 - 1 - 1 - 0.5
    expect([...shard.parameters]).toEqual([7.5]);
  });

  it('goes on from a checkpoint with the first leaves in', () => {
    // version 7: the first epoch's 7 leaves
    const shard = shardOf(async(9), 7);
    const base = 7;
    expect(shard.push(leaf(3, 0, 1, { base })).outcome).toBe('duplicate');
    expect(shard.push(leaf(4, 0, 1, { base })).outcome).toBe('accepted');
  });

  it.each([
    [leaf(0, 0, NaN), 'ERR_NON_FINITE_GRADIENT', 'holds NaN'],
    [
      leaf(0, 0, 1, { numLeaves: 2, count: 2 }),
      'ERR_SHAPE_MISMATCH',
      '2 leaves were pushed together, in this mode each goes alone',
    ],
    [leaf(8, 0, 1), 'ERR_SHAPE_MISMATCH', 'step 8 does not exist'],
    [leaf(3, 1, 1), 'ERR_SHAPE_MISMATCH', 'not an aligned run of the 1 leaves'],
  ])('refuses %o with %s', (pushed, code, text) => {
    const shard = shardOf(async(9));
    const decision = shard.push(pushed);
    expect(decision).toMatchObject({ outcome: 'refused', code });
    expect(decision).toHaveProperty('message', expect.stringContaining(text));
    expect([shard.version, ...shard.parameters]).toEqual([0, 10]);
  });

  it('takes each leaf of the run once, in any order and however often', () => {
    const leaves = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((step) =>
      step % 4 === 3
        ? [[step, 0]]
        : [
            [step, 0],
            [step, 1],
          ],
    );
    const orders = fc.array(fc.nat(13), { minLength: 14, maxLength: 60 });
    const law = (indices: number[]) => {
      const shard = shardOf(async(1000));
      const all = [...indices, ...leaves.keys()];
      const accepted = all.filter((index) => {
        const [step, first] = leaves[index] as [number, number];
        const { outcome } = shard.push(leaf(step, first, 1));
        return outcome === 'accepted';
      });
      expect(accepted.sort()).toEqual([...leaves.keys()].sort());
      // 14 leaves of 0.5 * 1 each
      expect([shard.version, ...shard.parameters]).toEqual([14, 3]);
    };
    fc.assert(fc.property(orders, law), { numRuns: 50 });
  });
});
