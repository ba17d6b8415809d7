import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EpochEnds } from './epoch-ends.js';

describe('EpochEnds', () => {
  it('has the newest two, in whatever order they came', () => {
    const versions = fc.uniqueArray(fc.nat(20), { minLength: 1 });
    const law = (order: number[]) => {
      const ends = new EpochEnds();
      const slices = new Map(order.map((v) => [v, Float32Array.of(v)]));
      for (const [version, slice] of slices) ends.keep(version, slice);
      const newest = [...order].sort((a, b) => b - a).slice(0, 2);
      expect([...ends.slices.keys()].sort((a, b) => b - a)).toEqual(newest);
      for (let version = 0; version <= 20; version++) {
        const isKept = newest.includes(version);
        // not a copy
        expect(ends.get(version)).toBe(
          isKept ? slices.get(version) : undefined,
        );
      }
    };
    fc.assert(fc.property(versions, law));
  });

  it('takes another slice of a version in place of the one it has', () => {
    const ends = new EpochEnds();
    const again = Float32Array.of(7);
    ends.keep(3, Float32Array.of(1));
    ends.keep(6, Float32Array.of(2));
    ends.keep(3, again);
    expect(ends.get(3)).toBe(again);
    expect([...ends.slices.keys()]).toEqual([3, 6]);
  });
});
