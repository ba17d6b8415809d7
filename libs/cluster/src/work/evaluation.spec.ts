import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TestMistake } from '@muster/data';
import type { MessageOf, Packet } from '@muster/protocol';
import { Evaluation } from './evaluation.js';
import { encodeMistakes } from '../formats/mistake-format.js';

const OWED = {
  ...{ epoch: 1, version: 8, trainMs: 0 },
  totals: { count: 1, lossSum: 0, correct: 0 },
};

/** 1,200 test examples: chunks of 500, 500 and 200. */
const TEST_SET = {
  ...{ numTest: 1200, rows: 1, columns: 1, channels: 1, numClasses: 2 },
};

function evaluation(): Evaluation {
  return new Evaluation(OWED, TEST_SET);
}

function counts(
  chunk: number,
  more: Partial<MessageOf<'evaluated'>> = {},
  mistakes: readonly TestMistake[] = [],
): Packet<MessageOf<'evaluated'>> {
  const { begin, end } = evaluation().rangeOf(chunk);
  const { mistakes: named, payload } = encodeMistakes(mistakes);
  const message: MessageOf<'evaluated'> = {
    ...{ type: 'evaluated', pushId: 1, taskId: 1, version: 8, begin, end },
    ...{ count: end - begin, correct: chunk + 1, lossSum: 0.1 * (chunk + 1) },
    ...{ mistakes: named, ...more },
  };
  return { message, payload };
}

/** One that is so sure, in sixteenths, of its answer. */
function mistake(index: number, sixteenths: number): TestMistake {
  const probabilities = [1 - sixteenths / 16, sixteenths / 16];
  const image = Uint8Array.of(index % 256);
  return { index, label: 0, answer: 1, probabilities, image };
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
        expect(one.add(counts(chunk)).outcome).toBe('accepted');
        expect(one.add(counts(chunk)).outcome).toBe('duplicate');
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
    const one = new Evaluation(OWED, { ...TEST_SET, numTest: 200 });
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
    const decision = one.add(counts(0, more));
    expect(decision.outcome).toBe(outcome);
    if (decision.outcome === 'refused') {
      expect(decision.code).toBe('ERR_MALFORMED_MESSAGE');
    }
    expect(one.board.numDone).toBe(0);
    expect(one.add(counts(0)).outcome).toBe('accepted');
  });

  it('keeps the twelve surest mistakes, in whatever order the chunks come', () => {
    // chunk k has those at its beginning, as sure as drawn
    const sure = fc.array(fc.integer({ min: 9, max: 15 }), { maxLength: 12 });
    const chunks = fc.tuple(sure, sure, sure);
    const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
    const law = (drawn: number[][], turn: number[]) => {
      const mistakes = drawn.map((of, chunk) =>
        of.map((sixteenths, i) => mistake(500 * chunk + i, sixteenths)),
      );
      const one = evaluation();
      for (const chunk of turn) one.add(counts(chunk, {}, mistakes[chunk]));
      const expected = mistakes
        .flat()
        .sort(
          (a, b) =>
            b.probabilities[1]! - a.probabilities[1]! || a.index - b.index,
        )
        .slice(0, 12);
      expect(one.mistakes).toEqual(expected);
    };
    fc.assert(fc.property(chunks, order, law));
  });

  it('takes neither counts nor mistakes where a mistake cannot be', () => {
    const one = evaluation();
    one.add(counts(1, {}, [mistake(500, 9)]));
    const wrong = [mistake(0, 15), mistake(500, 15)];
    expect(one.add(counts(0, {}, wrong))).toMatchObject({
      ...{ outcome: 'refused', code: 'ERR_MALFORMED_MESSAGE' },
      message: expect.stringContaining('example 500 is not in there') as string,
    });
    expect([one.board.numDone, one.mistakes]).toEqual([1, [mistake(500, 9)]]);
  });

  it('passes over the mistakes of a chunk that is in', () => {
    const one = evaluation();
    one.add(counts(0, {}, [mistake(1, 9)]));
    one.add(counts(0, {}, [mistake(2, 15)]));
    expect(one.mistakes).toEqual([mistake(1, 9)]);
  });
});
