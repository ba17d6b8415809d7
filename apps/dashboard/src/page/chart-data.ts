/**
 * The curves' columns: one ascending axis of steps for all of them, since an
 * evaluation need not lie at a step that is shown.
 */
import type { Points } from './run-model.js';
import type { EpochFigures } from '../feed.js';
import { smoothed, spanFor } from './smoothing.js';

/** Columns of equal length; null is a gap. */
export interface CurveData {
  readonly step: readonly number[];
  readonly raw: readonly (number | null)[];
  readonly smooth: readonly (number | null)[];
  /** Of the test set, at its evaluations. */
  readonly test: readonly (number | null)[];
}

/**
 * Joins a curve of steps with the evaluations' points.
 * @param column of the points.
 * @param valueOf the figure of an evaluation that belongs to it.
 */
export function curveData(
  points: Points,
  column: readonly (number | null)[],
  epochs: readonly EpochFigures[],
  valueOf: (figures: EpochFigures) => number,
): CurveData {
  const fine = smoothed(column, spanFor(column.length));
  const data = {
    step: [] as number[],
    raw: [] as (number | null)[],
    smooth: [] as (number | null)[],
    test: [] as (number | null)[],
  };
  const row = (step: number, at: number | null, test: number | null) => {
    data.step.push(step);
    data.raw.push(at === null ? null : (column[at] ?? null));
    data.smooth.push(at === null ? null : (fine[at] ?? null));
    data.test.push(test);
  };
  let next = 0;
  points.step.forEach((step, at) => {
    for (; (epochs[next]?.version ?? Infinity) < step; next += 1) {
      const figures = epochs[next];
      if (figures) row(figures.version, null, valueOf(figures));
    }
    const figures = epochs[next];
    const isHere = figures?.version === step;
    row(step, at, isHere ? valueOf(figures) : null);
    if (isHere) next += 1;
  });
  for (const figures of epochs.slice(next)) {
    row(figures.version, null, valueOf(figures));
  }
  return data;
}

/** Steps at which an epoch ends, the last one not: `[100, 200, ...]`. */
export function epochMarks(
  stepsPerEpoch: number,
  totalSteps: number,
): number[] {
  const marks = [];
  for (let at = stepsPerEpoch; at < totalSteps; at += stepsPerEpoch) {
    marks.push(at);
  }
  return stepsPerEpoch > 0 ? marks : [];
}

/**
 * Where the axis of the accuracy begins: below all but the first tenth of the
 * curve, so that the last per cent can be seen; a multiple of 5 %.
 * @param lowest value of all.
 */
export function accuracyFloor(
  lowest: number,
  smooth: readonly (number | null)[],
): number {
  const ascending = smooth.filter((one) => one !== null).sort((a, b) => a - b);
  const low = ascending[Math.floor(ascending.length / 10)] ?? lowest;
  return Math.max(0, Math.min(0.95, Math.floor(low * 20 - 0.2) / 20));
}
