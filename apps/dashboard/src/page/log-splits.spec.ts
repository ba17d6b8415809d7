import { describe, expect, it } from 'vitest';
import { logSplits } from './log-splits.js';

describe('logSplits', () => {
  it('labels 1, 2 and 5 of two decades', () => {
    expect(logSplits(0.043, 2.4)).toEqual([0.05, 0.1, 0.2, 0.5, 1, 2]);
  });

  it('is finer in less, coarser in more', () => {
    expect(logSplits(0.05, 0.09)).toEqual([0.05, 0.06, 0.07, 0.08, 0.09]);
    expect(logSplits(2e-4, 20)).toEqual([0.001, 0.01, 0.1, 1, 10]);
  });

  it('is short, ascending and within for whatever range', () => {
    for (let low = 1e-9; low < 1e3; low *= 1.37) {
      for (let high = low; high < 1e9; high *= 1.83) {
        const found = logSplits(low, high);
        expect(found.length).toBeLessThanOrEqual(7);
        expect(found).toEqual([...found].sort((a, b) => a - b));
        for (const one of found) {
          expect(one >= low && one <= high, `${one} in ${low}`).toBe(true);
        }
      }
    }
  });
});
