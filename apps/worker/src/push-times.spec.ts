import { describe, expect, it } from 'vitest';
import { PushTimes } from './push-times.js';

const accepted = (pushId: number, version: number) => ({
  ...{ pushId, version, outcome: 'accepted' as const },
});

describe('PushTimes', () => {
  it('adds up the parts of a push, and waits for every answer', () => {
    const times = new PushTimes();
    expect(times.last).toEqual({ encode: 0, push: 0 });
    const push = { pushId: 1, bases: [4, 4] };
    expect(times.sent(0, push, 100, 103)).toBe(true);
    expect(times.sent(1, push, 103, 105)).toBe(false);
    expect(times.last).toEqual({ encode: 5, push: 0 });
    expect(times.answered(1, accepted(1, 4), 120)).toEqual({});
    // left at 103, the last answer at 133
    expect(times.answered(0, accepted(1, 5), 133)).toEqual({
      ...{ staleness: 0, pushMs: 30 },
    });
    expect(times.last).toEqual({ encode: 5, push: 30 });
  });

  it('counts the steps between base and application', () => {
    const times = new PushTimes();
    times.sent(0, { pushId: 1, bases: [4] }, 0, 0);
    times.sent(0, { pushId: 2, bases: [4] }, 0, 0);
    // applied to version 7, which it made 8 of
    expect(times.answered(0, accepted(1, 8), 1)?.staleness).toBe(3);
    // a part of a step: the version is still the one that it is from
    expect(times.answered(0, accepted(2, 4), 1)?.staleness).toBe(0);
  });

  it('has no staleness of what was not applied, and no time twice', () => {
    const times = new PushTimes();
    times.sent(0, { pushId: 1, bases: [4] }, 0, 10);
    const stale = { pushId: 1, outcome: 'stale' as const, version: 9 };
    expect(times.answered(0, stale, 12)).toEqual({ pushMs: 2 });
    expect(times.answered(0, stale, 15)).toBeUndefined();
    expect(times.answered(0, accepted(77, 1), 15)).toBeUndefined();
  });

  it('waits once for a part that was sent again', () => {
    const times = new PushTimes();
    const push = { pushId: 1, bases: [0] };
    times.sent(0, push, 0, 10);
    expect(times.sent(0, push, 500, 501)).toBe(false);
    expect(times.answered(0, accepted(1, 1), 600)?.pushMs).toBe(590);
  });
});
