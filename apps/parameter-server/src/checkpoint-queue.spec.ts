import { describe, expect, it } from 'vitest';
import { MusterError } from '@muster/protocol';
import { CheckpointQueue } from './checkpoint-queue.js';
import type { CheckpointOutcome } from './checkpoint-queue.js';

describe('CheckpointQueue', () => {
  it('writes the first and the newest, and skips what waited between', async () => {
    const written: number[] = [];
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const write = async (snapshot: number) => {
      if (snapshot === 1) await gate;
      written.push(snapshot);
      return `step-${snapshot}`;
    };
    const outcomes: CheckpointOutcome<number>[] = [];
    const queue = new CheckpointQueue(write, (one) => outcomes.push(one));
    for (const snapshot of [1, 2, 3]) queue.offer(snapshot);
    open();
    await queue.idle();
    expect(written).toEqual([1, 3]);
    // each is told of, also the one that was never begun
    expect(outcomes).toMatchObject([
      { outcome: 'skipped', snapshot: 2 },
      { outcome: 'written', snapshot: 1 },
      { outcome: 'written', snapshot: 3 },
    ]);
  });

  it('tells of a failure and goes on with the next', async () => {
    const outcomes: CheckpointOutcome<number>[] = [];
    const write = async (snapshot: number) => {
      if (snapshot === 1) {
        throw new MusterError('ERR_CHECKPOINT_WRITE', 'no space left');
      }
      return `step-${snapshot}`;
    };
    const queue = new CheckpointQueue(write, (one) => outcomes.push(one));
    queue.offer(1);
    await queue.idle();
    queue.offer(2);
    await queue.idle();
    expect(outcomes).toMatchObject([
      { outcome: 'failed', error: { code: 'ERR_CHECKPOINT_WRITE' } },
      { outcome: 'written', path: 'step-2' },
    ]);
  });

  it('finishes what it writes and forgets what waits when it is to drop', async () => {
    const written: number[] = [];
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const write = async (snapshot: number) => {
      await gate;
      written.push(snapshot);
      return `step-${snapshot}`;
    };
    const queue = new CheckpointQueue(write, () => undefined);
    queue.offer(1);
    queue.offer(2);
    const dropped = queue.drop();
    open();
    await dropped;
    expect(written).toEqual([1]);
    queue.offer(3);
    await queue.idle();
    expect(written).toEqual([1, 3]);
  });
});
