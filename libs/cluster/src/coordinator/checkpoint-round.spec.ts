import { describe, expect, it } from 'vitest';
import { CheckpointRound } from './checkpoint-round.js';

function stateOf({ isTaken, isDone, isWhole }: CheckpointRound) {
  return { isTaken, isDone, isWhole };
}

describe('CheckpointRound', () => {
  it('is taken, then done, when every server is', () => {
    const round = new CheckpointRound(8, 'epoch', 2);
    expect(round).toMatchObject({ version: 8, reason: 'epoch' });
    const states = (
      [
        [0, 'taken'],
        [1, 'taken'],
        [1, 'written'],
        [0, 'written'],
      ] as const
    ).map(([shard, progress]) => {
      round.note(shard, progress);
      return stateOf(round);
    });
    expect(states).toEqual([
      { isTaken: false, isDone: false, isWhole: false },
      { isTaken: true, isDone: false, isWhole: false },
      { isTaken: true, isDone: false, isWhole: false },
      { isTaken: true, isDone: true, isWhole: true },
    ]);
  });

  it('is done and not whole when one server could not write', () => {
    const round = new CheckpointRound(8, 'interval', 2);
    round.note(0, 'failed');
    round.note(1, 'written');
    expect(stateOf(round)).toEqual({
      ...{ isTaken: true, isDone: true, isWhole: false },
    });
  });

  it('stays failed, whatever is said after it', () => {
    const round = new CheckpointRound(8, 'interval', 1);
    round.note(0, 'failed');
    round.note(0, 'written');
    expect(round.isWhole).toBe(false);
  });

  it('takes what is written for taken, as a word may be lost', () => {
    const round = new CheckpointRound(8, 'drain', 1);
    round.note(0, 'written');
    expect(stateOf(round)).toEqual({
      ...{ isTaken: true, isDone: true, isWhole: true },
    });
  });

  it('does not count one server for two', () => {
    const round = new CheckpointRound(8, 'finished', 2);
    round.note(0, 'taken');
    round.note(0, 'taken');
    expect(round.isTaken).toBe(false);
    round.note(0, 'written');
    round.note(0, 'written');
    expect(round.isDone).toBe(false);
  });
});
