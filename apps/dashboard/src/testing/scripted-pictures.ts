/**
 * What the script's network looks like from within.
 */
import type { Mistake, Pictures } from '../feed.js';
import { noise } from './scripted-facts.js';

const SIDE = 28;

/** Digits as strokes on a grid of 4 by 6, read as rows of points. */
const STROKES: Readonly<Record<number, readonly (readonly number[])[]>> = {
  1: [[2, 0, 2, 6]],
  4: [
    [1, 0, 0, 4, 4, 4],
    [3, 1, 3, 6],
  ],
  7: [
    [0, 0, 4, 0, 1, 6],
    [1, 3, 3, 3],
  ],
  9: [[4, 2, 1, 3, 0, 1, 2, 0, 4, 1, 4, 3, 3, 6]],
  3: [[0, 0, 4, 0, 2, 2, 4, 4, 2, 6, 0, 5]],
};

/** Filters and mistakes at a version of the parameters. */
export function scriptedPictures(version: number): Pictures {
  return {
    type: 'pictures',
    version,
    filters: {
      rows: 3,
      columns: 3,
      count: 28,
      values: Array.from({ length: 252 }, (_, n) => noise(n) - 0.5),
    },
    mistakes: [
      mistake(247, 4, 9, 0.97),
      mistake(582, 1, 7, 0.91),
      mistake(1_901, 3, 9, 0.86),
      mistake(4_007, 7, 4, 0.74),
      mistake(6_576, 9, 4, 0.69),
      mistake(9_009, 7, 3, 0.58),
    ],
  };
}

function mistake(
  index: number,
  label: number,
  answer: number,
  certainty: number,
): Mistake {
  const probabilities = Array.from({ length: 10 }, () => 0.001);
  probabilities[answer] = certainty;
  probabilities[label] = 1 - certainty - 0.008;
  const image = btoa(String.fromCharCode(...drawn(label)));
  return { index, label, answer, probabilities, image };
}

/** A digit as 28 by 28 grey levels. */
export function drawn(digit: number): Uint8Array {
  const image = new Uint8Array(SIDE * SIDE);
  for (const line of STROKES[digit] ?? []) {
    for (let at = 0; at + 3 < line.length; at += 2) {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = line.slice(at, at + 4);
      for (let t = 0; t <= 1; t += 0.02) {
        dab(image, 8 + 3 * (x0 + t * (x1 - x0)), 5 + 3 * (y0 + t * (y1 - y0)));
      }
    }
  }
  return image;
}

function dab(image: Uint8Array, x: number, y: number): void {
  for (let row = Math.floor(y) - 1; row <= y + 2; row += 1) {
    for (let column = Math.floor(x) - 1; column <= x + 2; column += 1) {
      const distance = Math.hypot(row - y, column - x);
      const ink = Math.round(255 * Math.max(0, Math.min(1, 1.8 - distance)));
      const at = row * SIDE + column;
      image[at] = Math.max(image[at] ?? 0, ink);
    }
  }
}
