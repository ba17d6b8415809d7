import { describe, expect, it } from 'vitest';
import { TreeSum } from '@muster/optimizer';
import { Deal } from './deal.js';
import type { LeafRun } from './deal.js';

function allOf(deal: Deal): LeafRun[] {
  const runs: LeafRun[] = [];
  for (let run = deal.take(); run; run = deal.take()) runs.push(run);
  return runs;
}

describe('Deal', () => {
  it('gives each worker one run where the leaves can be shared evenly', () => {
    const runs = allOf(new Deal(8, 2, 1));
    expect(runs).toEqual([
      { first: 0, num: 4 },
      { first: 4, num: 4 },
    ]);
  });

  it('leaves a leaf for whoever is done first where they cannot', () => {
    const sizes = allOf(new Deal(4, 3, 1)).map(({ num }) => num);
    expect(sizes).toEqual([1, 1, 1, 1]);
  });

  it.each([1, 2, 3, 7, 64])(
    'deals aligned runs to %i workers',
    (numWorkers) => {
      for (const numLeaves of [1, 4, 63, 64]) {
        const runs = allOf(new Deal(numLeaves, numWorkers, 1));
        const dealt = runs.reduce((sum, { num }) => sum + num, 0);
        expect(dealt).toBe(numLeaves);
        for (const { first, num } of runs) {
          expect(TreeSum.isAligned(first, num, numLeaves)).toBe(true);
        }
      }
    },
  );

  it('is over when each server has each leaf', () => {
    const deal = new Deal(4, 2, 3);
    const [left, right] = allOf(deal) as [LeafRun, LeafRun];
    expect([1, 2, 3].map(() => deal.mark(left))).toEqual([false, false, true]);
    expect([1, 2].map(() => deal.mark(right))).toEqual([false, false]);
    expect(deal.isOver).toBe(false);
    expect(deal.mark(right)).toBe(true);
    expect(deal.isOver).toBe(true);
  });
});
