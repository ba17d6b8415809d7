import { describe, expect, it } from 'vitest';
import { LogBudget } from './log-budget.js';

describe('LogBudget', () => {
  it('lets so many lines a second through, and says how many it did not', () => {
    const budget = new LogBudget(2);
    expect(budget.take(0)).toEqual({ skipped: 0 });
    expect(budget.take(10)).toEqual({ skipped: 0 });
    expect(budget.take(20)).toBeUndefined();
    expect(budget.take(999)).toBeUndefined();
    expect(budget.take(1000)).toEqual({ skipped: 2 });
    expect(budget.take(1001)).toEqual({ skipped: 0 });
    expect(budget.take(1002)).toBeUndefined();
  });
});
