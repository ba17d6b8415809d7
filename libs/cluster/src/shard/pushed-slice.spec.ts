import { describe, expect, it } from 'vitest';
import type { Consistency } from '@muster/protocol';
import { Plan } from '../plan/plan.js';
import { misfitOf } from './pushed-slice.js';
import type { PushedSlice } from './pushed-slice.js';
import { runOf } from '../testing.js';

const AVERAGE = { name: 'average' } as const;
const MODES: [string, Consistency][] = [
  ['sync', { name: 'sync' }],
  ['local', { name: 'local', steps: 2, outer: AVERAGE }],
  ['bounded', { name: 'bounded', staleness: 3, scaling: 'none' }],
  ['async', { name: 'async', maxStaleness: 3, scaling: 'none' }],
];

/** Keys 3 to 5 of a run: 2 epochs of 2 steps of 2 leaves of 2 examples. */
function ownerIn(consistency: Consistency) {
  return { plan: new Plan(runOf(consistency)), begin: 3, end: 5 };
}

/** Leaf 1 of step 1 for that owner. */
function pushed(more: Partial<PushedSlice> = {}): PushedSlice {
  return {
    ...{ step: 1, firstLeaf: 1, numLeaves: 1, count: 2 },
    ...{ begin: 3, end: 5, slice: new Float32Array(2), base: 0 },
    ...{ lossSum: 0, correct: 0, ...more },
  };
}

describe.each(MODES)('misfitOf in mode %s', (_, consistency) => {
  const owner = ownerIn(consistency);
  const { plan } = owner;

  it('lets in whatever a worker is given to do', () => {
    let numLeaves = 0;
    for (let version = 0; version < plan.totalVersions; ) {
      const segment = plan.segmentAt(version, 0);
      for (let unit = 0; unit < segment.numUnits; unit++) {
        const leaves = plan.leavesOf(segment, unit, 1);
        const count = plan.countOf(leaves);
        expect(misfitOf(pushed({ ...leaves, count }), owner)).toBeUndefined();
        numLeaves++;
      }
      version = segment.endVersion;
    }
    // 2 epochs of 4 leaves; in `local` each stands for its 2 steps
    expect(numLeaves).toBe(consistency.name === 'local' ? 4 : 8);
  });

  it.each([
    [
      { begin: 2, end: 4 },
      'keys 2 to 4 was pushed to the shard of keys 3 to 5',
    ],
    [
      { begin: 3, end: 4 },
      'keys 3 to 4 was pushed to the shard of keys 3 to 5',
    ],
    [{ slice: new Float32Array(3) }, 'holds 3 numbers, its key range 2'],
    [{ count: 1 }, 'counts 1 examples, its leaves hold'],
    [{ step: 4 }, 'step 4 does not exist'],
    [{ firstLeaf: 2 }, '1 leaves from leaf 2 are not an aligned run'],
    [{ firstLeaf: 1, numLeaves: 2 }, '2 leaves from leaf 1 are not an aligned'],
    [{ numLeaves: 0 }, '0 leaves from leaf 0 are not an aligned run of the 2'],
  ])('does not let in %o', (more, text) => {
    const first = { step: 0, firstLeaf: 0 };
    const misfit = misfitOf(pushed({ ...first, ...more }), owner);
    expect(misfit).toContain(text);
  });
});

describe('misfitOf', () => {
  it('holds a round of mode local together', () => {
    // step 1 is the second of the round that begins with step 0
    const owner = ownerIn(MODES[1]![1]);
    expect(misfitOf(pushed(), owner)).toBe(
      'step 1 is within the round of step 0, which is pushed as a whole',
    );
    // 2 examples in each of its 2 steps
    const round = pushed({ step: 0, count: 4 });
    expect(misfitOf(round, owner)).toBeUndefined();
  });

  it('takes leaves together where a step is summed, and nowhere else', () => {
    const both = pushed({ firstLeaf: 0, numLeaves: 2, count: 4 });
    const text = '2 leaves were pushed together, in this mode each goes alone';
    expect(
      [0, 2, 3].map((mode) => misfitOf(both, ownerIn(MODES[mode]![1]))),
    ).toEqual([undefined, text, text]);
  });
});
