import { describe, expect, it } from 'vitest';
import { smoothed, spanFor } from './smoothing.js';

describe('smoothed', () => {
  it('weighs by powers of 1 - 1/span', () => {
    // d = 1/2: (1 * 0 + 2 * 6) / 3, then (1 * 0 + 2 * 6 + 4 * 3) / 7
    expect(smoothed([0, 6, 3], 2)).toEqual([0, 4, 24 / 7]);
  });

  it('changes nothing with span 1, nor a constant with any', () => {
    expect(smoothed([3, 1, 2], 1)).toEqual([3, 1, 2]);
    for (const value of smoothed([5, 5, 5, 5], 7)) {
      expect(value).toBeCloseTo(5, 12);
    }
  });

  it('leaves gaps, which weigh nothing', () => {
    expect(smoothed([1, null, 1], 4)).toEqual([1, null, 1]);
  });
});

describe('spanFor', () => {
  it('is 1 for few points and 25 for many', () => {
    expect([spanFor(0), spanFor(40), spanFor(400), spanFor(9_000)]).toEqual([
      1, 1, 10, 25,
    ]);
  });
});
