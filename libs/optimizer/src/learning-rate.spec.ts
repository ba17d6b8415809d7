import { describe, expect, it } from 'vitest';
import { cosineDecay, learningRateAt } from './learning-rate.js';

const cosine = {
  name: 'cosine',
  learningRate: 0.004,
  warmupRatio: 0.1,
} as const;

describe('learningRateAt', () => {
  it('is constant', () => {
    const config = { name: 'constant', learningRate: 0.001 } as const;
    for (const step of [0, 1, 99, 100, 1000]) {
      expect(learningRateAt(config, step, 100)).toBe(0.001);
    }
  });

  it('rises linearly over the warm-up: (step + 1) / 10 of the peak', () => {
    const rates = Array.from({ length: 10 }, (_, step) =>
      learningRateAt(cosine, step, 100),
    );
    expect(rates).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((k) => (0.004 * k) / 10),
    );
  });

  it('then falls as a cosine: all, three quarters, half, a quarter', () => {
    // Progress 0, 1/3, 1/2, 2/3 of the 90 steps: (1 + cos(pi p)) / 2.
    const shares = [10, 40, 55, 70].map(
      (step) => learningRateAt(cosine, step, 100) / 0.004,
    );
    expect(shares[0]).toBe(1);
    expect(shares[1]).toBeCloseTo(0.75, 14);
    expect(shares[2]).toBeCloseTo(0.5, 14);
    expect(shares[3]).toBeCloseTo(0.25, 14);
  });

  it('is above 0 in the last step and 0 after it', () => {
    // (1 + cos(pi 89/90)) / 2 = sin(pi / 180)^2 = 3.0459e-4
    expect(learningRateAt(cosine, 99, 100) / 0.004).toBeCloseTo(3.0459e-4, 8);
    expect(learningRateAt(cosine, 100, 100)).toBe(0);
    expect(learningRateAt(cosine, 500, 100)).toBe(0);
  });

  it('works without a warm-up and for a single step', () => {
    const config = { ...cosine, warmupRatio: 0 };
    expect(learningRateAt(config, 0, 10)).toBe(0.004);
    expect(learningRateAt(config, 0, 1)).toBe(0.004);
    expect(learningRateAt({ ...cosine, warmupRatio: 0.99 }, 0, 1)).toBe(0.004);
  });

  it('never rises after the warm-up', () => {
    for (let step = 99; step < 1000; step++) {
      const next = learningRateAt(cosine, step + 1, 1000);
      expect(next).toBeLessThanOrEqual(learningRateAt(cosine, step, 1000));
    }
  });
});

describe('cosineDecay', () => {
  it('is within 1e-15 of (1 + Math.cos(pi p)) / 2', () => {
    for (let i = 0; i <= 10_000; i++) {
      const p = i / 10_000;
      const expected = (1 + Math.cos(Math.PI * p)) / 2;
      expect(Math.abs(cosineDecay(p) - expected)).toBeLessThan(1e-15);
    }
  });

  it('has these bits on every engine', () => {
    // The same formula in Python's float64.
    const view = new DataView(new ArrayBuffer(8));
    const bits = [0, 0.1, 0.25, 0.7].map((p) => {
      view.setFloat64(0, cosineDecay(p));
      return view.getBigUint64(0).toString(16);
    });
    expect(bits).toEqual([
      '3ff0000000000000',
      '3fef378709a22a80',
      '3feb504f333f9de6',
      '3fca61b9f7154b46',
    ]);
  });
});
