import { describe, expect, it } from 'vitest';
import { power } from './power.js';

describe('power', () => {
  it('is exact where float64 is', () => {
    for (let n = 0; n <= 40; n++) {
      let product = 1;
      for (let i = 0; i < n; i++) product *= 2;
      expect(power(2, n)).toBe(product);
      expect(power(0.5, n)).toBe(1 / product);
    }
    expect(power(0, 0)).toBe(1);
    expect(power(0, 3)).toBe(0);
  });

  it('multiplies in its fixed order: x^5 = x * ((x^2)^2)', () => {
    const x = 0.999;
    const square = x * x;
    expect(power(x, 5)).toBe(x * (square * square));
  });

  it('is within 1e-10 of the logarithm for any number of steps', () => {
    // n log(x) is off by some n units of 2^-53: 1e-11 for 100,000.
    for (const n of [1, 10, 469, 4690, 100_000]) {
      const ratio = power(0.999, n) / Math.exp(n * Math.log(0.999));
      expect(Math.abs(ratio - 1)).toBeLessThan(1e-10);
    }
  });
});
