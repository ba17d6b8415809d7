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
    board.complete(0, 1);
    expect(board.release(lease?.taskId ?? -1)).toEqual(lease);
    expect(take(board, 'b', 2)).toMatchObject({ first: 1, num: 1 });
    expect(board.isDone).toBe(false);
    board.complete(1, 1);
    expect(board.isDone).toBe(true);
  });

  it('counts a unit that is completed twice once', () => {
    const board = new TaskBoard(2);
    board.complete(0, 1);
    board.complete(0, 1);
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
