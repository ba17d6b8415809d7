import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactLog, normalQuantile } from './normal-quantile.js';

describe('exactLog', () => {
  it('is within 4 units of the last place of Math.log', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
        const tolerance = 4 * Number.EPSILON * Math.abs(Math.log(x)) + 1e-16;
        expect(Math.abs(exactLog(x) - Math.log(x))).toBeLessThan(tolerance);
      }),
      { numRuns: 2000 },
    );
  });

  it('is 0 at 1, and whole multiples of log 2 at powers of 2', () => {
    expect(exactLog(1)).toBe(0);
    expect(exactLog(2)).toBe(Math.LN2);
    expect(exactLog(2 ** -53)).toBe(-53 * Math.LN2);
  });
});

describe('normalQuantile', () => {
  // Python 3's statistics.NormalDist().inv_cdf, which is AS 241 as well. The
  // first three are also in every table: 1.96, 3.09, -6.36.
  it.each([
    [0.975, 1.9599639845400536],
    [0.999, 3.090232306167813],
    [1e-10, -6.361340902404056],
    [1e-15, -7.941345326170995],
    [0.3, -0.5244005127080407],
    [2 ** -53, -8.209536151601386],
  ])('gives at %d what the reference gives', (p, z) => {
    expect(Math.abs(normalQuantile(p) / z - 1)).toBeLessThan(1e-15);
  });

  it('is odd about one half', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 51 }), (k) => {
        const p = k * 2 ** -52;
        expect(normalQuantile(1 - p) + normalQuantile(p)).toBe(0);
      }),
    );
  });

  it('rises over the seams of its three parts', () => {
    // 0.075 and 0.925 end the centre; exp(-25) = 1.39e-11 ends the tail.
    for (const seam of [0.075, 0.925, 1.3887943864964021e-11]) {
      const around = [-2, -1, 0, 1, 2].map((k) =>
        normalQuantile(seam * (1 + k * 1e-9)),
      );
      expect(around).toEqual([...around].sort((a, b) => a - b));
      expect(new Set(around).size).toBe(5);
    }
  });
});
