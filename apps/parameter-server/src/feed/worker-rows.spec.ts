import type { MemberView } from '@muster/cluster';
import { describe, expect, it } from 'vitest';
import { WorkerRows } from './worker-rows.js';

const member = (workerId: string, state: MemberView['state'] = 'active') => ({
  ...{ workerId, incarnation: 1, backend: 'wasm', state },
});
const pushed = (
  workerId: string,
  compute: number,
): Parameters<WorkerRows['pushed']>[0] => ({
  ...{ type: 'pushed', workerId, outcome: 'accepted', step: 1 },
  ...{ firstLeaf: 0, numLeaves: 1, count: 50, staleness: 0 },
  phases: { wait: 1, data: 2, compute, encode: 3, push: 4, pull: 5 },
  ...{ isBackup: false, message: undefined },
});

describe('WorkerRows', () => {
  it('has the mean of what a worker did, and how it compares', () => {
    const rows = new WorkerRows();
    rows.pushed(pushed('a', 10), 0);
    rows.pushed(pushed('a', 20), 500);
    rows.pushed({ ...pushed('a', 20), outcome: 'duplicate' }, 500);
    const paces = new Map([
      ['a', 30],
      ['b', 10],
      ['c', 10],
    ]);
    const [a] = rows.rows([member('a')], paces, 1000);
    expect(a).toEqual({
      ...member('a'),
      // 100 images in a second
      imagesPerSecond: 100,
      contributions: 2,
      // 10 + 0.1 * 10 = 11, and 11 + 0.1 * 9 = 11.9
      phasesMs: {
        wait: 1,
        data: 2,
        compute: 11.9,
        encode: 3,
        push: 4,
        pull: 5,
      },
      straggling: 3,
    });
  });

  it('shows who has done nothing yet, and who prepares', () => {
    const [row] = new WorkerRows().rows([member('a', 'joined')], new Map(), 0);
    expect(row).toMatchObject({
      ...{ state: 'active', imagesPerSecond: 0, contributions: 0 },
      ...{ straggling: 1, phasesMs: { compute: 0 } },
    });
  });

  it('shows all that are there and the last that were', () => {
    const gone = Array.from({ length: 99 }, (_, i) => member(`g${i}`, 'gone'));
    const here = Array.from({ length: 99 }, (_, i) => member(`h${i}`));
    const ids = new WorkerRows()
      .rows([...gone, ...here], new Map(), 0)
      .map(({ workerId }) => workerId);
    expect(ids).toHaveLength(24 + 99);
    expect(ids[0]).toBe('g75');
  });
});
