/**
 * Any picture of one sign as the training set would show it: light ink on
 * black, in a box of 20 in 28 pixels, its centre of mass in the middle. Source:
 * the page of the MNIST database, http://yann.lecun.com/exdb/mnist/.
 */
import { resample, type Lines } from './area-resample.js';
import { checkWhole } from './dataset-error.js';

/** Part of the frame that the ink may take, in each direction. */
const BOX_SHARE = 20 / 28;

/** Ink below this is paper's grain: not counted, not copied. Of 255. */
const GRAIN = 25;

/** Ink from here on belongs to the sign when its extent is measured. */
const STROKE = 51;

/** A sign that fills at least this part of its box is not resized. */
const FULL_SHARE = 0.85;

/** A sign whose centre is this near the middle is not moved, in pixels. */
const CENTRED_PIXELS = 1;

/** Ink strengths 0 to 255 with their extent, in pixels from the upper left. */
interface Ink {
  readonly pixels: Float64Array;
  readonly width: number;
  readonly height: number;
}

/** Half-open ranges of lines and columns that hold the strokes. */
interface Extent {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** The median of the outermost pixels: what the sign was written on. */
function backgroundOf(
  pixels: Uint8Array,
  width: number,
  height: number,
): number {
  const border = pixels.filter((_, at) => {
    const column = at % width;
    const row = (at - column) / width;
    const isSide = column === 0 || column === width - 1;
    return isSide || row === 0 || row === height - 1;
  });
  return border.sort()[border.length >> 1] ?? 0;
}

/** Scales so that the strongest is 255; all zeros stay so. */
function stretch(values: Float64Array): Float64Array {
  const strongest = values.reduce((most, value) => Math.max(most, value), 0);
  return strongest === 0
    ? values
    : values.map((value) => (value * 255) / strongest);
}

/** How far each pixel is from the paper, on the side that differs more. */
function inkOf(pixels: Uint8Array, width: number, height: number): Ink {
  const paper = backgroundOf(pixels, width, height);
  let lighter = 0;
  let darker = 0;
  for (const value of pixels) {
    if (value > paper) lighter += (value - paper) ** 2;
    else darker += (paper - value) ** 2;
  }
  const sign = lighter > darker ? 1 : -1;
  const ink = Float64Array.from(pixels, (value) =>
    Math.max(0, sign * (value - paper)),
  );
  return { pixels: stretch(ink), width, height };
}

function extentOf({ pixels, width }: Ink): Extent {
  let [top, bottom, left, right] = [Infinity, 0, Infinity, 0];
  pixels.forEach((value, at) => {
    if (value < STROKE) return;
    const column = at % width;
    const row = (at - column) / width;
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
    left = Math.min(left, column);
    right = Math.max(right, column + 1);
  });
  return { top, bottom, left, right };
}

/** Cuts the extent out, without the paper's grain. */
function crop({ pixels, width }: Ink, extent: Extent): Lines {
  const { top, bottom, left, right } = extent;
  return Array.from({ length: bottom - top }, (_, i) => {
    const start = (top + i) * width;
    return pixels
      .subarray(start + left, start + right)
      .map((value) => (value < GRAIN ? 0 : value));
  });
}

/** Centre of mass in pixels from the upper left corner: [vertical, horizontal]. */
function centreOf(lines: Lines): readonly [number, number] {
  let [total, vertical, horizontal] = [0, 0, 0];
  lines.forEach((line, row) => {
    line.forEach((value, column) => {
      total += value;
      vertical += value * (row + 0.5);
      horizontal += value * (column + 0.5);
    });
  });
  return [vertical / total, horizontal / total];
}

/**
 * Where MNIST has its pictures' centres of mass, in pixels from the edge: the
 * middle of pixel 14 of 28 (over the set they lie evenly between 14 and 15).
 */
const middleOf = (frame: number): number => Math.floor(frame / 2) + 0.5;

/**
 * Puts a centre into the middle of a frame, to the nearest whole pixel as in
 * MNIST (the box's edges stay sharp), but keeps the whole inside.
 */
function offsetOf(centre: number, length: number, frame: number): number {
  const most = Math.floor(frame - length);
  return Math.min(most, Math.max(0, Math.round(middleOf(frame) - centre)));
}

/** Whether a picture of the frame's size has its sign where it belongs. */
function isInPlace(ink: Ink, scale: number): boolean {
  const [vertical, horizontal] = centreOf(
    crop(ink, { top: 0, left: 0, bottom: ink.height, right: ink.width }),
  );
  const isFull = scale >= 1 && scale <= 1 / FULL_SHARE;
  return (
    isFull &&
    Math.abs(vertical - middleOf(ink.height)) <= CENTRED_PIXELS &&
    Math.abs(horizontal - middleOf(ink.width)) <= CENTRED_PIXELS
  );
}

function fit(ink: Ink, extent: Extent, rows: number, columns: number): Lines {
  const lines = crop(ink, extent);
  const height = extent.bottom - extent.top;
  const width = extent.right - extent.left;
  const scale = scaleOf(extent, rows, columns);
  const [vertical, horizontal] = centreOf(lines);
  return resample(lines, rows, columns, {
    vertical: {
      scale,
      offset: offsetOf(vertical * scale, height * scale, rows),
    },
    horizontal: {
      scale,
      offset: offsetOf(horizontal * scale, width * scale, columns),
    },
  });
}

/** Enlargement that lets the extent just fit into its box. */
function scaleOf(extent: Extent, rows: number, columns: number): number {
  return Math.min(
    Math.round(rows * BOX_SHARE) / (extent.bottom - extent.top),
    Math.round(columns * BOX_SHARE) / (extent.right - extent.left),
  );
}

/**
 * Makes a network's input out of a picture of any size, dark on light or light
 * on dark: the paper (median of the border) becomes 0 and the strongest ink
 * 255; the strokes are scaled into a box of 20/28 of the frame with their
 * proportions kept, and the centre of mass is moved to the middle as far as
 * nothing is cut off. A picture that is already so keeps its pixels; an empty
 * one gives zeros.
 *
 * @param pixels - grey levels as seen (0 black, 255 white), uint8
 *   `[height, width]`; read only.
 * @param rows - the frame's height, the network's input.
 * @param columns - the frame's width.
 * @returns uint8 `[rows, columns]`, owned by the caller.
 * @throws DatasetError ERR_CONFIG when `pixels` does not have
 *   `width * height` values.
 */
export function normalizePicture(
  pixels: Uint8Array,
  width: number,
  height: number,
  rows: number,
  columns: number,
): Uint8Array {
  const size = width * height;
  checkWhole('values of the picture', pixels.length, size, size);
  const ink = inkOf(pixels, width, height);
  if (!ink.pixels.some((value) => value > 0)) {
    return new Uint8Array(rows * columns);
  }
  const extent = extentOf(ink);
  const isKept =
    height === rows &&
    width === columns &&
    isInPlace(ink, scaleOf(extent, rows, columns));
  if (isKept) return Uint8Array.from(ink.pixels, Math.round);
  const placed = fit(ink, extent, rows, columns).flatMap((line) => [...line]);
  return Uint8Array.from(stretch(Float64Array.from(placed)), Math.round);
}
