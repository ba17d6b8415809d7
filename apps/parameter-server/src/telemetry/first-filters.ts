/**
 * The filters of a network's first convolution as a picture.
 */
import { encodePng } from '@muster/data';
import type { RunDefinition } from '@muster/protocol';
import type { EventImage } from '@muster/telemetry';
import type { Slice } from './tensorboard.js';

/** Filters beside each other. */
const ACROSS = 8;
/** More filters than this are not shown. */
const MOST = 64;
/** Width of a weight in pixels. */
const SCALE = 8;

/**
 * Draws the filters on their first channel, a grid with a line between: the
 * greatest weight is black, the least white. Nothing where the first tensor
 * is no kernel of a convolution, or is not all in this slice.
 */
export function filtersOf(
  { model }: Pick<RunDefinition, 'model'>,
  { begin, parameters }: Slice,
): EventImage | undefined {
  const [kernel] = model.layout;
  const [height = 0, width = 0, channels = 0, filters = 0] =
    kernel?.shape ?? [];
  const length = height * width * channels * filters;
  const isHere = begin === 0 && parameters.length >= length;
  if (kernel?.shape.length !== 4 || kernel.offset !== 0 || !isHere)
    return undefined;
  const shown = Math.min(filters, MOST);
  const across = Math.min(shown, ACROSS);
  const rows = Math.ceil(shown / across) * (height + 1) - 1;
  const columns = across * (width + 1) - 1;
  const image = new Uint8Array(rows * columns);
  const ink = inkOf(parameters.subarray(0, length));
  for (let filter = 0; filter < shown; filter++) {
    const top = Math.floor(filter / across) * (height + 1);
    const left = (filter % across) * (width + 1);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        // [height, width, channels, filters]
        const at = (row * width + column) * channels * filters + filter;
        const place = (top + row) * columns + left + column;
        image[place] = ink(parameters[at] ?? 0);
      }
    }
  }
  const png = encodePng(image, rows, columns, { scale: SCALE });
  return { rows: rows * SCALE, columns: columns * SCALE, png };
}

/** From weights to 0 (white) to 255 (black). */
function inkOf(weights: Float32Array): (weight: number) => number {
  const known = weights.filter(Number.isFinite);
  const min = known.reduce((a, b) => Math.min(a, b), Infinity);
  const max = known.reduce((a, b) => Math.max(a, b), -Infinity);
  return (weight) =>
    max > min ? Math.round((255 * (weight - min)) / (max - min)) : 0;
}
