import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageOf } from '@muster/protocol';
import { Evaluation } from './evaluation.js';

const OWED = {
  ...{ epoch: 1, version: 8, trainMs: 0 },
  totals: { count: 1, lossSum: 0, correct: 0 },
};

/** 1,200 test examples: chunks of 500, 500 and 200. */
function evaluation(): Evaluation {
  return new Evaluation(OWED, 1200);
}

function counts(
  chunk: number,
  more: Partial<MessageOf<'evaluated'>> = {},
): MessageOf<'evaluated'> {
  const { begin, end } = evaluation().rangeOf(chunk);
  return {
    ...{ type: 'evaluated', pushId: 1, taskId: 1, version: 8, begin, end },
    ...{ count: end - begin, correct: chunk + 1, lossSum: 0.1 * (chunk + 1) },
    ...more,
  };
}

describe('Evaluation', () => {
  it('cuts the test set into chunks of 500, the last one short', () => {
    const one = evaluation();
    expect([one.version, one.board.numUnits]).toEqual([8, 3]);
    const ranges = [0, 1, 2].map((chunk) => one.rangeOf(chunk));
    expect(ranges).toEqual([
      { begin: 0, end: 500 },
      { begin: 500, end: 1000 },
      { begin: 1000, end: 1200 },
    ]);
  });

  it('adds up to the same bits in whatever order the chunks come', () => {
    const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
    const law = (chunks: number[]) => {
      const one = evaluation();
      for (const chunk of chunks) {
        expect(one.board.isDone).toBe(false);
        expect(one.add(counts(chunk))).toBe('accepted');
        expect(one.add(counts(chunk))).toBe('duplicate');
      }
      expect(one.board.isDone).toBe(true);
      // the sum of losses in the chunks' order: another one rounds otherwise
      expect(one.totals()).toEqual({
        ...{ count: 1200, correct: 6, lossSum: 0.1 + 0.2 + 0.1 * 3 },
      });
    };
    fc.assert(fc.property(order, law));
  });

  it('keeps what came first', () => {
    const one = new Evaluation(OWED, 200);
    const range = { begin: 0, end: 200, count: 200 };
    one.add(counts(0, { ...range, correct: 7 }));
    one.add(counts(0, { ...range, correct: 9 }));
    expect(one.totals().correct).toBe(7);
  });

  it.each([
    ['another version', { version: 7 }, 'stale'],
    ['a chunk that does not exist', { begin: 1500, end: 1700 }, 'refused'],
    ['a range that is no chunk', { begin: 1, end: 501 }, 'refused'],
    ['a part of a chunk', { end: 499, count: 499 }, 'refused'],
    ['fewer examples than its range', { count: 499 }, 'refused'],
    ['more right than there are', { correct: 501 }, 'refused'],
  ] as const)('does not take %s', (_, more, outcome) => {
    const one = evaluation();
    expect(one.add(counts(0, more))).toBe(outcome);
    expect(one.board.numDone).toBe(0);
    expect(one.add(counts(0))).toBe('accepted');
  });
});
