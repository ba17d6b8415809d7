/**
 * Makes a picture of a screen small: 256 colours are enough for text, lines
 * and bars (PNG, second edition, colour type 3: https://www.w3.org/TR/PNG/).
 */
import { crc32, deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const MAX_COLOURS = 256;

/**
 * Writes a picture with a palette of its commonest colours; all others become
 * the nearest of them. Without transparency.
 * @param png any PNG.
 */
export function smallPng(png: Buffer): Buffer {
  const { width, height, data } = PNG.sync.read(png);
  const pixels = Array.from(
    { length: width * height },
    (_, at) => data.readUInt32BE(4 * at) >>> 8,
  );
  const palette = commonest(pixels);
  const indexes = new Map(palette.map((colour, index) => [colour, index]));
  const rows = Buffer.alloc(height * (width + 1)); // filter 0 before each row
  pixels.forEach((colour, at) => {
    let index = indexes.get(colour);
    if (index === undefined) {
      index = nearest(colour, palette);
      indexes.set(colour, index);
    }
    rows[Math.floor(at / width) * (width + 1) + 1 + (at % width)] = index;
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8); // 8 bits, palette
  const colours = palette.flatMap(channels);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(colours)),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Of each hue the commonest colour, then the commonest of the rest. */
function commonest(pixels: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const one of pixels) counts.set(one, (counts.get(one) ?? 0) + 1);
  const ranked = [...counts].sort((a, b) => b[1] - a[1]).map(([one]) => one);
  const first = new Map<number, number>();
  for (const one of ranked) {
    const hue = one & 0xc0c0c0; // the two highest bits of each channel
    if (!first.has(hue)) first.set(hue, one);
  }
  return [...new Set([...first.values(), ...ranked])].slice(0, MAX_COLOURS);
}

function channels(colour: number): number[] {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

function nearest(colour: number, palette: readonly number[]): number {
  const own = channels(colour);
  const distances = palette.map((other) =>
    channels(other).reduce((sum, one, at) => sum + (one - own[at]!) ** 2, 0),
  );
  return distances.indexOf(Math.min(...distances));
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), body]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
