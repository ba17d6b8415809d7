/**
 * Brings a drawn digit to what the network was trained on, as MNIST was made:
 * "size normalized to fit in a 20x20 pixel box while preserving their aspect
 * ratio [...] centered in a 28x28 image by computing the center of mass of the
 * pixels" (LeCun, Cortes and Burges, yann.lecun.com/exdb/mnist).
 */
import type { Sheet, Spot } from './ink.js';

/** The box's share of the image's side: 20 of 28 pixels. */
const BOX = 20 / 28;

/** A part of a sheet; ends are not in it. */
interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/**
 * Scales the drawing to the box and moves its centre of mass to the middle.
 * @returns uint8 [rows · columns]; all 0 when nothing was drawn.
 */
export function normalised(
  drawing: Sheet,
  rows: number,
  columns: number,
): Uint8Array {
  const image = new Uint8Array(rows * columns);
  const box = inkBox(drawing);
  if (box === undefined) return image;
  const { x, y } = centreOfMass(drawing);
  // pixels of the drawing in one of the image
  const scale = Math.max(
    (box.bottom - box.top) / (rows * BOX),
    (box.right - box.left) / (columns * BOX),
  );
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const top = y + (row - rows / 2) * scale;
      const left = x + (column - columns / 2) * scale;
      const cell = { top, left, bottom: top + scale, right: left + scale };
      image[row * columns + column] = Math.round(meanOver(drawing, cell));
    }
  }
  return image;
}

/** The smallest box around all ink; undefined without any. */
export function inkBox({ rows, columns, pixels }: Sheet): Box | undefined {
  let [top, left, bottom, right] = [rows, columns, 0, 0];
  pixels.forEach((grey, at) => {
    if (grey === 0) return;
    const [row, column] = [Math.floor(at / columns), at % columns];
    top = Math.min(top, row);
    left = Math.min(left, column);
    bottom = Math.max(bottom, row + 1);
    right = Math.max(right, column + 1);
  });
  return bottom === 0 ? undefined : { top, left, bottom, right };
}

/** The mean place of the ink; the middle of a blank sheet. */
export function centreOfMass({ rows, columns, pixels }: Sheet): Spot {
  let [mass, x, y] = [0, 0, 0];
  pixels.forEach((grey, at) => {
    mass += grey;
    x += grey * ((at % columns) + 0.5);
    y += grey * (Math.floor(at / columns) + 0.5);
  });
  if (mass === 0) return { x: columns / 2, y: rows / 2 };
  return { x: x / mass, y: y / mass };
}

/** Mean grey level over a box, parts of pixels counted as parts. */
function meanOver({ rows, columns, pixels }: Sheet, box: Box): number {
  let sum = 0;
  const bottom = Math.min(rows, Math.ceil(box.bottom));
  const right = Math.min(columns, Math.ceil(box.right));
  for (let row = Math.max(0, Math.floor(box.top)); row < bottom; row += 1) {
    const high = Math.min(row + 1, box.bottom) - Math.max(row, box.top);
    for (let at = Math.max(0, Math.floor(box.left)); at < right; at += 1) {
      const wide = Math.min(at + 1, box.right) - Math.max(at, box.left);
      sum += high * wide * (pixels[row * columns + at] ?? 0);
    }
  }
  return sum / ((box.bottom - box.top) * (box.right - box.left));
}
