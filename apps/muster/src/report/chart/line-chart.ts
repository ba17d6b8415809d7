/**
 * A diagram of curves: axes at round numbers, epochs as lines, faults as
 * marks at the foot.
 */
import { markup } from '../markup.js';
import type { Html } from '../markup.js';
import { layOutLegend } from './legend.js';
import type { LegendPlace } from './legend.js';
import { drawing, line, path, pixels, words } from './svg.js';
import type { Frame } from './svg.js';
import { thin } from './thin.js';
import type { Point } from './thin.js';
import { shareOf } from './ticks.js';
import type { Axis } from './ticks.js';

/** One curve. */
export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
  /**
   * `faint` is the raw curve behind a smoothed one, `under` a wide one that
   * shows on both sides of an equal one. In the legend is what has a name.
   */
  readonly look: 'line' | 'under' | 'faint' | 'dots';
  /** Which colour, from 0. */
  readonly color: number;
}

/** A line across the diagram, or a mark at its foot. */
export interface Mark {
  readonly x: number;
  readonly text: string;
  readonly kind: 'epoch' | 'fault';
}

/** What is drawn. */
export interface LineChart {
  readonly label: string;
  readonly xAxis: Axis;
  readonly yAxis: Axis;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  readonly curves: readonly Curve[];
  readonly marks: readonly Mark[];
}

const SIZE = [760, 300] as const;
const FRAME: Frame = { left: 64, right: 728, top: 34, bottom: 254 };
const COLUMNS = 500;
/** Characters of a legend are about so wide. Pixels. */
export const LETTER = 7.4;
const NUM_COLORS = 8;

/** Draws a diagram. */
export function drawLineChart(chart: LineChart): Html {
  const named = chart.curves.filter(({ name }) => name !== '');
  const widths = named.map(({ name }) => name.length * LETTER + 42);
  const { places, above } = layOutLegend(widths, [FRAME.left, FRAME.right]);
  const content = [
    ...gridX(chart),
    ...gridY(chart),
    ...chart.marks.map((mark) => drawMark(chart, mark)),
    ...chart.curves.map((curve) => drawCurve(chart, curve)),
    ...named.map((curve, i) => legendEntry(curve, places[i])),
  ];
  return drawing(chart.label, SIZE, content, above);
}

/** The class of a colour by its number. */
export function colorOf(index: number): string {
  return `c${index % NUM_COLORS}`;
}

function xOf({ xAxis }: LineChart, value: number): number {
  return FRAME.left + shareOf(xAxis, value) * (FRAME.right - FRAME.left);
}

/** What is beyond the axis lies on its end. */
function yOf({ yAxis }: LineChart, value: number): number {
  if (!Number.isFinite(value)) return Number.NaN;
  const inside = Math.min(yAxis.max, Math.max(yAxis.min, value));
  return FRAME.bottom - shareOf(yAxis, inside) * (FRAME.bottom - FRAME.top);
}

function gridX(chart: LineChart): Html[] {
  const middle = (FRAME.left + FRAME.right) / 2;
  const ticks = chart.xAxis.ticks.flatMap((tick) => {
    const x = xOf(chart, tick);
    const foot = line([x, FRAME.bottom], [x, FRAME.bottom + 4], 'axis');
    return [foot, words([x, FRAME.bottom + 17], chart.formatX(tick))];
  });
  return [
    ...ticks,
    words([middle, SIZE[1] - 8], chart.xTitle, 'middle', 'dim'),
  ];
}

function gridY(chart: LineChart): Html[] {
  const lines = chart.yAxis.ticks.flatMap((tick) => {
    const y = yOf(chart, tick);
    return [
      line([FRAME.left, y], [FRAME.right, y], 'grid'),
      words([FRAME.left - 8, y + 4], chart.formatY(tick), 'end'),
    ];
  });
  const middle = (FRAME.top + FRAME.bottom) / 2;
  const title = markup`<text class="dim" x="14" y="${middle}" text-anchor="middle" transform="rotate(-90 14 ${middle})">${chart.yTitle}</text>`;
  return [...lines, title];
}

function drawMark(chart: LineChart, { x, text, kind }: Mark): Html {
  const at = pixels(xOf(chart, x));
  const title = markup`<title>${text}</title>`;
  if (kind === 'epoch') {
    return markup`<g>${line([at, FRAME.top], [at, FRAME.bottom], 'epoch')}${title}</g>`;
  }
  const { bottom } = FRAME;
  return markup`<path class="fault" d="M${at} ${bottom - 9}l5 9h-10z">${title}</path>`;
}

function drawCurve(chart: LineChart, { points, look, color }: Curve): Html {
  const places = thin(points, COLUMNS).map(
    ([x, y]): Point => [xOf(chart, x), yOf(chart, y)],
  );
  const name = `${look} ${colorOf(color)}`;
  if (look !== 'dots') return path(places, name);
  const dots = places
    .filter(([, y]) => Number.isFinite(y))
    .map(
      ([x, y], i) =>
        markup`<circle class="${name}" cx="${pixels(x)}" cy="${pixels(y)}" r="4"><title>${chart.formatY(points[i]?.[1] ?? 0)}</title></circle>`,
    );
  return markup`<g>${dots}</g>`;
}

function legendEntry(
  { name, look, color }: Curve,
  { x, y }: LegendPlace = { x: FRAME.left, y: 0 },
): Html {
  const sample =
    look === 'dots'
      ? markup`<circle class="dots ${colorOf(color)}" cx="${x + 10}" cy="${y + 14}" r="4"/>`
      : line([x, y + 14], [x + 20, y + 14], `line ${colorOf(color)}`);
  return markup`<g>${sample}${words([x + 26, y + 18], name, 'start')}</g>`;
}
