import { describe, expect, it } from 'vitest';
import { scriptedEpoch } from '../testing.js';
import { accuracyFloor, curveData, epochMarks } from './chart-data.js';

const points = (step: number[]) => ({
  step,
  loss: step.map((one) => one / 10),
  accuracy: step.map(() => 0),
  imagesPerSecond: step.map(() => 0),
});

describe('curveData', () => {
  it('puts evaluations between, at and behind the steps', () => {
    const shown = points([50, 150, 200]);
    const epochs = [1, 2, 3].map(scriptedEpoch); // at 100, 200, 300
    const data = curveData(shown, shown.loss, epochs, ({ epoch }) => epoch);
    expect(data.step).toEqual([50, 100, 150, 200, 300]);
    expect(data.raw).toEqual([5, null, 15, 20, null]);
    expect(data.test).toEqual([null, 1, null, 2, 3]);
  });
});

describe('epochMarks', () => {
  it('are the ends of epochs but the last', () => {
    expect(epochMarks(100, 400)).toEqual([100, 200, 300]);
    expect(epochMarks(100, 100)).toEqual([]);
  });
});

describe('accuracyFloor', () => {
  it('is below nine tenths of the curve, by steps of 5 %', () => {
    const curve = [0.1, 0.5, ...Array<number>(18).fill(0.97)];
    // the third of twenty in ascending order: 0.97
    expect(accuracyFloor(0.1, curve)).toBe(0.95);
    expect(accuracyFloor(0.3, [])).toBeCloseTo(0.25, 12);
    expect(accuracyFloor(0, [0, 0])).toBe(0);
  });
});
