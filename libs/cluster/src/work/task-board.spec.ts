import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TaskBoard } from './task-board.js';

let nextTaskId = 1;
function take(
  board: TaskBoard,
  workerId: string,
  maxUnits: number,
  options: { preferred?: number; isAlone?: boolean; nowMs?: number } = {},
) {
  const { preferred, isAlone = false, nowMs = 0 } = options;
  const taskId = nextTaskId++;
  return board.lease({
    ...{ taskId, workerId, maxUnits, preferred, isAlone, nowMs },
  });
}

describe('TaskBoard', () => {
  it('leases the longest aligned run that is free', () => {
    const board = new TaskBoard(8);
    expect(take(board, 'a', 4)).toMatchObject({ first: 0, num: 4 });
    expect(take(board, 'b', 2)).toMatchObject({ first: 4, num: 2 });
    // only 6 and 7 are left, an aligned run of 2
    expect(take(board, 'c', 4)).toMatchObject({ first: 6, num: 2 });
    expect(take(board, 'd', 1)).toBeUndefined();
  });

  it('takes powers of two: 3 units asked give 2', () => {
    expect(take(new TaskBoard(8), 'a', 3)).toMatchObject({ first: 0, num: 2 });
  });

  it('lets the last run be short when the units are no power of two', () => {
    const board = new TaskBoard(5);
    take(board, 'a', 4);
    expect(take(board, 'b', 4)).toMatchObject({ first: 4, num: 1 });
  });

  it('is sticky: the preferred start comes first', () => {
    const board = new TaskBoard(4);
    expect(take(board, 'a', 1, { preferred: 2 })).toMatchObject({ first: 2 });
    expect(take(board, 'b', 1, { preferred: 2 })).toMatchObject({ first: 0 });
  });

  it('gives released units again, but not those that were done meanwhile', () => {
    const board = new TaskBoard(2);
    const lease = take(board, 'a', 2);
    board.mark(0, 0, 1);
    expect(board.release(lease?.taskId ?? -1)).toEqual(lease);
    expect(take(board, 'b', 2)).toMatchObject({ first: 1, num: 1 });
    expect(board.isDone).toBe(false);
    board.mark(0, 1, 1);
    expect(board.isDone).toBe(true);
  });

  it('counts a unit that is completed twice once', () => {
    const board = new TaskBoard(2);
    board.mark(0, 0, 1);
    board.mark(0, 0, 1);
    expect(board.isDone).toBe(false);
  });

  it('releases everything a worker holds', () => {
    const board = new TaskBoard(4);
    take(board, 'a', 2);
    take(board, 'a', 1);
    take(board, 'b', 1);
    expect(board.releaseWorker('a')).toHaveLength(2);
    expect([...board.leases.values()].map((l) => l.workerId)).toEqual(['b']);
  });

  it('keeps a unit from the worker that failed at it, unless it is alone', () => {
    const board = new TaskBoard(1);
    board.markFailed(0, 1, 'a');
    expect(take(board, 'a', 1)).toBeUndefined();
    expect(take(board, 'b', 1)).toMatchObject({ first: 0 });
    board.releaseWorker('b');
    expect(take(board, 'a', 1, { isAlone: true })).toMatchObject({ first: 0 });
  });

  it('knows nothing of a task that is not held', () => {
    expect(new TaskBoard(1).release(77)).toBeUndefined();
  });

  it('gives a copy of the oldest slow unit, one copy a unit', () => {
    const board = new TaskBoard(4);
    take(board, 'slow', 2, { nowMs: 0 });
    take(board, 'b', 2, { nowMs: 5 });
    const ask = (nowMs: number) =>
      board.leaseBackup({
        taskId: nextTaskId++,
        workerId: 'c',
        slowUnitMs: 10,
        nowMs,
      });
    // two units at 10 ms each: slow after more than 20 ms
    expect(ask(20)).toBeUndefined();
    expect(ask(21)).toMatchObject({ first: 0, num: 1 });
    expect(ask(21)).toMatchObject({ first: 1, num: 1 });
    expect(ask(21)).toBeUndefined();
    expect(ask(26)).toMatchObject({ first: 2, num: 1 });
  });

  it('gives nobody a copy of its own work', () => {
    const board = new TaskBoard(1);
    take(board, 'a', 1);
    const request = { taskId: nextTaskId++, workerId: 'a', slowUnitMs: 1 };
    expect(board.leaseBackup({ ...request, nowMs: 100 })).toBeUndefined();
  });

  it('keeps a unit held while one of its two holders is there', () => {
    const board = new TaskBoard(1);
    const first = take(board, 'slow', 1);
    const request = { taskId: nextTaskId++, workerId: 'b', slowUnitMs: 1 };
    const copy = board.leaseBackup({ ...request, nowMs: 100 });
    board.release(first?.taskId ?? -1);
    expect(take(board, 'c', 1)).toBeUndefined();
    board.release(copy?.taskId ?? -1);
    expect(take(board, 'c', 1)).toMatchObject({ first: 0 });
  });
});

describe('a board of several servers', () => {
  it('has a unit done when every server has it', () => {
    const board = new TaskBoard(2, 3);
    const lease = take(board, 'a', 2);
    board.mark(0, 0, 2);
    board.mark(2, 0, 2);
    expect([board.numDone, board.isDone]).toEqual([0, false]);
    // the lease is over with its last unit
    expect(board.mark(1, 0, 1)).toEqual([]);
    expect(board.numDone).toBe(1);
    expect(board.mark(1, 1, 1)).toEqual([lease]);
    expect([board.isDone, board.leases.size]).toEqual([true, 0]);
  });

  it('counts the word of one server once', () => {
    const board = new TaskBoard(1, 2);
    board.mark(0, 0, 1);
    board.mark(0, 0, 1);
    expect(board.isDone).toBe(false);
  });

  it('works with 32 servers, the most there are', () => {
    const board = new TaskBoard(1, 32);
    for (let server = 31; server >= 0; server--) {
      expect(board.isDone).toBe(false);
      board.mark(server, 0, 1);
    }
    expect(board.isDone).toBe(true);
    board.forget(31);
    expect(board.isDone).toBe(false);
    board.mark(31, 0, 1);
    expect(board.isDone).toBe(true);
  });

  it('gives units together that are in on the same servers alone', () => {
    const board = new TaskBoard(4, 2);
    // server 0 has leaves 0 and 1: a sum over 0 to 3 would overlap there
    board.mark(0, 0, 2);
    expect(take(board, 'a', 4)).toMatchObject({ first: 0, num: 2 });
    expect(take(board, 'b', 4)).toMatchObject({ first: 2, num: 2 });
    const other = new TaskBoard(4, 2);
    other.mark(0, 1, 1);
    expect(take(other, 'a', 2)).toMatchObject({ first: 2, num: 2 });
    expect(take(other, 'b', 2)).toMatchObject({ first: 0, num: 1 });
  });

  it('does again what a server has lost', () => {
    const board = new TaskBoard(2, 2);
    board.mark(0, 0, 2);
    board.mark(1, 0, 1);
    board.forget(1);
    expect(board.numDone).toBe(0);
    board.mark(1, 0, 2);
    expect(board.isDone).toBe(true);
    board.forget(0);
    expect(take(board, 'a', 2)).toMatchObject({ first: 0, num: 2 });
  });

  it('ends a lease of which others have done all', () => {
    const board = new TaskBoard(2);
    const lease = take(board, 'slow', 2);
    expect(board.mark(0, 0, 2)).toEqual([lease]);
    expect(board.releaseWorker('slow')).toEqual([]);
  });

  it('passes over units that do not exist', () => {
    const board = new TaskBoard(1);
    expect(board.mark(0, 0, 5)).toEqual([]);
    expect(board.numDone).toBe(1);
  });
});

describe('what a lease knows', () => {
  it('is when it was given, and how much was done by then', () => {
    const board = new TaskBoard(4);
    board.mark(0, 0, 3);
    const lease = take(board, 'a', 1, { nowMs: 7 });
    expect(lease).toMatchObject({ first: 3, sinceMs: 7, doneBefore: 3 });
  });
});

describe('truncate', () => {
  it('cuts off what nobody was ever given', () => {
    const board = new TaskBoard(5);
    take(board, 'a', 1);
    take(board, 'b', 1);
    board.mark(0, 0, 1);
    expect(board.truncate()).toBe(2);
    expect([board.numUnits, board.isDone]).toEqual([2, false]);
    expect(take(board, 'c', 1)).toBeUndefined();
    board.mark(0, 1, 1);
    expect(board.isDone).toBe(true);
  });

  it('keeps what was given and came back', () => {
    const board = new TaskBoard(3);
    take(board, 'a', 1);
    board.releaseWorker('a');
    board.truncate();
    expect(take(board, 'b', 1)).toMatchObject({ first: 0 });
  });

  it('leaves nothing where nothing was given', () => {
    const board = new TaskBoard(3);
    expect(board.truncate()).toBe(0);
    expect(board.isDone).toBe(true);
  });
});

const KINDS = ['lease', 'backup', 'mark', 'release', 'forget'] as const;

interface Action {
  readonly kind: (typeof KINDS)[number];
  readonly worker: string;
  readonly server: number;
  readonly unit: number;
  readonly num: number;
}

describe('whatever happens', () => {
  it('every unit is done once, and no two hold one but for a backup', () => {
    const action: fc.Arbitrary<Action> = fc.record({
      kind: fc.constantFrom(...KINDS),
      worker: fc.constantFrom('a', 'b', 'c'),
      server: fc.nat(1),
      unit: fc.nat(6),
      num: fc.integer({ min: 1, max: 4 }),
    });
    const law = (actions: Action[]) => {
      const board = new TaskBoard(7, 2);
      actions.forEach(({ kind, worker, server, unit, num }, i) => {
        if (kind === 'lease') take(board, worker, num);
        if (kind === 'mark') board.mark(server, unit, num);
        if (kind === 'release') board.releaseWorker(worker);
        if (kind === 'forget') board.forget(server);
        if (kind === 'backup') {
          const request = { taskId: nextTaskId++, workerId: worker };
          board.leaseBackup({ ...request, slowUnitMs: 0, nowMs: 1 + i });
        }
        for (let u = 0; u < 7; u++) {
          const holders = [...board.leases.values()].filter(
            (lease) => lease.first <= u && u < lease.first + lease.num,
          );
          expect(holders.length).toBeLessThanOrEqual(2);
        }
      });
      // whatever is left can be taken and done
      for (const worker of ['a', 'b', 'c']) board.releaseWorker(worker);
      let given = 0;
      for (
        let lease = take(board, 'z', 4);
        lease;
        lease = take(board, 'z', 4)
      ) {
        given += lease.num;
      }
      expect(given + board.numDone).toBe(7);
      board.mark(0, 0, 7);
      board.mark(1, 0, 7);
      expect([board.numDone, board.leases.size]).toEqual([7, 0]);
    };
    fc.assert(fc.property(fc.array(action, { maxLength: 30 }), law), {
      numRuns: 200,
    });
  });
});
