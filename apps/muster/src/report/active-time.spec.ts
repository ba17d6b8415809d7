import { describe, expect, it } from 'vitest';
import { ActiveTime } from './active-time.js';

describe('ActiveTime', () => {
  it('counts from the first moment', () => {
    const time = new ActiveTime([5000, 7000, 6000, Number.NaN]);
    expect([time.at(4000), time.at(5000), time.at(6500)]).toEqual([0, 0, 1.5]);
    expect([time.total, time.cuts]).toEqual([2, []]);
  });

  it('cuts a pause of an hour down to two seconds', () => {
    const hour = 3_600_000;
    const time = new ActiveTime([0, 10_000, 10_000 + hour, 20_000 + hour]);
    // 10 s, then 2 for the pause, then 10 more
    expect(time.total).toBe(22);
    expect(time.at(15_000 + hour)).toBe(17);
    expect(time.cuts).toEqual([{ at: 11, pauseSeconds: 3600 }]);
  });

  it('takes a run of which nothing is known', () => {
    expect(new ActiveTime([]).total).toBe(0);
  });
});
