import { describe, expect, it } from 'vitest';
import { RecentCount } from './recent-count.js';

describe('RecentCount', () => {
  it('is a mean since the first one, while that is not long ago', () => {
    const count = new RecentCount();
    expect(count.perSecond(0)).toBe(0);
    for (let ms = 0; ms < 2000; ms += 100) count.add(10, ms);
    // 20 times 10 in two seconds
    expect(count.perSecond(2000)).toBe(100);
  });

  it('forgets what is five seconds ago', () => {
    const count = new RecentCount();
    for (let ms = 0; ms < 20_000; ms += 100) {
      count.add(ms < 10_000 ? 1000 : 10, ms);
    }
    // from 14,500 on: 55 times 10 in 5.5 s
    expect(count.perSecond(20_000 - 1)).toBeCloseTo(100, 0);
    expect(count.perSecond(30_000)).toBe(0);
  });
});
