/** Pictures as PNG files, in greys, both ways. */
import { PNG } from 'pngjs';
import { checkWhole, corrupt } from './dataset-error.js';

/** PNG's colour type for grey levels without transparency. */
const GREY = 0;

/**
 * Most pixels of a picture that is read: a small file can claim more than
 * memory holds. 67 million are 8192 x 8192, or 256 MiB while being read.
 */
const MAX_PIXELS = 2 ** 26;

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** A picture in greys as it is seen: 0 is black, 255 is white. */
export interface GreyPicture {
  /** uint8 `[height, width]`, owned by the caller. */
  readonly pixels: Uint8Array;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** How a PNG is drawn. */
export interface PngOptions {
  /** Width of a pixel in the PNG's pixels, 1 to 100. Default 1. */
  readonly scale?: number;
}

/**
 * Draws a picture as an 8-bit grey PNG in Greys: ink is dark on white, so a
 * value `v` becomes the level `255 - v`. Enlarged by whole squares.
 *
 * @param image - uint8 `[rows, columns]`, 0 (white) to 255 (black).
 * @returns the file's bytes, owned by the caller.
 * @throws DatasetError ERR_CONFIG when the image does not have
 *   `rows * columns` values or the scale is out of range.
 */
export function encodePng(
  image: Uint8Array,
  rows: number,
  columns: number,
  { scale = 1 }: PngOptions = {},
): Buffer {
  checkWhole('scale', scale, 1, 100);
  checkWhole(
    'values of the image',
    image.length,
    rows * columns,
    rows * columns,
  );
  const width = columns * scale;
  const png = new PNG({ width, height: rows * scale });
  const levels = Buffer.alloc(width * rows * scale);
  for (let at = 0; at < levels.length; at += 1) {
    const row = Math.floor(at / width / scale);
    const column = Math.floor((at % width) / scale);
    levels[at] = 255 - (image[row * columns + column] ?? 0);
  }
  png.data = levels;
  return PNG.sync.write(png, {
    bitDepth: 8,
    colorType: GREY,
    inputColorType: GREY,
    inputHasAlpha: false,
  });
}

/** Looks at signature and header before anything is allocated. */
function checkHeader(bytes: Buffer, name: string): void {
  if (bytes.length < 33 || !bytes.subarray(0, 8).equals(SIGNATURE)) {
    throw corrupt(`${name}: expected a PNG file, got another kind`);
  }
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const pixels = width * height;
  if (pixels > 0 && pixels <= MAX_PIXELS) return;
  throw corrupt(
    `${name}: expected 1 to ${MAX_PIXELS} pixels, got ${width} x ${height}`,
  );
}

function readPng(bytes: Buffer, name: string): PNG {
  try {
    return PNG.sync.read(bytes);
  } catch (error) {
    throw corrupt(
      `${name}: expected a whole PNG file, got: ${(error as Error).message}`,
      error,
    );
  }
}

/** Luma of Rec. 601 in thousandths, over white where it is transparent. */
function greyOf(rgba: Buffer, at: number): number {
  const [red, green, blue] = [rgba[at], rgba[at + 1], rgba[at + 2]];
  const alpha = rgba[at + 3] ?? 0;
  const luma = 299 * (red ?? 0) + 587 * (green ?? 0) + 114 * (blue ?? 0);
  const overWhite = luma * alpha + 255_000 * (255 - alpha);
  return Math.round(overWhite / 255_000);
}

/**
 * Reads a PNG of any colour type and depth as greys; what is transparent shows
 * white. The inverse of {@link encodePng} but for Greys: 0 is black here, as
 * the picture is seen.
 *
 * @param name - names the picture in errors.
 * @throws DatasetError ERR_DATASET_CORRUPT for what is not a whole PNG, or has
 *   more than 67 million pixels.
 */
export function decodePng(bytes: Uint8Array, name = 'picture'): GreyPicture {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkHeader(buffer, name);
  const { data, width, height } = readPng(buffer, name);
  const pixels = new Uint8Array(width * height);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = greyOf(data, 4 * i);
  return { pixels, width, height };
}
