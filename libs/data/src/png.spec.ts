import fc from 'fast-check';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { DatasetError } from './dataset-error.js';
import { decodePng, encodePng } from './png.js';

const pictures = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }))
  .chain(([rows, columns]) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      scale: fc.integer({ min: 1, max: 4 }),
      image: fc.uint8Array({
        minLength: rows * columns,
        maxLength: rows * columns,
      }),
    }),
  );

/** A PNG with colours and transparency, one pixel. */
function onePixel(red: number, green: number, blue: number, alpha: number) {
  const png = new PNG({ width: 1, height: 1 });
  png.data = Buffer.from([red, green, blue, alpha]);
  return decodePng(PNG.sync.write(png)).pixels[0];
}

describe('encodePng', () => {
  it('writes an 8-bit grey picture, seen as 255 minus the value', () => {
    fc.assert(
      fc.property(pictures, ({ rows, columns, scale, image }) => {
        const bytes = encodePng(image, rows, columns, { scale });
        // Header: width at 16, height at 20, depth at 24, colour type at 25.
        expect(bytes.readUInt32BE(16)).toBe(columns * scale);
        expect([bytes[24], bytes[25]]).toEqual([8, 0]);
        const { pixels, width, height } = decodePng(bytes);
        expect([width, height]).toEqual([columns * scale, rows * scale]);
        pixels.forEach((level, at) => {
          const row = Math.floor(Math.floor(at / width) / scale);
          const column = Math.floor((at % width) / scale);
          expect(level).toBe(255 - image[row * columns + column]!);
        });
      }),
    );
  });

  it('refuses an image of another length and a scale of 0', () => {
    expect(() => encodePng(new Uint8Array(3), 2, 2)).toThrow(
      'values of the image: expected a whole number from 4 to 4, got 3',
    );
    expect(() => encodePng(new Uint8Array(4), 2, 2, { scale: 0 })).toThrow(
      'scale: expected a whole number from 1 to 100, got 0',
    );
  });
});

describe('decodePng', () => {
  it('weighs colours by Rec. 601 and shows white through', () => {
    expect(onePixel(255, 0, 0, 255)).toBe(76); // 0.299 * 255 = 76.2
    expect(onePixel(0, 255, 0, 255)).toBe(150); // 0.587 * 255 = 149.7
    expect(onePixel(0, 0, 255, 255)).toBe(29); // 0.114 * 255 = 29.1
    expect(onePixel(0, 0, 0, 0)).toBe(255);
    expect(onePixel(0, 0, 0, 51)).toBe(204); // one fifth black
  });

  it('refuses every truncation, and what is no PNG', () => {
    const bytes = encodePng(new Uint8Array(64).fill(9), 8, 8);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodePng(bytes.subarray(0, length), 'four.png')).toThrow(
        expect.objectContaining({
          code: 'ERR_DATASET_CORRUPT',
          message: expect.stringMatching(/^four\.png: expected/) as string,
        }),
      );
    }
    expect(() => decodePng(Buffer.alloc(100), 'x')).toThrow(
      'x: expected a PNG file, got another kind',
    );
  });

  it('throws nothing but DatasetError on damaged bytes', () => {
    const whole = encodePng(new Uint8Array(64).fill(9), 8, 8);
    fc.assert(
      fc.property(
        fc.nat({ max: whole.length - 1 }),
        fc.nat({ max: 255 }),
        (at, value) => {
          const bytes = Buffer.from(whole);
          bytes[at] = value;
          try {
            expect(decodePng(bytes).pixels).toHaveLength(64);
          } catch (error) {
            expect(error).toBeInstanceOf(DatasetError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses a size that memory may not hold, from the header', () => {
    const bytes = encodePng(new Uint8Array(1), 1, 1);
    bytes.writeUInt32BE(100_000, 16);
    bytes.writeUInt32BE(100_000, 20);
    expect(() => decodePng(bytes, 'x')).toThrow(
      'x: expected 1 to 67108864 pixels, got 100000 x 100000',
    );
  });
});
