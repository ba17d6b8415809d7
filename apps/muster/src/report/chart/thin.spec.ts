import { describe, expect, it } from 'vitest';
import { smooth, thin } from './thin.js';
import type { Point } from './thin.js';

describe('thin', () => {
  it('keeps the peaks of a long curve, in order', () => {
    const points = Array.from({ length: 1000 }, (_, x): Point => [x, 0]);
    points[412] = [412, 9];
    points[415] = [415, -9];
    const thinned = thin(points, 10);
    expect(thinned.length).toBeLessThanOrEqual(20);
    expect(thinned).toContainEqual([412, 9]);
    expect(thinned).toContainEqual([415, -9]);
    const xs = thinned.map(([x]) => x);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
  });

  it('leaves a short curve alone', () => {
    const points: Point[] = [
      [0, 1],
      [1, Number.NaN],
      [2, 3],
    ];
    expect(thin(points, 2)).toEqual(points);
  });
});

describe('smooth', () => {
  it('is the mean so far at first, then weighs the newest by 1 of span', () => {
    const points: Point[] = [
      [1, 4],
      [2, 0],
      [3, Number.NaN],
      [4, 8],
      [5, 8],
    ];
    // 4; (4+0)/2 = 2; NaN; 2 + (8-2)/2 = 5; 5 + (8-5)/2 = 6.5
    expect(smooth(points, 2)).toEqual([
      [1, 4],
      [2, 2],
      [3, Number.NaN],
      [4, 5],
      [5, 6.5],
    ]);
  });
});
