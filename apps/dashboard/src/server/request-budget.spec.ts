import { describe, expect, it } from 'vitest';
import { RequestBudget } from './request-budget.js';

describe('RequestBudget', () => {
  it('takes two at once of an address, and four of all', () => {
    const budget = new RequestBudget();
    const begin = (address: string) => budget.begin(address, 0);
    expect([begin('a'), begin('a')]).toEqual([undefined, undefined]);
    expect(begin('a')).toContain('of one address');
    expect([begin('b'), begin('c')]).toEqual([undefined, undefined]);
    expect(begin('d')).toContain('at most 4 of all pages');
    budget.end('a');
    expect(begin('d')).toBeUndefined();
  });

  it('takes twenty in any second', () => {
    const budget = new RequestBudget();
    const ask = (nowMs: number) => {
      const refusal = budget.begin('a', nowMs);
      if (refusal === undefined) budget.end('a');
      return refusal;
    };
    for (let i = 0; i < 20; i++) expect(ask(10 * i)).toBeUndefined();
    expect(ask(999)).toContain('at most 20 a second');
    // the first one, at 0, is a second ago; the next, at 10, is not
    expect(ask(1000)).toBeUndefined();
    expect(ask(1009)).toContain('at most 20 a second');
    expect(ask(1010)).toBeUndefined();
  });
});
