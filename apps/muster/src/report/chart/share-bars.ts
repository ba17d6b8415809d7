/**
 * Bars that are cut into shares: where each worker's time went.
 */
import { markup } from '../markup.js';
import type { Html } from '../markup.js';
import { colorOf } from './line-chart.js';
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
  return drawing(
    label,
    [WIDTH, TOP + bars.length * ROW + 6],
    [
      ...legend(parts),
      ...bars.flatMap((bar, i) => drawBar(bar, parts, TOP + i * ROW)),
    ],
  );
}

function legend(parts: readonly string[]): Html[] {
  let left = LEFT;
  return parts.map((part, i) => {
    const x = left;
    left += part.length * 6.6 + 40;
    const frame = { left: x, right: x + 14, top: 8, bottom: 20 };
    return markup`<g>${box(frame, colorOf(i), part)}${words([x + 20, 18], part, 'start')}</g>`;
  });
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
