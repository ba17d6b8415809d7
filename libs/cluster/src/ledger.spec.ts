import { describe, expect, it } from 'vitest';
import { EMPTY_LEDGER, Ledger } from './ledger.js';
import { Schedule } from './schedule.js';

const APPLIED = { step: 0, learningRate: 1, gradientNorm: 1 };

describe('Ledger', () => {
  it('closes an epoch with the means of its steps and starts the next at 0', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    ledger.applyStep({ ...APPLIED, count: 3, lossSum: 6, correct: 1 });
    ledger.applyStep({ ...APPLIED, count: 1, lossSum: 2, correct: 1 });
    ledger.addTrainTime(500);
    const test = { count: 10, lossSum: 5, correct: 9 };
    // train: 8 / 4 and 2 / 4; test: 5 / 10 and 9 / 10
    expect(ledger.closeEpoch(2, test)).toEqual({
      epoch: 1,
      version: 2,
      trainLoss: 2,
      trainAccuracy: 0.5,
      testLoss: 0.5,
      testAccuracy: 0.9,
      testCorrect: 9,
      testCount: 10,
      trainMs: 500,
    });
    expect(ledger.state.epochTotals.count).toBe(0);
    expect(ledger.state.examplesApplied).toBe(4);
  });

  it('owes an evaluation at each epoch end until it is closed', () => {
    const schedule = new Schedule({
      seed: 1,
      epochs: 2,
      globalBatchSize: 1,
      microBatches: 1,
      dataset: { numTrain: 3 },
    });
    const ledger = new Ledger(EMPTY_LEDGER);
    const owed = [0, 1, 3].map((v) => ledger.owesEvaluation(v, schedule));
    expect(owed).toEqual([false, false, true]);
    ledger.applyStep({ ...APPLIED, count: 3, lossSum: 1, correct: 1 });
    ledger.closeEpoch(3, { count: 1, lossSum: 1, correct: 1 });
    expect(ledger.owesEvaluation(3, schedule)).toBe(false);
    expect(ledger.owesEvaluation(6, schedule)).toBe(true);
  });

  it('counts examples of duplicates apart from those that were applied', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    ledger.countPush('duplicate', 5);
    ledger.countPush('stale', 7);
    expect(ledger.state).toMatchObject({
      examplesApplied: 0,
      examplesDuplicate: 5,
      pushes: { accepted: 0, duplicate: 1, stale: 1, refused: 0 },
    });
  });

  it('tells once when a contribution of other numerics comes', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    const told = ['a', 'a', 'b', 'b'].map((n) => ledger.countNumerics(n, 'x'));
    expect(told).toEqual([false, false, true, false]);
    expect(ledger.state).toMatchObject({ numerics: 'a', reproducible: false });
  });

  it('gives states that later changes leave alone', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    const before = ledger.state;
    ledger.countPush('accepted', 1);
    expect(before.pushes.accepted).toBe(0);
    expect(EMPTY_LEDGER.pushes.accepted).toBe(0);
  });
});
