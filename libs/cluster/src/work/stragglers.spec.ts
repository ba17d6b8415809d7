import { describe, expect, it } from 'vitest';
import type { Member } from '../coordinator/membership.js';
import { Stragglers } from './stragglers.js';
import type { WorkKind } from './stragglers.js';
import type { Lease } from './task-board.js';

function member(workerId: string): Member {
  return {
    ...{ workerId, incarnation: 1, backend: 'wasm', numerics: 'n' },
    ...{ connection: 0, state: 'active', subscribed: true, lastSeenMs: 0 },
    ...{ lastFirst: undefined, refusals: 0, quarantined: false },
  };
}

/** Units that a worker holds since 0. */
function lease(workerId: string, num = 1): Lease {
  const first = { first: 0, sinceMs: 0, doneBefore: 0 };
  return { taskId: 1, workerId, num, ...first, isBackup: false };
}

/** Members and their milliseconds for a unit; NaN is not known. */
function stage(unitMs: Record<string, number>, factor = 3) {
  const stragglers = new Stragglers(factor);
  for (const [workerId, ms] of Object.entries(unitMs)) {
    if (!Number.isNaN(ms)) stragglers.record('training', lease(workerId), ms);
  }
  return { stragglers, members: Object.keys(unitMs).map(member) };
}

function namesOf(members: readonly Member[]): string[] {
  return members.map(({ workerId }) => workerId);
}

describe('who helps with a segment', () => {
  it('is who does not hold it up, and stays so until it is over', () => {
    const { stragglers, members } = stage({ a: 10, b: 10, slow: 100 });
    // a and b need 2 * 10 ms for 4 units, slow 100 ms for one
    expect(namesOf(stragglers.helpful(members, 4))).toEqual(['a', 'b']);
    // for 24 units they need 120 ms: then it would help
    expect(namesOf(stragglers.helpful(members, 24))).toEqual(['a', 'b']);
    // who has come since was not passed over
    const more = [...members, member('new')];
    expect(namesOf(stragglers.helpful(more, 4))).toEqual(['a', 'b', 'new']);
    stragglers.endSegment([], 0);
    expect(namesOf(stragglers.helpful(members, 24))).toContain('slow');
  });

  it('is everybody where nobody of them is left', () => {
    const { stragglers, members } = stage({ a: 10, slow: 100 });
    stragglers.helpful(members, 2);
    const slow = members.slice(1);
    expect(stragglers.helpful(slow, 2)).toEqual(slow);
  });

  it('is decided by who did not end as well', () => {
    const { stragglers, members } = stage({ a: 10, b: 10, c: NaN });
    // 2 units since 0: 200 ms each, and not done
    stragglers.endSegment([lease('c', 2)], 400);
    expect(stragglers.paceOf('c')).toBe(200);
    expect(namesOf(stragglers.helpful(members, 4))).toEqual(['a', 'b']);
  });
});

describe('slow', () => {
  const slow = (
    of: ReturnType<typeof stage>,
    who: number,
    kind: WorkKind = 'training',
  ) => {
    const { stragglers, members } = of;
    return stragglers.slowUnitMs(kind, members[who]!, members.slice(0, 3));
  };

  it('is so many times the median pace of those who help', () => {
    const paces = { a: 10, b: 20, c: 90, passedOver: 500 };
    expect(slow(stage(paces), 0)).toBe(3 * 20);
    // who was passed over is asked last
    expect(slow(stage(paces), 3)).toBe(10 * 3 * 20);
  });

  it('is nothing that is not known, or not wanted', () => {
    const unknown = stage({ a: NaN, b: NaN, c: NaN, d: 10 });
    expect(slow(unknown, 0)).toBeUndefined();
    expect(slow(stage({ a: 10, b: 20, c: 90 }, 0), 0)).toBeUndefined();
  });

  it('is another thing for each kind of work', () => {
    const both = stage({ a: 10, b: 20, c: 90 });
    expect(slow(both, 0, 'evaluating')).toBeUndefined();
    both.stragglers.record('evaluating', lease('a', 2), 14);
    // 2 chunks in 14 ms
    expect(slow(both, 0, 'evaluating')).toBe(3 * 7);
  });
});
