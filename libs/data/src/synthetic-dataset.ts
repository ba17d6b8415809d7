/** Small pictures that a network can learn in seconds, for tests and demos. */
import type { Dataset, Split } from './dataset.js';
import { checkWhole } from './dataset-error.js';
import { fingerprintOf } from './fingerprint.js';
import { createRandomStream, type RandomStream } from './random-stream.js';
import { datasetParts } from './write-dataset.js';

/** Second number of the streams' keys: 'synt' in ASCII. */
const PURPOSE = 0x73796e74;

const MAX_COUNT = 10_000_000;

/** Width of a prototype's squares in pixels: survives pooling. */
const SQUARE = 2;

/** Grey level of a prototype's ink, before noise of up to as much again. */
const INK = 120;

/** Share of pixels that show noise alone. */
const DROPOUT = 0.1;

/** What a synthetic set is made from. */
export interface SyntheticOptions {
  /** A uint32: equal options give equal bytes. */
  readonly seed: number;
  /** Training pictures, at least `numClasses`. */
  readonly numTrain: number;
  /** Test pictures, at least 1. */
  readonly numTest: number;
  /** Height in pixels, at least 4. */
  readonly rows: number;
  /** Width in pixels, at least 4. */
  readonly columns: number;
  /** Number of classes, 1 to 256. */
  readonly numClasses: number;
}

/** Random squares of ink, half of all: what the pictures of a class share. */
function prototypeOf(
  { rows, columns }: SyntheticOptions,
  random: RandomStream,
): Uint8Array {
  const perRow = Math.ceil(columns / SQUARE);
  const squares = Array.from(
    { length: perRow * Math.ceil(rows / SQUARE) },
    () => (random.nextBelow(2) === 1 ? INK : 0),
  );
  return Uint8Array.from({ length: rows * columns }, (_, pixel) => {
    const row = Math.floor(pixel / columns / SQUARE);
    const column = Math.floor((pixel % columns) / SQUARE);
    return squares[row * perRow + column] ?? 0;
  });
}

/** Each class in turn, then shuffled: every class has its share. */
function labelsOf(
  count: number,
  numClasses: number,
  random: RandomStream,
): Uint8Array {
  const labels = Uint8Array.from({ length: count }, (_, i) => i % numClasses);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = random.nextBelow(i + 1);
    const other = labels[j] ?? 0;
    labels[j] = labels[i] ?? 0;
    labels[i] = other;
  }
  return labels;
}

function splitOf(
  count: number,
  prototypes: readonly Uint8Array[],
  random: RandomStream,
): Split {
  const pixels = prototypes[0]?.length ?? 0;
  const labels = labelsOf(count, prototypes.length, random);
  const images = new Uint8Array(count * pixels);
  const noise = new Float32Array(2 * pixels);
  labels.forEach((label, index) => {
    const prototype = prototypes[label];
    random.fillFloats(noise);
    for (let i = 0; i < pixels; i += 1) {
      const isSeen = (noise[pixels + i] ?? 0) >= DROPOUT;
      const ink = isSeen ? (prototype?.[i] ?? 0) : 0;
      images[index * pixels + i] = ink + (noise[i] ?? 0) * INK;
    }
  });
  return { images, labels, count };
}

/**
 * Makes a data set in memory: each class has a prototype of random squares,
 * and a picture is its class's prototype with one pixel in ten lost and with
 * noise as strong as the ink. Linearly separable, so that a real network
 * reaches high accuracy within a few dozen steps, yet not by a few pixels.
 *
 * @returns what `loadDataset` gives for the same set after `writeDataset`, with
 *   the same fingerprint; name `synthetic`, directory empty.
 * @throws DatasetError ERR_CONFIG for an option out of its range.
 */
export function syntheticDataset(options: SyntheticOptions): Dataset {
  const { seed, numTrain, numTest, rows, columns, numClasses } = options;
  checkWhole('rows', rows, 4, 1024);
  checkWhole('columns', columns, 4, 1024);
  checkWhole('numClasses', numClasses, 1, 256);
  checkWhole('numTrain', numTrain, numClasses, MAX_COUNT);
  checkWhole('numTest', numTest, 1, MAX_COUNT);
  const random = createRandomStream(seed, PURPOSE, 0);
  const prototypes = Array.from({ length: numClasses }, () =>
    prototypeOf(options, random),
  );
  const half = (count: number, index: number): Split =>
    splitOf(count, prototypes, createRandomStream(seed, PURPOSE, index));
  const train = half(numTrain, 1);
  const test = half(numTest, 2);
  return {
    name: 'synthetic',
    directory: '',
    rows,
    columns,
    channels: 1,
    numClasses,
    train,
    test,
    fingerprint: fingerprintOf(
      datasetParts({ train, test, rows, columns }).flat(),
    ),
  };
}
