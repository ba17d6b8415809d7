/**
 * The part of a report about learning: loss and accuracy, epoch by epoch.
 */
import {
  formatCount,
  formatDuration,
  formatLoss,
  formatPercent,
} from '../../view/figures.js';
import type { Mark } from '../chart/line-chart.js';
import { sparkline } from '../chart/sparkline.js';
import { ACCURACY, LOSS, drawCurves } from '../curve-charts.js';
import type { CurveKind } from '../curve-charts.js';
import type { Block, Section } from '../document.js';
import type { MetricsLines } from '../metrics-lines.js';
import type { Recovery } from '../recoveries.js';

/** Makes the section. */
export function curvesSection(
  metrics: MetricsLines,
  recoveries: readonly Recovery[],
): Section {
  const { steps, epochs } = metrics;
  if (steps.length === 0 && epochs.length === 0) {
    const text = 'No step has been applied yet.';
    return { heading: 'Learning', blocks: [{ kind: 'text', text }] };
  }
  const marks = marksOf(metrics, recoveries);
  const chart = (kind: CurveKind): Block => ({
    kind: 'chart',
    svg: drawCurves(kind, [{ name: '', metrics }], marks),
    caption: `${kind.title} by step: of each step (faint), smoothed, and on the test set. Lines: ends of epochs; triangles: faults.`,
    texts: textsOf(kind, metrics),
  });
  return {
    heading: 'Learning',
    blocks: [chart(LOSS), chart(ACCURACY), epochTable(metrics)],
  };
}

/** From the first to the last step, in characters. */
function textsOf(
  { title, step }: CurveKind,
  { steps }: MetricsLines,
): string[] {
  const values = steps.map((one) => one[step]);
  const format = step === 'loss' ? formatLoss : formatPercent;
  const [first = Number.NaN, last = Number.NaN] = [values[0], values.at(-1)];
  if (values.length === 0) return [];
  return [
    `training ${title}: ${format(first)} ${sparkline(values)} ${format(last)}`,
  ];
}

function marksOf(
  { epochs, steps }: MetricsLines,
  recoveries: readonly Recovery[],
): Mark[] {
  const faults = recoveries.map(({ atMs, process, what }): Mark => {
    const before = steps.findLast((one) => one.atMs <= atMs);
    const x = before?.step ?? 0;
    return { x, kind: 'fault', text: `${process} ${what} at step ${x}` };
  });
  const ends = epochs.map(({ step, epoch }): Mark => {
    return { x: step, kind: 'epoch', text: `end of epoch ${epoch}` };
  });
  return [...ends, ...faults];
}

function epochTable({ epochs }: MetricsLines): Block {
  return {
    kind: 'table',
    heads: [
      ...['epoch', 'step', 'training loss', 'training accuracy'],
      ...['test loss', 'test accuracy', 'time'],
    ],
    rows: epochs.map((one, i) => [
      ...[String(one.epoch), formatCount(one.step)],
      ...[formatLoss(one.trainLoss), formatPercent(one.trainAccuracy)],
      ...[formatLoss(one.testLoss), formatPercent(one.testAccuracy)],
      formatDuration((one.trainMs - (epochs[i - 1]?.trainMs ?? 0)) / 1000),
    ]),
  };
}
