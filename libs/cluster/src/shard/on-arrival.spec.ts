import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Consistency } from '@muster/protocol';
import { boundsOf, OnArrival } from './on-arrival.js';

function async(maxStaleness: number): Consistency {
  return { name: 'async', maxStaleness, scaling: 'none' };
}

describe('OnArrival', () => {
  it('takes each leaf once, whatever their order', () => {
    const order = fc.shuffledSubarray([...Array(9).keys()], { minLength: 9 });
    const law = (places: number[]) => {
      const arrivals = new OnArrival(async(100), 0);
      const judge = (place: number) => arrivals.judge(place, 0, 0);
      places.forEach((place, i) => {
        expect(judge(place)).toBeUndefined();
        arrivals.enter(place);
        const later = places.slice(i + 1);
        for (const one of places) {
          const answer = later.includes(one) ? undefined : 'duplicate';
          expect(judge(one)).toBe(answer);
        }
      });
    };
    fc.assert(fc.property(order, law), { numRuns: 50 });
  });

  it('begins with the first leaves in, as many as its version', () => {
    const arrivals = new OnArrival(async(100), 4);
    const answers = [0, 3, 4, 5].map((place) => arrivals.judge(place, 4, 4));
    expect(answers).toEqual(['duplicate', 'duplicate', undefined, undefined]);
  });

  it.each([
    // version 10 - base; a base to come is of another life
    [10, 0, undefined],
    [8, 2, undefined],
    [7, 3, 'stale'],
    [11, -1, 'stale'],
  ])(
    'from version %i at version 10, staleness %i of at most 2: %s',
    (base, _, answer) => {
      const arrivals = new OnArrival(async(2), 0);
      expect(arrivals.judge(20, base, 10)).toBe(answer);
    },
  );

  it('answers a stale copy of what is in with duplicate: nothing is owed', () => {
    const arrivals = new OnArrival(async(0), 0);
    arrivals.enter(3);
    expect(arrivals.judge(3, 0, 10)).toBe('duplicate');
  });

  it.each([
    [0, 1],
    [1, 1],
    [2, 1 / 2],
    [5, 1 / 5],
  ])('scales staleness %i by %f with `inverse`', (staleness, scale) => {
    const inverse = { maxStaleness: 9, scaling: 'inverse' } as const;
    const bounded = { staleness: 9, scaling: 'inverse' } as const;
    for (const mode of [
      { name: 'async', ...inverse },
      { name: 'bounded', ...bounded },
    ] as const) {
      expect(new OnArrival(mode, 0).scaleOf(staleness)).toBe(scale);
    }
    expect(new OnArrival(async(9), 0).scaleOf(staleness)).toBe(1);
  });
});

describe('boundsOf', () => {
  it.each([
    [{ name: 'sync' }, 0, 'none'],
    [{ name: 'local', steps: 3, outer: { name: 'average' } }, 0, 'none'],
    [{ name: 'bounded', staleness: 4, scaling: 'inverse' }, 4, 'inverse'],
    [{ name: 'async', maxStaleness: 7, scaling: 'none' }, 7, 'none'],
  ] as const)('%o', (mode, maxStaleness, scaling) => {
    expect(boundsOf(mode)).toEqual({ maxStaleness, scaling });
  });
});
