/**
 * The strokes that diagrams are made of. Colours are classes that the page's
 * style sheet gives a value on light and on dark paper.
 */
import { markup } from '../markup.js';
import type { Html } from '../markup.js';
import type { Point } from './thin.js';

/** A rectangle in pixels. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** One decimal is as fine as anybody sees. */
export function pixels(value: number): number {
  return Math.round(value * 10) / 10;
}

/**
 * A whole drawing; it takes the width that there is.
 * @param above what there is over the place where y is 0.
 */
export function drawing(
  label: string,
  [width, height]: readonly [number, number],
  content: readonly Html[],
  above = 0,
): Html {
  return markup`<svg viewBox="0 ${-above} ${width} ${height + above}" role="img" aria-label="${label}">${content}</svg>`;
}

/** A straight line. */
export function line(from: Point, to: Point, name: string): Html {
  const [x1, y1, x2, y2] = [...from, ...to].map(pixels);
  return markup`<line class="${name}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

/** Words. */
export function words(
  [x, y]: Point,
  text: string,
  anchor: 'start' | 'middle' | 'end' = 'middle',
  name = '',
): Html {
  return markup`<text class="${name}" x="${pixels(x)}" y="${pixels(y)}" text-anchor="${anchor}">${text}</text>`;
}

/** A line through places in pixels; it is broken where y is NaN. */
export function path(points: readonly Point[], name: string): Html {
  let isOpen = false;
  const steps = points.map(([x, y]) => {
    if (!Number.isFinite(y)) {
      isOpen = false;
      return '';
    }
    const letter = isOpen ? 'L' : 'M';
    isOpen = true;
    return `${letter}${pixels(x)} ${pixels(y)}`;
  });
  return markup`<path class="${name}" d="${steps.join('')}" />`;
}

/** A filled rectangle with a text that is shown when it is pointed at. */
export function box(frame: Frame, name: string, title: string): Html {
  const { left, right, top, bottom } = frame;
  const [width, height] = [Math.max(1, right - left), bottom - top];
  return markup`<rect class="${name}" x="${pixels(left)}" y="${pixels(top)}" width="${pixels(width)}" height="${pixels(height)}" rx="2"><title>${title}</title></rect>`;
}
