import { describe, expect, it } from 'vitest';
import { accountMsAt, measureAccounts } from './account-costs.js';
import type { AccountPoint } from './account-costs.js';

const POINTS: readonly AccountPoint[] = [
  [8, 1],
  [16, 2],
  [32, 8],
];

describe('accountMsAt', () => {
  it('is what was measured, and on the line between two measurements', () => {
    const at = (numWorkers: number) => accountMsAt(POINTS, numWorkers);
    expect([4, 8, 12, 16, 24, 32].map(at)).toEqual([1, 1, 1.5, 2, 5, 8]);
  });

  it('goes on with the power of the last two', () => {
    // from 16 to 32 four times as much: the square
    expect(accountMsAt(POINTS, 64)).toBeCloseTo(32, 9);
    expect(accountMsAt(POINTS, 1024)).toBeCloseTo(8 * 32 ** 2, 6);
  });

  it('does not fall beyond the last one: that is noise', () => {
    expect(
      accountMsAt(
        [
          [8, 2],
          [16, 1],
        ],
        64,
      ),
    ).toBe(1);
  });
});

describe('measureAccounts', () => {
  it('ends before a size that would take too long', () => {
    // a word costs n / 100 ms, a measurement 8 n of them: 0.08 n^2 ms
    const sizes = measureAccounts((n) => n / 100, 1000).map(([n]) => n);
    expect(sizes).toEqual([8, 16, 32, 64]);
  });

  it('measures up to 1,024 where that is quick', () => {
    const points = measureAccounts(() => 1e-6, 1000);
    expect(points.at(-1)).toEqual([1024, 1e-6]);
  });
});
