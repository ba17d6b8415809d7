/**
 * The IDX format, as described on the page of the MNIST database
 * (http://yann.lecun.com/exdb/mnist/): a magic number, one big-endian uint32
 * a dimension, then the values. Only unsigned bytes are read: images have
 * three dimensions, labels have one.
 */
import { corrupt } from './dataset-error.js';

/** Third byte of the magic number: the values are unsigned bytes. */
const UNSIGNED_BYTES = 0x08;

/** One IDX file in memory. */
export interface IdxArray {
  /** Lengths of the dimensions, outermost first; none is 0. */
  readonly shape: readonly number[];
  /** Values, uint8, in row-major order: a view over the bytes read. */
  readonly data: Uint8Array;
}

const hex = (value: number): string =>
  `0x${value.toString(16).padStart(8, '0')}`;

const magicOf = (numDimensions: number): number =>
  UNSIGNED_BYTES * 256 + numDimensions;

const headerBytes = (numDimensions: number): number => 4 + 4 * numDimensions;

function checkMagic(view: DataView, name: string, numDimensions: number): void {
  const expected = magicOf(numDimensions);
  const got = view.byteLength < 4 ? undefined : view.getUint32(0);
  if (got === expected) return;
  throw corrupt(
    `${name}: wrong magic number: expected ${hex(expected)} ` +
      `(unsigned bytes, dimensions: ${numDimensions}), ` +
      (got === undefined
        ? `got a file of ${view.byteLength} bytes`
        : `got ${hex(got)}`),
  );
}

function checkLength(got: number, expected: number, name: string): void {
  if (got === expected) return;
  const fault = got < expected ? 'truncated' : 'trailing bytes';
  throw corrupt(`${name}: ${fault}: expected ${expected} bytes, got ${got}`);
}

/**
 * Reads one IDX file of unsigned bytes; nothing is copied.
 *
 * @param bytes - the whole unpacked file; the result is a view over it.
 * @param name - names the file in errors.
 * @param numDimensions - 3 for images `[count, rows, columns]`, 1 for labels.
 * @throws DatasetError ERR_DATASET_CORRUPT for another magic number, an empty
 *   dimension, a file that is too short or too long.
 */
export function readIdx(
  bytes: Uint8Array,
  name: string,
  numDimensions: 1 | 3,
): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkMagic(view, name, numDimensions);
  const start = headerBytes(numDimensions);
  if (bytes.length < start) checkLength(bytes.length, start, name);
  const shape = Array.from({ length: numDimensions }, (_, i) =>
    view.getUint32(4 + 4 * i),
  );
  if (shape.includes(0)) {
    throw corrupt(
      `${name}: empty: expected at least 1 in each dimension, ` +
        `got [${shape.join(', ')}]`,
    );
  }
  // Beyond 2^53 the product is rounded, but no file is as long as that.
  const size = shape.reduce((product, length) => product * length, 1);
  checkLength(bytes.length, start + size, name);
  return { shape, data: bytes.subarray(start) };
}

/** Makes the header of an IDX file of unsigned bytes: what precedes the data. */
export function idxHeader(shape: readonly number[]): Uint8Array {
  const header = new Uint8Array(headerBytes(shape.length));
  const view = new DataView(header.buffer);
  view.setUint32(0, magicOf(shape.length));
  shape.forEach((length, i) => {
    view.setUint32(4 + 4 * i, length);
  });
  return header;
}

/**
 * Gives the bytes of an IDX file, the inverse of {@link readIdx}: a copy, owned
 * by the caller.
 *
 * @param shape - lengths of the dimensions; their product is `data.length`.
 */
export function writeIdx(
  shape: readonly number[],
  data: Uint8Array,
): Uint8Array {
  const header = idxHeader(shape);
  const bytes = new Uint8Array(header.length + data.length);
  bytes.set(header);
  bytes.set(data, header.length);
  return bytes;
}
