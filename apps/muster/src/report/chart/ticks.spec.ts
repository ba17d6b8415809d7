import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearAxis, logAxis, shareOf, tightAxis } from './ticks.js';

describe('linearAxis', () => {
  it.each([
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0.913, 0.988, [0.9, 0.92, 0.94, 0.96, 0.98, 1]],
    [0, 8671, [0, 2000, 4000, 6000, 8000, 10_000]],
    [5, 5, [5, 6]],
    [0, 0, [0, 0.2]],
  ])('from %d to %d has ticks at %j', (min, max, ticks) => {
    expect(linearAxis(min, max).ticks).toEqual(ticks);
  });

  it('holds what it has to, with few and even steps', () => {
    const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const size = Math.max(1, Math.abs(min), Math.abs(max));
        fc.pre(max - min > 1e-6 * size);
        const axis = linearAxis(min, max);
        const slack = (max - min) * 1e-6;
        expect(axis.min).toBeLessThanOrEqual(min + slack);
        expect(axis.max).toBeGreaterThanOrEqual(max - slack);
        expect(axis.ticks.length).toBeLessThanOrEqual(8);
        expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
      }),
    );
  });
});

describe('tightAxis', () => {
  it('ends where the values end', () => {
    const axis = tightAxis(1, 940);
    expect([axis.min, axis.max]).toEqual([1, 940]);
    expect(axis.ticks).toEqual([200, 400, 600, 800]);
  });
});

describe('logAxis', () => {
  it.each([
    [0.03, 2.34, [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]],
    [1e-5, 3, [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10]],
    [1, 1, [1, 2]],
  ])('from %d to %d has ticks at %j', (min, max, ticks) => {
    expect(logAxis(min, max).ticks).toEqual(ticks);
  });

  it('makes equal factors equally long: 1 is in the middle of 0.1 and 10', () => {
    const axis = { scale: 'log', min: 0.1, max: 10, ticks: [] } as const;
    expect(shareOf(axis, 1)).toBeCloseTo(0.5, 12);
    expect(shareOf(axis, 10)).toBe(1);
  });
});
