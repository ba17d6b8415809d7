import { describe, expect, it } from 'vitest';
import {
  costOf,
  costThrough,
  FEW_BYTES,
  FREE,
  MANY_BYTES,
  restOfPushAt,
} from './costs.js';
import type { Costs } from './costs.js';

describe('costThrough', () => {
  it('is the line through two measurements', () => {
    const cost = costThrough([100, 3], [300, 7]);
    expect(cost).toEqual({ fixedMs: 1, msPerByte: 0.02 });
    expect(costOf(cost, 300)).toBe(7);
  });

  it('has no part below 0: noise makes no work negative', () => {
    expect(costThrough([100, 5], [300, 3])).toEqual({
      ...{ fixedMs: 3, msPerByte: 0 },
    });
    expect(costThrough([100, 0.5], [300, 6])).toEqual({
      ...{ fixedMs: 0, msPerByte: 0.02 },
    });
  });
});

describe('restOfPushAt', () => {
  it('goes from what few bytes cost to what many cost', () => {
    const few = { fixedMs: 1, msPerByte: 0 };
    const many = { fixedMs: 3, msPerByte: 4 };
    // nothing else of the costs is read
    const costs = { restOfPush: few, restOfCrowdedPush: many } as Costs;
    const at = (bytes: number) => restOfPushAt(costs, bytes);
    expect([at(0), at(FEW_BYTES)]).toEqual([few, few]);
    expect([at(MANY_BYTES), at(10 * MANY_BYTES)]).toEqual([many, many]);
    const half = at((FEW_BYTES + MANY_BYTES) / 2);
    expect(half).toEqual({ fixedMs: 2, msPerByte: 2 });
    expect(restOfPushAt({ ...costs, restOfPush: FREE }, 0)).toEqual(FREE);
  });
});
