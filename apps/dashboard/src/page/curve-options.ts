/**
 * How uPlot is set up for a curve. Colours are functions, so that a drawing
 * after a change of the theme has the new ones.
 */
import type { CurveData } from './chart-data.js';
import type { CurveKind, CurveMarks } from './curve-view.js';
import { count } from './format.js';
import { logSplits } from './log-splits.js';
import { LINEAR, LOGARITHMIC } from './plot.js';
import type { Plot, PlotOptions } from './plot.js';
import { colour } from './theme.js';

const FONT = '11px system-ui, sans-serif';

/** What a chart asks its owner for, and tells it. */
export interface CurveOwner {
  marks(): CurveMarks;
  data(): CurveData;
  /** The cursor is at an index of the data, or has left. */
  hover(index: number | null): void;
}

/** Options but for the size. */
export function curveOptions(
  kind: CurveKind,
  owner: CurveOwner,
): Omit<PlotOptions, 'width' | 'height'> {
  return {
    legend: { show: false },
    padding: [8, 10, 0, 0],
    cursor: { y: false, sync: { key: 'muster' }, drag: { x: true, y: false } },
    scales: {
      x: { time: false },
      y: {
        ...(kind.isLog ? LOGARITHMIC : LINEAR),
        range: (_, low, high) => rangeOf(kind, low, high, owner.data()),
      },
    },
    axes: [
      axis({ values: (_, at) => at.map((one) => count(one)), size: 26 }),
      yAxis(kind),
    ],
    series: series(kind),
    hooks: {
      drawAxes: [(plot) => drawMarks(plot, owner.marks())],
      setCursor: [(plot) => owner.hover(plot.cursor.idx ?? null)],
    },
  };
}

function rangeOf(
  kind: CurveKind,
  low: number | null,
  high: number | null,
  { smooth }: CurveData,
): [number, number] {
  // nothing is there yet
  if (low === null || high === null) return kind.isLog ? [0.1, 1] : [0, 1];
  return kind.range(low, high, smooth);
}

function gridLine() {
  return { stroke: () => colour('--line'), width: 1 };
}

type Axis = NonNullable<PlotOptions['axes']>[number];

function axis(more: Partial<Axis>): Axis {
  return {
    stroke: () => colour('--quiet'),
    font: FONT,
    gap: 4,
    grid: gridLine(),
    ticks: { show: false },
    border: { show: false },
    ...more,
  };
}

function yAxis(kind: CurveKind): Axis {
  const more: Partial<Axis> = kind.isLog
    ? { splits: (_, _axis, low, high) => logSplits(low, high), filter: all }
    : { space: 30 };
  const values = (_: Plot, at: readonly (number | null)[]) =>
    at.map((one) => (one === null ? '' : kind.axisFormat(one)));
  return axis({ size: 46, values, ...more });
}

function all(_: Plot, splits: number[]): number[] {
  return splits;
}

function series(kind: CurveKind): PlotOptions['series'] {
  const line = { spanGaps: true, points: { show: false } };
  return [
    {},
    { ...line, stroke: () => colour('--faint'), width: 1 },
    { ...line, stroke: () => colour(kind.colour), width: 1.75 },
    {
      show: kind.hasTest,
      stroke: () => colour('--test'),
      paths: () => null,
      points: {
        show: true,
        size: 8,
        width: 1.5,
        stroke: () => colour('--card'),
        fill: () => colour('--test'),
      },
    },
  ];
}

function drawMarks(plot: Plot, { epochs, faults }: CurveMarks): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineWidth = devicePixelRatio;
  const lines = (
    steps: readonly number[],
    name: `--${string}`,
    dash: number,
  ) => {
    ctx.strokeStyle = colour(name);
    ctx.setLineDash(dash > 0 ? [dash, dash] : []);
    ctx.beginPath();
    for (const step of steps) {
      const x = Math.round(plot.valToPos(step, 'x', true));
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
    }
    ctx.stroke();
  };
  lines(epochs, '--mark', 0);
  lines(faults, '--bad', 3 * devicePixelRatio);
  ctx.restore();
}
