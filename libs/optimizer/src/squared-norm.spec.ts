import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { squaredNorm } from './squared-norm.js';

const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

describe('squaredNorm', () => {
  it('sums squares for every remainder of the four lanes', () => {
    // 1 + 4 + ... + n^2 = n (n + 1) (2n + 1) / 6
    for (let n = 0; n <= 9; n++) {
      const vector = Float32Array.from({ length: n }, (_, i) => i + 1);
      expect(squaredNorm(vector)).toBe((n * (n + 1) * (2 * n + 1)) / 6);
    }
  });

  it('adds in lanes: (lane0 + lane1) + (lane2 + lane3)', () => {
    // 2^54 + 1 rounds to 2^54, so a 1 next to it is lost but 1 + 1 is not
    // when it comes from other lanes: 2^54 + (1 + 1 + 1 + 1) = 2^54 + 4.
    const big = 2 ** 27;
    const inOneLane = Float32Array.of(big, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1);
    expect(squaredNorm(inOneLane)).toBe(2 ** 54);
    const inOthers = Float32Array.of(big, 0, 1, 1, 0, 0, 1, 1);
    expect(squaredNorm(inOthers)).toBe(2 ** 54 + 4);
  });

  it('stays finite for the largest float32', () => {
    const vector = new Float32Array(1000).fill(MAX_FLOAT32);
    expect(squaredNorm(vector) / (1000 * MAX_FLOAT32 ** 2)).toBeCloseTo(1, 12);
  });

  it('is non-finite exactly when an element is', () => {
    const elements = fc.array(fc.float(), { maxLength: 11 });
    fc.assert(
      fc.property(elements, (values) => {
        const isFinite = values.every((value) => Number.isFinite(value));
        const norm = squaredNorm(Float32Array.from(values));
        expect(Number.isFinite(norm)).toBe(isFinite);
      }),
      { numRuns: 500 },
    );
  });
});
