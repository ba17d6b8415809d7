/**
 * Bars that are cut into shares: where each worker's time went.
 */
import { markup } from '../markup.js';
import type { Html } from '../markup.js';
import { layOutLegend } from './legend.js';
import type { LegendPlace } from './legend.js';
import { LETTER, colorOf } from './line-chart.js';
import { box, drawing, words } from './svg.js';

/** One bar. */
export interface ShareBar {
  readonly name: string;
  /** In the order of the parts; any unit. */
  readonly values: readonly number[];
}

const WIDTH = 760;
const [LEFT, RIGHT] = [96, 748];
const TOP = 34;
const ROW = 26;
/** A share that is wide enough for its percentage. */
const WIDE = 0.07;

/** Draws bars of one length. */
export function drawShareBars(
  label: string,
  parts: readonly string[],
  bars: readonly ShareBar[],
): Html {
  const widths = parts.map(({ length }) => length * LETTER + 40);
  const { places, above } = layOutLegend(widths, [LEFT, RIGHT]);
  return drawing(
    label,
    [WIDTH, TOP + bars.length * ROW + 6],
    [
      ...parts.map((part, i) => legendEntry(part, i, places[i])),
      ...bars.flatMap((bar, i) => drawBar(bar, parts, TOP + i * ROW)),
    ],
    above,
  );
}

function legendEntry(
  part: string,
  index: number,
  { x, y }: LegendPlace = { x: LEFT, y: 0 },
): Html {
  const frame = { left: x, right: x + 14, top: y + 8, bottom: y + 20 };
  return markup`<g>${box(frame, colorOf(index), part)}${words([x + 20, y + 18], part, 'start')}</g>`;
}

function drawBar(
  { name, values }: ShareBar,
  parts: readonly string[],
  top: number,
): Html[] {
  const sum = values.reduce((total, value) => total + value, 0) || 1;
  let left = LEFT;
  const boxes = values.map((value, i) => {
    const share = value / sum;
    const right = left + share * (RIGHT - LEFT);
    const text = `${(100 * share).toFixed(1)} %`;
    const frame = { left, right, top: top + 3, bottom: top + ROW - 3 };
    const shown =
      share < WIDE
        ? undefined
        : words([(left + right) / 2, top + 17], text, 'middle', 'on');
    left = right;
    return markup`<g>${box(frame, colorOf(i), `${parts[i] ?? ''}: ${text}`)}${shown}</g>`;
  });
  return [words([LEFT - 10, top + 17], name, 'end'), ...boxes];
}
