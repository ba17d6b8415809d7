import { describe, expect, it } from 'vitest';
import {
  SCRIPTED_FACTS,
  scriptedEpoch,
  scriptedPoints,
  scriptedRun,
} from '../testing.js';
import { MAX_POINTS, applyMessage, emptyModel } from './run-model.js';
import type { FeedMessage } from '../feed.js';

function told(...messages: readonly FeedMessage[]) {
  const model = emptyModel();
  for (const message of messages) applyMessage(model, message);
  return model;
}

describe('applyMessage', () => {
  it('appends points', () => {
    const { points } = told(scriptedPoints(1, 3), scriptedPoints(4, 5));
    expect(points.step).toEqual([1, 2, 3, 4, 5]);
    expect(points.loss).toEqual(scriptedPoints(1, 5).loss);
  });

  it('voids what a rollback undid, in all columns and the evaluations', () => {
    const model = told(
      scriptedPoints(1, 210),
      scriptedEpoch(1),
      scriptedEpoch(2),
      scriptedPoints(151, 160),
    );
    expect(model.points.step).toHaveLength(160);
    expect(model.points.step.at(-1)).toBe(160);
    for (const column of Object.values(model.points)) {
      expect(column).toHaveLength(160);
    }
    // epoch 2 was evaluated at version 200, which no longer is
    expect(model.epochs.map(({ epoch }) => epoch)).toEqual([1]);
    // steps 151 to 210
    expect(model.stepsRedone).toBe(60);
  });

  it('voids it as soon as it hears of the rollback, once', () => {
    const model = told(
      scriptedPoints(1, 210),
      scriptedEpoch(1),
      scriptedEpoch(2),
      { type: 'rollback', step: 150 },
    );
    expect(model.points.step.at(-1)).toBe(150);
    expect(model.epochs.map(({ epoch }) => epoch)).toEqual([1]);
    applyMessage(model, scriptedPoints(151, 160));
    expect(model.points.step).toHaveLength(160);
    // steps 151 to 210
    expect(model.stepsRedone).toBe(60);
  });

  it('keeps the evaluation of the version that a rollback led to', () => {
    const { version } = scriptedEpoch(1);
    const model = told(scriptedPoints(1, version + 9), scriptedEpoch(1), {
      type: 'rollback',
      step: version,
    });
    expect(model.epochs).toEqual([scriptedEpoch(1)]);
  });

  it('keeps what is no number as a gap', () => {
    const points = { ...scriptedPoints(1, 2), loss: [null, Infinity] };
    expect(told(points).points.loss).toEqual([null, null]);
  });

  it('bounds the points, the first and the last among them', () => {
    const model = told(
      scriptedPoints(1, MAX_POINTS),
      scriptedPoints(MAX_POINTS + 1, MAX_POINTS + 1),
    );
    const { step } = model.points;
    expect(step).toHaveLength(MAX_POINTS / 2 + 1);
    expect([step[0], step.at(-1)]).toEqual([1, MAX_POINTS + 1]);
    expect(step).toEqual([...step].sort((a, b) => a - b));
  });

  it('replaces the evaluation of an epoch that was done again', () => {
    const again = { ...scriptedEpoch(2), testAccuracy: 0.5 };
    const { epochs } = told(scriptedEpoch(1), scriptedEpoch(2), again);
    expect(epochs).toEqual([scriptedEpoch(1), again]);
  });

  it('begins anew with a stream that was opened again', () => {
    const once = told(...scriptedRun(290));
    const twice = told(...scriptedRun(270), ...scriptedRun(290));
    expect(twice).toEqual(once);
    expect(once.stepsRedone).toBe(12);
  });

  it('passes over what it does not know', () => {
    const unknown = { type: 'weather' } as unknown as FeedMessage;
    expect(told(SCRIPTED_FACTS, unknown)).toEqual(told(SCRIPTED_FACTS));
  });
});
