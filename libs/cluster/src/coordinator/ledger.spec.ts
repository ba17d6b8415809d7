import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_LEDGER, Ledger } from './ledger.js';
import type { OwedEpoch } from './ledger.js';
import { Plan } from '../plan/plan.js';

/** 2 epochs of 3 examples, one a step. */
const PLAN = new Plan({
  ...{ seed: 1, epochs: 2, globalBatchSize: 1, microBatches: 1 },
  consistency: { name: 'sync' },
  schedule: { name: 'constant', learningRate: 1 },
  dataset: { numTrain: 3 },
});
const TEST = { count: 10, lossSum: 5, correct: 9 };

function owedOf(ledger: Ledger): OwedEpoch {
  const { owed } = ledger.state;
  if (owed === null) throw new Error('nothing is owed');
  return owed;
}

describe('Ledger', () => {
  it('closes an epoch with the means of its steps and starts the next at 0', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    ledger.apply({ count: 3, lossSum: 6, correct: 1 });
    ledger.apply({ count: 1, lossSum: 2, correct: 1 });
    ledger.addTrainTime(500);
    ledger.endEpoch(2, 4);
    expect(ledger.state).toMatchObject({
      epochTotals: { count: 0, lossSum: 0, correct: 0 },
      ...{ examplesApplied: 4, examplesLost: 0 },
    });
    // train: 8 / 4 and 2 / 4; test: 5 / 10 and 9 / 10
    const result = {
      ...{ epoch: 1, version: 2, trainLoss: 2, trainAccuracy: 0.5 },
      ...{ testLoss: 0.5, testAccuracy: 0.9, testCorrect: 9, testCount: 10 },
      trainMs: 500,
    };
    expect(ledger.closeEpoch(owedOf(ledger), TEST)).toEqual(result);
    expect(ledger.state).toMatchObject({ history: [result], owed: null });
  });

  it('keeps what an epoch came to while the next one is trained', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    ledger.apply({ count: 3, lossSum: 6, correct: 3 });
    ledger.addTrainTime(500);
    ledger.endEpoch(3, 3);
    ledger.apply({ count: 1, lossSum: 900, correct: 0 });
    ledger.addTrainTime(70);
    expect(ledger.closeEpoch(owedOf(ledger), TEST)).toMatchObject({
      ...{ epoch: 1, trainLoss: 2, trainAccuracy: 1, trainMs: 500 },
    });
    expect(ledger.state.epochTotals.lossSum).toBe(900);
    expect(ledger.state.trainMs).toBe(570);
  });

  it('owes an epoch from its end until it was ended', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    const owes = (version: number) => ledger.owes(version, PLAN);
    expect([0, 1, 2, 3].map(owes)).toEqual([false, false, false, true]);
    ledger.endEpoch(3, 3);
    // it is under way; the next one is owed at its own end
    expect([owes(3), owes(4), owes(6)]).toEqual([false, false, true]);
    ledger.closeEpoch(owedOf(ledger), TEST);
    expect([owes(3), owes(6)]).toEqual([false, true]);
    ledger.endEpoch(6, 3);
    expect(owes(6)).toBe(false);
  });

  it('counts as lost what an epoch should have applied and did not', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    ledger.apply({ count: 2, lossSum: 1, correct: 0 });
    ledger.endEpoch(3, 3);
    ledger.closeEpoch(owedOf(ledger), TEST);
    ledger.apply({ count: 3, lossSum: 1, correct: 0 });
    ledger.endEpoch(6, 3);
    // 3 - 2, then 3 - 3
    expect(ledger.state.examplesLost).toBe(1);
  });

  it('adds every applied example up, whatever the epochs', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 500 }), {
      maxLength: 20,
    });
    const law = (applied: number[]) => {
      const ledger = new Ledger(EMPTY_LEDGER);
      applied.forEach((count, i) => {
        ledger.apply({ count, lossSum: count, correct: 0 });
        if (i % 4 !== 3) return;
        ledger.endEpoch(i, 0);
        ledger.closeEpoch(owedOf(ledger), TEST);
      });
      const sum = applied.reduce((a, b) => a + b, 0);
      expect(ledger.state.examplesApplied).toBe(sum);
    };
    fc.assert(fc.property(counts, law));
  });

  it('counts examples of duplicates apart from those that were applied', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    ledger.countPush('duplicate', 5);
    ledger.countPush('stale', 7);
    ledger.countPush('overlap', 7);
    expect(ledger.state).toMatchObject({
      ...{ examplesApplied: 0, examplesDuplicate: 5 },
      pushes: { accepted: 0, duplicate: 1, overlap: 1, stale: 1, refused: 0 },
    });
  });

  it('counts by staleness, all from 256 on in one', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    for (const staleness of [0, 2, 2, 256, 1000]) {
      ledger.countStaleness(staleness);
    }
    const { staleness } = ledger.state;
    expect(staleness.slice(0, 4)).toEqual([1, 0, 2, 0]);
    expect([staleness.length, staleness.at(-1)]).toEqual([257, 2]);
  });

  it('tells once when a contribution of other numerics comes', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    const told = ['a', 'a', 'b', 'b'].map((n) => ledger.countNumerics(n, 'x'));
    expect(told).toEqual([false, false, true, false]);
    expect(ledger.state).toMatchObject({ numerics: 'a', reproducible: false });
  });

  it('goes back to a state, and on from there', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    ledger.apply({ count: 3, lossSum: 1, correct: 1 });
    const checkpoint = ledger.state;
    ledger.apply({ count: 3, lossSum: 1, correct: 1 });
    ledger.replace(checkpoint);
    ledger.apply({ count: 2, lossSum: 1, correct: 1 });
    expect(ledger.state.examplesApplied).toBe(5);
  });

  it('gives states that later changes leave alone', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    const before = ledger.state;
    ledger.countPush('accepted', 1);
    ledger.countStaleness(0);
    expect(before).toMatchObject({ pushes: { accepted: 0 }, staleness: [] });
    expect(EMPTY_LEDGER).toMatchObject({
      pushes: { accepted: 0 },
      staleness: [],
    });
  });

  it('is JSON: a checkpoint gives it back as it was', () => {
    const ledger = new Ledger(EMPTY_LEDGER);
    ledger.apply({ count: 3, lossSum: 0.1, correct: 1 });
    ledger.countStaleness(1);
    ledger.endEpoch(3, 3);
    const text = JSON.stringify(ledger.state);
    expect(JSON.parse(text)).toEqual(ledger.state);
  });
});
