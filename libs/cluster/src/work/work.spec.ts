import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Consistency, GradientTask } from '@muster/protocol';
import type { Member } from '../coordinator/membership.js';
import { Plan } from '../plan/plan.js';
import { Work } from './work.js';
import type { Assignment, WorkOptions } from './work.js';

const SYNC: Consistency = { name: 'sync' };
const BOUNDED: Consistency = { name: 'bounded', staleness: 9, scaling: 'none' };
const OWED = {
  ...{ epoch: 1, version: 3, trainMs: 0 },
  totals: { count: 1, lossSum: 0, correct: 0 },
};
const testSetOf = (numTest: number) => ({
  ...{ numTest, rows: 1, columns: 1, channels: 1 as const, numClasses: 2 },
});

/** Steps of 8 leaves of 1 example, 2 steps an epoch. */
function workOf(consistency: Consistency, more: Partial<WorkOptions> = {}) {
  const plan = new Plan({
    ...{ seed: 1, epochs: 2, globalBatchSize: 8, microBatches: 8, consistency },
    schedule: { name: 'constant', learningRate: 1 },
    dataset: { numTrain: 16 },
  });
  const options = {
    stragglerFactor: 0,
    numServers: 1,
    maxStaleness: undefined,
  };
  const work = new Work(plan, { ...options, ...more });
  return { plan, work };
}

function member(workerId: string): Member {
  return {
    ...{ workerId, incarnation: 1, backend: 'wasm', numerics: 'n' },
    ...{ connection: 0, state: 'active', subscribed: true, lastSeenMs: 0 },
    ...{ lastFirst: undefined, refusals: 0, quarantined: false },
  };
}

/** Assignments in a few words: `worker: first + num`, or the chunk's begin. */
function described(assignments: readonly Assignment[]): string[] {
  return assignments.map(({ member: { workerId }, task, isBackup }) => {
    const what =
      task.kind === 'evaluate'
        ? `chunk ${task.begin}`
        : `${task.firstLeaf} + ${task.numLeaves}`;
    return `${workerId}: ${what}${isBackup ? ' again' : ''}`;
  });
}

describe('Work', () => {
  it('shares a step in aligned runs among those that are there', () => {
    const { plan, work } = workOf(SYNC);
    const [a, b, c] = ['a', 'b', 'c'].map(member);
    work.train(plan.segmentAt(1, 0), 0);
    // 8 leaves among 3: at most 2 each; the rest goes out when one is done
    const given = work.assign([a!, b!, c!], 0);
    expect(described(given)).toEqual(['a: 0 + 2', 'b: 2 + 2', 'c: 4 + 2']);
    expect(given.map(({ task }) => task)).toMatchObject([
      { kind: 'gradient', taskId: 1, step: 1, base: 1 },
      { taskId: 2 },
      { taskId: 3 },
    ]);
    expect(work.assign([a!, b!, c!], 0)).toEqual([]);
    work.board?.mark(0, 2, 2);
    const last = work.assign([a!, b!, c!], 0);
    expect(described(last)).toEqual(['b: 6 + 2']);
    // all leaves of a step are of one version, whatever is in
    expect(last[0]?.task).toMatchObject({ step: 1, base: 1 });
  });

  it('gives a worker the leaves that it had the step before', () => {
    const { plan, work } = workOf(SYNC);
    const [a, b] = ['a', 'b'].map(member);
    work.train(plan.segmentAt(0, 0), 0);
    work.assign([a!, b!], 0);
    work.board?.mark(0, 0, 8);
    work.train(plan.segmentAt(1, 0), 0);
    expect(described(work.assign([b!, a!], 0))).toEqual([
      ...['b: 4 + 4', 'a: 0 + 4'],
    ]);
  });

  it('gives each gradient alone on arrival, from what is in everywhere', () => {
    const { plan, work } = workOf(BOUNDED, { numServers: 2 });
    const [a, b] = ['a', 'b'].map(member);
    const board = work.train(plan.segmentAt(16, 0), 0);
    expect(described(work.assign([a!, b!], 0))).toEqual([
      'a: 0 + 1',
      'b: 1 + 1',
    ]);
    board.mark(0, 0, 1);
    board.mark(1, 0, 1);
    // one server has leaf 1 as well: the other does not, so it may not be seen
    board.mark(0, 1, 1);
    const [next] = work.assign([a!], 0);
    expect(next?.task).toMatchObject({ step: 2, firstLeaf: 2, base: 17 });
  });

  it('evaluates beside training, a chunk at a time', () => {
    const { plan, work } = workOf(SYNC);
    const [a, b] = ['a', 'b'].map(member);
    work.train(plan.segmentAt(2, 0), 0);
    work.evaluate(OWED, testSetOf(1200));
    expect(described(work.assign([a!, b!], 0))).toEqual([
      ...['a: chunk 0', 'b: chunk 500', 'a: 0 + 4', 'b: 4 + 4'],
    ]);
    // who trains on arrival has one task at a time
    const other = workOf(BOUNDED);
    other.work.train(other.plan.segmentAt(16, 0), 0);
    other.work.evaluate(OWED, testSetOf(500));
    expect(described(other.work.assign([a!, b!], 0))).toEqual([
      ...['a: chunk 0', 'b: 0 + 1'],
    ]);
  });

  it('does not evaluate with who is training: the step comes first', () => {
    const { plan, work } = workOf(SYNC);
    const [a, b] = ['a', 'b'].map(member);
    work.train(plan.segmentAt(2, 0), 0);
    work.assign([a!, b!], 0);
    work.evaluate(OWED, testSetOf(1200));
    expect(work.assign([a!, b!], 0)).toEqual([]);
    work.board?.mark(0, 0, 4);
    expect(described(work.assign([a!, b!], 0))).toEqual(['a: chunk 0']);
  });

  it('knows whose task an id is', () => {
    const { plan, work } = workOf(SYNC);
    const board = work.train(plan.segmentAt(0, 0), 0);
    work.assign([member('a')], 0);
    expect(work.boardOf(1, 'a')).toEqual({ kind: 'training', board });
    expect(work.boardOf(1, 'b')).toBeUndefined();
    expect(work.release('a')).toBe(1);
    expect(work.boardOf(1, 'a')).toBeUndefined();
  });

  it('never gives an id twice, over segments and evaluations', () => {
    const { plan, work } = workOf(SYNC);
    const active = ['a', 'b', 'c'].map(member);
    const ids = [0, 1, 2, 3].flatMap((version) => {
      work.train(plan.segmentAt(version, 0), 0);
      work.evaluate(OWED, testSetOf(2000));
      return work.assign(active, 0).map(({ task }) => task.taskId);
    });
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives an idle worker a copy of what is slow, where it may', () => {
    const copies = [0, 3].map((stragglerFactor) => {
      const { plan, work } = workOf(SYNC, { stragglerFactor });
      const [a, b] = ['a', 'b'].map(member);
      const board = work.train(plan.segmentAt(0, 0), 0);
      work.assign([a!, b!], 0);
      // b took 10 ms a leaf: a's 4 leaves are slow after 3 * 10 * 4 ms
      const [lease] = board.mark(0, 4, 4);
      work.recordPace('training', lease!, 40);
      expect(work.assign([b!], 120)).toEqual([]);
      return described(work.assign([b!], 121));
    });
    expect(copies).toEqual([[], ['b: 0 + 1 again']]);
  });

  it('cuts a segment off after what was given, and ends there', () => {
    const { plan, work } = workOf(BOUNDED);
    work.train(plan.segmentAt(16, 0), 0);
    work.assign(['a', 'b', 'c'].map(member), 0);
    work.shorten();
    expect(work.segment).toEqual({
      ...{ firstVersion: 16, endVersion: 19, numUnits: 3 },
    });
    work.board?.mark(0, 0, 3);
    expect(work.board?.isDone).toBe(true);
  });

  it('gives everything anew that is not done', () => {
    const { plan, work } = workOf(SYNC);
    const [a] = ['a'].map(member);
    work.train(plan.segmentAt(0, 0), 0);
    work.assign([a!], 0);
    work.board?.mark(0, 0, 4);
    work.releaseTraining();
    expect(described(work.assign([a!], 0))).toEqual(['a: 4 + 4']);
  });
});

describe('the bound of staleness', () => {
  it('holds, and somebody can always work', () => {
    // Who is done next is drawn. A gradient's staleness is what was applied
    // between its base and itself; with one server that is numDone - base.
    const bound = fc.integer({ min: 0, max: 5 });
    const numWorkers = fc.integer({ min: 1, max: 8 });
    const order = fc.array(fc.nat(7), { minLength: 16, maxLength: 16 });
    const law = (maxStaleness: number, workers: number, draws: number[]) => {
      const { plan, work } = workOf(BOUNDED, { maxStaleness });
      const active = Array.from({ length: workers }, (_, i) => member(`${i}`));
      const board = work.train(plan.segmentAt(0, 0), 0);
      const out: GradientTask[] = [];
      for (const draw of draws) {
        for (const { task } of work.assign(active, 0)) {
          if (task.kind === 'gradient') out.push(task);
        }
        expect(out.length).toBeGreaterThan(0);
        const [done] = out.splice(draw % out.length, 1);
        const staleness = board.numDone - done!.base;
        expect(staleness).toBeLessThanOrEqual(maxStaleness);
        board.mark(0, plan.unitOf(work.segment!, done!)!, 1);
      }
      expect(board.isDone).toBe(true);
    };
    fc.assert(fc.property(bound, numWorkers, order, law), { numRuns: 300 });
  });

  it('lets as many work at a time as it allows, and one', () => {
    const numOut = [0, 1, 2, 5].map((maxStaleness) => {
      const { plan, work } = workOf(BOUNDED, { maxStaleness });
      work.train(plan.segmentAt(0, 0), 0);
      return work.assign(['a', 'b', 'c', 'd'].map(member), 0).length;
    });
    expect(numOut).toEqual([1, 2, 3, 4]);
  });
});
