import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Consistency } from '@muster/protocol';
import { Plan } from './plan.js';
import type { LeafRun, Segment } from './plan.js';

const AVERAGE = { name: 'average' } as const;
const SYNC: Consistency = { name: 'sync' };
const ASYNC: Consistency = { name: 'async', maxStaleness: 9, scaling: 'none' };

interface Sizes {
  readonly numTrain: number;
  readonly leafSize: number;
  readonly microBatches: number;
  readonly epochs: number;
}

function planOf(sizes: Sizes, consistency: Consistency): Plan {
  const { numTrain, leafSize, microBatches, epochs } = sizes;
  return new Plan({
    ...{ seed: 1, epochs, microBatches, consistency },
    globalBatchSize: leafSize * microBatches,
    schedule: { name: 'constant', learningRate: 0.1 },
    dataset: { numTrain },
  });
}

function local(steps: number): Consistency {
  return { name: 'local', steps, outer: AVERAGE };
}

/** 22 examples in leaves of 2: steps of 4, 4 and 3 leaves, two epochs. */
const SMALL = { numTrain: 22, leafSize: 2, microBatches: 4, epochs: 2 };

/** Any sizes: short last leaves, steps and rounds among them. */
const sizes = fc.record({
  numTrain: fc.integer({ min: 1, max: 120 }),
  leafSize: fc.integer({ min: 1, max: 5 }),
  microBatches: fc.integer({ min: 1, max: 6 }),
  epochs: fc.integer({ min: 1, max: 3 }),
});
const scaling = 'none' as const;
const consistency: fc.Arbitrary<Consistency> = fc.oneof(
  fc.constant(SYNC),
  fc.constant(ASYNC),
  fc.constant({ name: 'bounded', staleness: 2, scaling } as const),
  fc.integer({ min: 1, max: 7 }).map(local),
);
const every = fc.integer({ min: 0, max: 9 });

/** From version 0 to the end. */
function segmentsOf(plan: Plan, checkpointEvery: number): Segment[] {
  const segments: Segment[] = [];
  for (let version = 0; version < plan.totalVersions; ) {
    const segment = plan.segmentAt(version, checkpointEvery);
    segments.push(segment);
    version = segment.endVersion;
    if (segments.length > 10_000) throw new Error('no end');
  }
  return segments;
}

/** What each unit of a segment is, one by one. */
function unitsOf(plan: Plan, segment: Segment): LeafRun[] {
  return Array.from({ length: segment.numUnits }, (_, unit) =>
    plan.leavesOf(segment, unit, 1),
  );
}

/** Every leaf of the schedule in its order, as `step/leaf`. */
function allLeaves({ schedule }: Plan): string[] {
  return Array.from({ length: schedule.totalSteps }, (_, step) =>
    Array.from(
      { length: schedule.stepAt(step).numLeaves },
      (_, leaf) => `${step}/${leaf}`,
    ),
  ).flat();
}

/** The leaves that a unit stands for: one, or one a local step. */
function leavesIn(plan: Plan, { step, firstLeaf }: LeafRun): string[] {
  const { first, end } = plan.stepsFrom(step);
  const leaves: string[] = [];
  for (let s = first; s < end; s++) {
    if (firstLeaf < plan.schedule.stepAt(s).numLeaves) {
      leaves.push(`${s}/${firstLeaf}`);
    }
  }
  return leaves;
}

describe('Plan', () => {
  it.each([
    // 60,000 = 234 * 256 + 96 examples, leaves of 64: 234 * 4 + 2 of them
    [SYNC, 235],
    [local(10), 24],
    [local(235), 1],
    [local(1000), 1],
    [ASYNC, 938],
  ] as const)(
    'makes of an epoch of MNIST by %o %i versions',
    (mode, number) => {
      const mnist = { numTrain: 60_000, leafSize: 64, microBatches: 4 };
      const plan = planOf({ ...mnist, epochs: 5 }, mode);
      expect(plan.versionsPerEpoch).toBe(number);
      expect(plan.totalVersions).toBe(5 * number);
      expect(plan.epochOf(number - 1)).toBe(0);
      expect(plan.epochOf(number)).toBe(1);
      const ends = [0, number - 1, number, 2 * number].map((v) =>
        plan.endsEpoch(v),
      );
      expect(ends).toEqual([false, false, true, true]);
    },
  );

  it('begins a round anew with each epoch', () => {
    // 3 steps an epoch by rounds of 2: [0, 1] [2] | [3, 4] [5]
    const plan = planOf(SMALL, local(2));
    expect([0, 1, 2, 3].map((v) => plan.stepOf(v))).toEqual([0, 2, 3, 5]);
    expect([0, 1, 2, 3, 4, 5].map((s) => plan.versionOf(s, 0))).toEqual([
      0, 0, 1, 2, 2, 3,
    ]);
    expect(plan.stepsFrom(2)).toEqual({ first: 2, end: 3 });
    expect(plan.stepsFrom(3)).toEqual({ first: 3, end: 5 });
  });

  it('counts the places of leaves over short last steps', () => {
    // 4 + 4 + 3 leaves an epoch: step 2 has places 8, 9, 10, step 3 from 11
    const plan = planOf(SMALL, ASYNC);
    expect(plan.versionsPerEpoch).toBe(11);
    expect(plan.versionOf(2, 2)).toBe(10);
    expect(plan.versionOf(3, 0)).toBe(11);
    expect([7, 8, 10, 11, 15].map((v) => plan.stepOf(v))).toEqual([
      1, 2, 2, 3, 4,
    ]);
  });

  it('counts the examples of a replica over its steps', () => {
    const plan = planOf(SMALL, local(3));
    // steps 0, 1, 2: leaves 0 to 2 have 2 examples in each, leaf 3 in the
    // first two alone
    const countOf = (firstLeaf: number, numLeaves: number) =>
      plan.countOf({ step: 0, firstLeaf, numLeaves });
    expect([0, 1, 2, 3].map((leaf) => countOf(leaf, 1))).toEqual([6, 6, 6, 4]);
    expect([countOf(0, 2), countOf(2, 2), countOf(0, 4)]).toEqual([12, 10, 22]);
  });

  it.each([
    // by steps of 3 out of 6 versions
    [SYNC, 3, [3, 6]],
    // after steps 2, 4, 6 and 8 (a short round counts as a whole one): 3 is
    // passed with 4, 6 is met
    [local(2), 3, [2, 3]],
    // places of 3 steps: 12; of 1 step: each fourth
    [ASYNC, 3, [12]],
    [ASYNC, 1, [4, 8, 12, 16, 20]],
    [SYNC, 0, []],
    [ASYNC, 0, []],
  ] as const)('with %o a checkpoint every %i steps: %j', (mode, steps, due) => {
    const plan = planOf(SMALL, mode);
    const versions = Array.from(
      { length: plan.totalVersions + 1 },
      (_, v) => v,
    );
    expect(versions.filter((v) => plan.isCheckpointDue(v, steps))).toEqual(due);
  });

  it.each([
    // epochs end at 11 and 22; every 2 steps is every 8 places
    [2, [8, 11, 16, 22]],
    [0, [11, 22]],
    [100, [11, 22]],
  ])('stops with a checkpoint every %i steps at %j', (steps, stops) => {
    const plan = planOf(SMALL, ASYNC);
    const segments = segmentsOf(plan, steps);
    expect(segments.map(({ endVersion }) => endVersion)).toEqual(stops);
  });

  it("takes the run's schedule at the global step", () => {
    const plan = new Plan({
      ...{ seed: 1, epochs: 1, microBatches: 1, consistency: SYNC },
      globalBatchSize: 1,
      schedule: { name: 'cosine', learningRate: 8, warmupRatio: 0.5 },
      dataset: { numTrain: 8 },
    });
    // warm-up over 4 of 8 steps: 8 (t + 1) / 4; then half a cosine from 8
    expect([0, 1, 3, 4].map((t) => plan.learningRateAt(t))).toEqual([
      2, 4, 8, 8,
    ]);
    expect(plan.learningRateAt(6)).toBeCloseTo(4, 12);
  });
});

describe('the laws of a plan', () => {
  it('each version is made of the step that goes into it', () => {
    const law = (all: Sizes, mode: Consistency) => {
      const plan = planOf(all, mode);
      for (let v = 0; v < plan.totalVersions; v++) {
        const step = plan.stepOf(v);
        const { epoch, numLeaves } = plan.schedule.stepAt(step);
        expect(epoch).toBe(plan.epochOf(v));
        const places = Array.from({ length: numLeaves }, (_, leaf) =>
          plan.versionOf(step, leaf),
        );
        // one place a leaf, or all of them in one version
        expect(places).toContain(v);
        expect(new Set(places).size).toBe(plan.isOnArrival ? numLeaves : 1);
      }
    };
    fc.assert(fc.property(sizes, consistency, law));
  });

  it('places rise with step and leaf, from 0 to the last version', () => {
    const law = (all: Sizes, mode: Consistency) => {
      const plan = planOf(all, mode);
      const places = allLeaves(plan).map((name) => {
        const [step, leaf] = name.split('/').map(Number);
        return plan.versionOf(step!, leaf!);
      });
      const rises = places.map((v, i) => v - (places[i - 1] ?? 0));
      const allowed = plan.isOnArrival ? [1] : [0, 1];
      expect(places[0]).toBe(0);
      expect(allowed).toEqual(expect.arrayContaining(rises.slice(1)));
      expect(places.at(-1)).toBe(plan.totalVersions - 1);
    };
    fc.assert(fc.property(sizes, consistency, law));
  });

  it('segments tile the run, and each epoch ends with one', () => {
    const law = (all: Sizes, mode: Consistency, steps: number) => {
      const plan = planOf(all, mode);
      const segments = segmentsOf(plan, steps);
      const ends = segments.map(({ endVersion }) => endVersion);
      for (const { firstVersion, endVersion, numUnits } of segments) {
        expect(endVersion).toBeGreaterThan(firstVersion);
        expect(numUnits).toBeGreaterThan(0);
        expect(plan.epochOf(endVersion - 1)).toBe(plan.epochOf(firstVersion));
      }
      for (let epoch = 1; epoch <= all.epochs; epoch++) {
        expect(ends).toContain(epoch * plan.versionsPerEpoch);
      }
      expect(ends.at(-1)).toBe(plan.totalVersions);
    };
    fc.assert(fc.property(sizes, consistency, every, law));
  });

  it('the units of all segments are all leaves, each once', () => {
    const law = (all: Sizes, mode: Consistency, steps: number) => {
      const plan = planOf(all, mode);
      const given = segmentsOf(plan, steps).flatMap((segment) =>
        unitsOf(plan, segment).flatMap((unit) => leavesIn(plan, unit)),
      );
      expect(given.sort()).toEqual(allLeaves(plan).sort());
    };
    fc.assert(fc.property(sizes, consistency, every, law));
  });

  it('the counts of the units of an epoch add up to its examples', () => {
    const law = (all: Sizes, mode: Consistency, steps: number) => {
      const plan = planOf(all, mode);
      let count = 0;
      for (const segment of segmentsOf(plan, steps)) {
        for (const unit of unitsOf(plan, segment)) count += plan.countOf(unit);
      }
      expect(count).toBe(all.epochs * all.numTrain);
    };
    fc.assert(fc.property(sizes, consistency, every, law));
  });

  it('a run of leaves counts what its leaves count', () => {
    const law = (all: Sizes, mode: Consistency, cut: number) => {
      const plan = planOf(all, mode);
      const version = cut % plan.totalVersions;
      const step = plan.stepOf(version);
      const { numLeaves } = plan.schedule.stepAt(step);
      const countOf = (firstLeaf: number, num: number) =>
        plan.countOf({ step, firstLeaf, numLeaves: num });
      const at = cut % numLeaves;
      const [left, right] = [at && countOf(0, at), countOf(at, numLeaves - at)];
      expect(left + right).toBe(countOf(0, numLeaves));
    };
    fc.assert(fc.property(sizes, consistency, fc.nat(), law));
  });

  it('unitOf undoes leavesOf, and knows no leaf of another segment', () => {
    const law = (all: Sizes, mode: Consistency, steps: number) => {
      const plan = planOf(all, mode);
      const segments = segmentsOf(plan, steps);
      segments.forEach((segment, i) => {
        unitsOf(plan, segment).forEach((unit, index) => {
          expect(plan.unitOf(segment, unit)).toBe(index);
          for (const other of [segments[i - 1], segments[i + 1]]) {
            if (other) expect(plan.unitOf(other, unit)).toBeUndefined();
          }
        });
      });
    };
    fc.assert(fc.property(sizes, consistency, every, law));
  });

  it('whoever goes on inside a segment stops at the same end', () => {
    const law = (all: Sizes, mode: Consistency, steps: number) => {
      const plan = planOf(all, mode);
      for (const { firstVersion, endVersion } of segmentsOf(plan, steps)) {
        for (let v = firstVersion; v < endVersion; v++) {
          const rest = plan.segmentAt(v, steps);
          expect(rest.endVersion).toBe(endVersion);
          if (plan.isOnArrival) expect(rest.numUnits).toBe(endVersion - v);
        }
      }
    };
    fc.assert(fc.property(sizes, consistency, every, law));
  });

  it('checkpoints are due at the ends of segments alone', () => {
    const law = (all: Sizes, mode: Consistency, steps: number) => {
      const plan = planOf(all, mode);
      const ends = new Set(segmentsOf(plan, steps).map((s) => s.endVersion));
      for (let v = 0; v <= plan.totalVersions; v++) {
        if (plan.isCheckpointDue(v, steps)) expect(ends).toContain(v);
      }
    };
    fc.assert(fc.property(sizes, consistency, every, law));
  });
});
