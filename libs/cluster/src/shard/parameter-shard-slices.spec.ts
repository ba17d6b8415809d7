import { describe, expect, it } from 'vitest';
import type { Consistency, RunDefinition } from '@muster/protocol';
import { ParameterShard } from './parameter-shard.js';
import type { AppliedStep } from './push-decision.js';
import type { PushedSlice } from './pushed-slice.js';

const NUM_PARAMETERS = 61;

/** 7 examples in leaves of 1: steps of 3, 3 and 1 leaves, 2 epochs. */
function runOf(
  consistency: Consistency,
  optimizer: RunDefinition['optimizer'],
  wire: RunDefinition['wire'] = 'float32',
): RunDefinition {
  const fingerprint = 'a'.repeat(64);
  const sizes = { rows: 1, columns: 1, channels: 1, numClasses: 2 };
  return {
    ...{ protocol: 1, runId: 'run', seed: 1, epochs: 2, consistency, wire },
    ...{ globalBatchSize: 3, microBatches: 3, optimizer },
    schedule: { name: 'cosine', learningRate: 0.01, warmupRatio: 0.3 },
    dataset: { name: 'x', fingerprint, numTrain: 7, numTest: 1, ...sizes },
    model: {
      ...{ topology: {}, fingerprint, numParameters: NUM_PARAMETERS },
      layout: [{ name: 'w', shape: [NUM_PARAMETERS], offset: 0 }],
    },
  };
}

const DECAYS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const ADAM = { name: 'adam' as const, ...DECAYS };
const OUTER = { name: 'nesterov', learningRate: 0.7, momentum: 0.9 } as const;
const RUNS = [
  ['sync', runOf({ name: 'sync' }, ADAM)],
  ['local', runOf({ name: 'local', steps: 2, outer: OUTER }, ADAM)],
  [
    'bounded',
    runOf({ name: 'bounded', staleness: 9, scaling: 'inverse' }, ADAM),
  ],
  [
    'async',
    runOf(
      { name: 'async', maxStaleness: 9, scaling: 'none' },
      { name: 'momentum', momentum: 0.9 },
    ),
  ],
  ['sync, in bf16', runOf({ name: 'sync' }, ADAM, 'bf16')],
] as const;

/** Irregular float32 numbers: every operation on them rounds. */
function irregular(seed: number, begin: number, end: number): Float32Array {
  return Float32Array.from({ length: end - begin }, (_, i) => {
    const hash = Math.imul(seed * 101 + begin + i + 1, 0x9e3779b1) >>> 8;
    return hash / 2 ** 24 - 0.5;
  });
}

function shardOf(
  run: RunDefinition,
  { begin = 0, end = NUM_PARAMETERS, numPrevious = 0 } = {},
): ParameterShard {
  const parameters = irregular(0, begin, end);
  const start = { version: 0, begin, end, parameters, slots: {} };
  return new ParameterShard(run, start, numPrevious);
}

/** What is pushed in the segment that begins with the present version. */
function pushesFor({ plan, version, begin, end }: ParameterShard) {
  const segment = plan.segmentAt(version, 1);
  return Array.from({ length: segment.numUnits }, (_, unit): PushedSlice => {
    const leaves = plan.leavesOf(segment, unit, 1);
    const slice = irregular(1 + version * 8 + unit, begin, end);
    const sums = { count: plan.countOf(leaves), lossSum: unit, correct: 0 };
    return { ...leaves, ...sums, slice, begin, end, base: version };
  });
}

/** Pushes the whole run through; tells what each version was made of. */
function train(shard: ParameterShard): AppliedStep[] {
  const made: AppliedStep[] = [];
  while (shard.version < shard.plan.totalVersions) {
    for (const pushed of pushesFor(shard).reverse()) {
      const decision = shard.push(pushed);
      if (decision.outcome !== 'accepted') throw new Error(decision.outcome);
      if (decision.applied) made.push(decision.applied);
    }
  }
  return made;
}

describe.each(RUNS)('slices of one shard in mode %s', (_, run) => {
  it.each([1, 2, 3, 5])(
    '%i together have the bits of the whole',
    (numShards) => {
      const whole = shardOf(run);
      const made = train(whole);
      expect(made).toHaveLength(whole.plan.totalVersions);
      const bounds = Array.from({ length: numShards + 1 }, (_, k) =>
        Math.floor((k * NUM_PARAMETERS) / numShards),
      );
      const slices = bounds.slice(1).map((end, k) => {
        const slice = shardOf(run, { begin: bounds[k]!, end });
        train(slice);
        return slice;
      });
      const concatenated = slices.flatMap(({ parameters }) => [...parameters]);
      expect(concatenated).toEqual([...whole.parameters]);
      for (const [name, slot] of Object.entries(whole.slots)) {
        const parts = slices.flatMap(({ slots }) => [...slots[name]!]);
        expect(parts).toEqual([...slot]);
      }
    },
  );
});

it('counts the updates of the optimizer by version, also after a restart', () => {
  // Adam on a gradient that stays the same: m = (1 - b1^t) g and v = (1 - b2^t)
  // g^2, so with the right t it moves by the learning rate each time.
  const schedule = { name: 'constant' as const, learningRate: 0.01 };
  const run = { ...runOf({ name: 'sync' }, ADAM), schedule };
  let shard = shardOf(run, { end: 1 });
  for (let version = 0; version < 4; version++) {
    const before = shard.parameters[0]!;
    for (const pushed of pushesFor(shard)) {
      const slice = new Float32Array(1).fill(pushed.count);
      shard.push({ ...pushed, slice });
    }
    // float32: a few units of 2^-24 of a number below 1
    expect(before - shard.parameters[0]!).toBeCloseTo(0.01, 6);
    const { parameters, slots } = shard;
    const start = { version: shard.version, begin: 0, end: 1 };
    shard = new ParameterShard(run, { ...start, parameters, slots });
  }
});

describe.each(RUNS.slice(0, 2))('replay in mode %s', (_, run) => {
  it('makes of the same sums the same bits as the pushes did', () => {
    const primary = shardOf(run);
    const standby = shardOf(run);
    for (const applied of train(primary)) {
      const { count, lossSum, correct, sum } = applied;
      const again = standby.replay({ slice: sum, count, lossSum, correct });
      expect(again).toEqual(applied);
    }
    expect(standby.version).toBe(primary.version);
    expect(standby.parameters).toEqual(primary.parameters);
    expect(standby.slots).toEqual(primary.slots);
  });

  it('goes on where the other one stopped: whose leaves were in is lost', () => {
    const [primary, standby] = [shardOf(run), shardOf(run)];
    const [first, ...others] = pushesFor(primary);
    primary.push(first!);
    // taken over in the middle of a step: all of its leaves are done again
    for (const pushed of pushesFor(standby)) standby.push(pushed);
    for (const pushed of others) primary.push(pushed);
    expect(standby.version).toBe(1);
    expect(standby.parameters).toEqual(primary.parameters);
  });
});

describe('sliceOf', () => {
  const [, run] = RUNS[0];

  /** Trains to a version; gives copies of all on the way. */
  function trainTo(shard: ParameterShard, version: number): Float32Array[] {
    const seen = [shard.parameters.slice()];
    while (shard.version < version) {
      for (const pushed of pushesFor(shard)) shard.push(pushed);
      seen.push(shard.parameters.slice());
    }
    return seen;
  }

  it('gives the newest as a live view', () => {
    const shard = shardOf(run);
    expect(shard.sliceOf(0)).toBe(shard.parameters);
    expect(shard.sliceOf(1)).toBeUndefined();
  });

  it('gives the two before it where two are kept, and no others', () => {
    const shard = shardOf(run, { numPrevious: 2 });
    expect(shard.oldest).toBe(0);
    // within the first epoch of 3 steps, so nothing is pinned
    const seen = trainTo(shard, 2);
    expect([0, 1, 2].map((v) => shard.sliceOf(v))).toEqual(seen);
    expect(shard.oldest).toBe(0);
    trainTo(shard, 5);
    expect([1, 2].map((v) => shard.sliceOf(v))).toEqual([undefined, undefined]);
    expect(shard.oldest).toBe(3);
  });

  it("gives the last two epochs' ends while training goes on", () => {
    const shard = shardOf({ ...run, epochs: 4 });
    const seen = trainTo(shard, 7);
    const isThere = (versions: number[]) =>
      versions.map((v) => shard.sliceOf(v) !== undefined);
    // epochs end at 3, 6, 9 and 12
    expect([3, 6].map((v) => shard.sliceOf(v))).toEqual([seen[3], seen[6]]);
    expect(isThere([0, 1, 2, 4, 5])).toEqual(Array(5).fill(false));
    // an epoch's end is no version in a row with the newest
    expect(shard.oldest).toBe(7);
    trainTo(shard, 10);
    expect(isThere([3, 6, 9])).toEqual([false, true, true]);
    expect([...shard.pinned.keys()]).toEqual([6, 9]);
  });

  it("takes an epoch's end from elsewhere, the newest two of all", () => {
    const shard = shardOf(run);
    const [third, sixth] = [new Float32Array(1), new Float32Array(1)];
    shard.pin(6, sixth);
    shard.pin(3, third);
    expect([shard.sliceOf(3), shard.sliceOf(6)]).toEqual([third, sixth]);
    shard.pin(9, new Float32Array(1));
    expect([...shard.pinned.keys()].sort()).toEqual([6, 9]);
  });

  it("has the epoch's end again after a restart from it", () => {
    const trained = shardOf(run);
    const end = trainTo(trained, 3)[3]!;
    const { begin } = trained;
    const slots = trained.slots;
    const start = { version: 3, begin, end: trained.end, slots };
    const shard = new ParameterShard(run, {
      ...start,
      parameters: end.slice(),
    });
    trainTo(shard, 4);
    expect(shard.sliceOf(3)).toEqual(end);
  });
});
