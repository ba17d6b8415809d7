/**
 * Loss and accuracy by step as diagrams, of one run or of several.
 */
import { drawLineChart } from './chart/line-chart.js';
import type { Curve, Mark } from './chart/line-chart.js';
import { smooth } from './chart/thin.js';
import type { Point } from './chart/thin.js';
import { linearAxis, logAxis, tightAxis } from './chart/ticks.js';
import type { Axis } from './chart/ticks.js';
import type { Html } from './markup.js';
import type { MetricsLines } from './metrics-lines.js';
import { formatCount } from '../view/figures.js';

/** One run's curves. */
export interface RunCurves {
  /** Stands before the names of its curves; empty where there is one run. */
  readonly name: string;
  readonly metrics: Pick<MetricsLines, 'steps' | 'epochs'>;
  /** By which steps are told in epochs; steps as they are if not given. */
  readonly stepsPerEpoch?: number;
  /** Whether an equal curve is drawn over its own. */
  readonly isCovered?: boolean;
}

/** A figure that steps and epochs have. */
export interface CurveKind {
  readonly title: string;
  readonly step: 'loss' | 'accuracy';
  readonly test: 'testLoss' | 'testAccuracy';
}

/** The loss in nats. */
export const LOSS: CurveKind = {
  ...{ title: 'loss', step: 'loss', test: 'testLoss' },
};
/** The share that is classified right. */
export const ACCURACY: CurveKind = {
  ...{ title: 'accuracy', step: 'accuracy', test: 'testAccuracy' },
};

/** A point of the smoothed curve is the mean of about so much of the run. */
const SMOOTHED_SHARE = 1 / 60;
/** Beyond this factor between least and greatest a loss is drawn by powers. */
const WIDE_FACTOR = 20;

/** Draws one figure of some runs. */
export function drawCurves(
  kind: CurveKind,
  runs: readonly RunCurves[],
  marks: readonly Mark[],
): Html {
  const curves = runs.flatMap((run, i) =>
    curvesOf(kind, run, runs.length === 1 ? undefined : i),
  );
  const isByEpoch = runs.some(({ stepsPerEpoch }) => stepsPerEpoch);
  const unit = isByEpoch ? 'epoch' : 'step';
  const last = Math.max(
    ...curves.map(({ points }) => points.at(-1)?.[0] ?? 0),
    ...(isByEpoch ? [0] : [1]),
  );
  const yAxis = kind === LOSS ? lossAxis(curves) : accuracyAxis(curves);
  return drawLineChart({
    label: `${kind.title} by ${unit}`,
    ...{ curves, marks, yAxis },
    xAxis: tightAxis(0, last),
    xTitle: unit,
    yTitle: kind.title,
    formatX: isByEpoch ? String : formatCount,
    formatY: kind === LOSS ? lossText : percentText,
  });
}

function curvesOf(
  { title, step, test }: CurveKind,
  { name, metrics, stepsPerEpoch = 1, isCovered = false }: RunCurves,
  color: number | undefined,
): Curve[] {
  const at = (one: { readonly step: number }) => one.step / stepsPerEpoch;
  const raw = metrics.steps.map((one): Point => [at(one), one[step]]);
  const tests = metrics.epochs.map((one): Point => [at(one), one[test]]);
  const smoothed = smooth(raw, Math.round(raw.length * SMOOTHED_SHARE));
  if (color === undefined) {
    return [
      { name: '', look: 'faint', color: 0, points: raw },
      { name: `training ${title}`, look: 'line', color: 0, points: smoothed },
      { name: `test ${title}`, look: 'dots', color: 1, points: tests },
    ];
  }
  const look = isCovered ? 'under' : 'line';
  return [
    { name, look, color, points: smoothed },
    { name: '', look: 'dots', color, points: tests },
  ];
}

function valuesOf(curves: readonly Curve[]): number[] {
  const all = curves.flatMap(({ points }) => points.map(([, y]) => y));
  return all.filter(Number.isFinite).sort((a, b) => a - b);
}

function lossAxis(curves: readonly Curve[]): Axis {
  const values = valuesOf(curves);
  const [min = 0, max = 1] = [values[0], values.at(-1)];
  if (min > 0 && max / min > WIDE_FACTOR) return logAxis(min, max);
  return linearAxis(Math.min(0, min), max);
}

/** The first few steps know nothing: they may fall below the diagram. */
function accuracyAxis(curves: readonly Curve[]): Axis {
  const values = valuesOf(curves);
  const low = values[Math.floor(values.length / 20)] ?? 0;
  return linearAxis(low, 1);
}

function lossText(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function percentText(value: number): string {
  return `${Number((100 * value).toPrecision(4))} %`;
}
