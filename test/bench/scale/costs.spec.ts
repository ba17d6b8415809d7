import { describe, expect, it } from 'vitest';
import { costOf, costThrough } from './costs.js';

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
