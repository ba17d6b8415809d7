import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatasetError } from './dataset-error.js';
import { readIdx, writeIdx } from './idx.js';

/** Two images of 2 x 3 pixels, byte by byte as the format's page has it. */
const IMAGES = Uint8Array.from([
  ...[0, 0, 8, 3],
  ...[0, 0, 0, 2],
  ...[0, 0, 0, 2],
  ...[0, 0, 0, 3],
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
]);

const images = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }))
  .chain(([count, rows]) =>
    fc.integer({ min: 1, max: 6 }).chain((columns) => {
      const length = count * rows * columns;
      return fc.record({
        shape: fc.constant([count, rows, columns]),
        data: fc.uint8Array({ minLength: length, maxLength: length }),
      });
    }),
  );

describe('readIdx', () => {
  it('reads shape and values without a copy', () => {
    const { shape, data } = readIdx(IMAGES, 'images', 3);
    expect(shape).toEqual([2, 2, 3]);
    expect([...data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(data.buffer).toBe(IMAGES.buffer);
  });

  it('reads bytes that do not begin at their buffer', () => {
    const shifted = new Uint8Array(IMAGES.length + 5).subarray(5);
    shifted.set(IMAGES);
    expect(readIdx(shifted, 'images', 3)).toEqual(readIdx(IMAGES, 'images', 3));
  });

  it('names the file, the expected magic number and what it got', () => {
    expect(() => readIdx(IMAGES, 'some/file', 1)).toThrow(
      new DatasetError(
        'ERR_DATASET_CORRUPT',
        'some/file: wrong magic number: expected 0x00000801 ' +
          '(unsigned bytes, dimensions: 1), got 0x00000803',
      ),
    );
  });

  it('refuses a byte too many and an empty dimension', () => {
    const longer = Uint8Array.from([...IMAGES, 0]);
    expect(() => readIdx(longer, 'f', 3)).toThrow(
      'f: trailing bytes: expected 28 bytes, got 29',
    );
    const empty = writeIdx([0, 28, 28], new Uint8Array());
    expect(() => readIdx(empty, 'f', 3)).toThrow(
      'f: empty: expected at least 1 in each dimension, got [0, 28, 28]',
    );
  });

  it('refuses lengths beyond any file without allocating for them', () => {
    const huge = Uint8Array.from(IMAGES).fill(0xff, 4, 16);
    expect(() => readIdx(huge, 'f', 3)).toThrow(/f: truncated: expected \d/);
  });

  it('gives back what was written', () => {
    fc.assert(
      fc.property(images, ({ shape, data }) => {
        expect(readIdx(writeIdx(shape, data), 'f', 3)).toEqual({
          shape,
          data,
        });
      }),
    );
  });

  it('refuses every truncation', () => {
    fc.assert(
      fc.property(images, ({ shape, data }) => {
        const bytes = writeIdx(shape, data);
        for (let length = 0; length < bytes.length; length += 1) {
          expect(() => readIdx(bytes.subarray(0, length), 'f', 3)).toThrow(
            DatasetError,
          );
        }
      }),
      { numRuns: 20 },
    );
  });

  it('refuses every change of one byte of the header', () => {
    // A changed length changes the product, as no other length is 0; so the
    // file's own length tells.
    fc.assert(
      fc.property(
        images,
        fc.integer({ min: 0, max: 15 }),
        fc.integer({ min: 1, max: 255 }),
        ({ shape, data }, at, change) => {
          const bytes = writeIdx(shape, data);
          bytes[at] = bytes[at]! ^ change;
          expect(() => readIdx(bytes, 'f', 3)).toThrow(DatasetError);
        },
      ),
    );
  });
});
