/** A data set in memory as four IDX files: what `loadDataset` reads. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetInput, SplitInput } from './dataset.js';
import { checkWhole, DatasetError } from './dataset-error.js';
import { usualName } from './dataset-files.js';
import { idxHeader } from './idx.js';

const UINT32_MAX = 0xffffffff;

function checkSplit(
  name: string,
  { images, labels }: SplitInput,
  pixels: number,
): void {
  checkWhole(`number of ${name} labels`, labels.length, 1, UINT32_MAX);
  const expected = labels.length * pixels;
  if (images.length === expected) return;
  throw new DatasetError(
    'ERR_CONFIG',
    `${name} images: expected ${expected} bytes, ${pixels} a label, ` +
      `got ${images.length}`,
  );
}

/**
 * Gives the contents of the four files in the order of the fingerprint, each
 * as its header and its data. The data are the caller's arrays, not copied.
 *
 * @throws DatasetError ERR_CONFIG when counts and sizes do not fit.
 */
export function datasetParts(
  input: DatasetInput,
): readonly (readonly [header: Uint8Array, data: Uint8Array])[] {
  const { rows, columns, train, test } = input;
  checkWhole('rows', rows, 1, UINT32_MAX);
  checkWhole('columns', columns, 1, UINT32_MAX);
  checkSplit('training', train, rows * columns);
  checkSplit('test', test, rows * columns);
  return [train, test].flatMap(({ images, labels }) => [
    [idxHeader([labels.length, rows, columns]), images] as const,
    [idxHeader([labels.length]), labels] as const,
  ]);
}

/**
 * Writes a data set as four plain IDX files with their usual names
 * (`train-images-idx3-ubyte` ...), so that worker processes can load it. The
 * folder is made where it is missing; files of these names are replaced.
 *
 * @throws DatasetError ERR_CONFIG when counts and sizes do not fit; the file
 *   system's own error when it cannot be written.
 */
export async function writeDataset(
  directory: string,
  input: DatasetInput,
): Promise<void> {
  const [trainImages, trainLabels, testImages, testLabels] =
    datasetParts(input);
  await mkdir(directory, { recursive: true });
  const files = [
    ['train-images', trainImages],
    ['train-labels', trainLabels],
    ['test-images', testImages],
    ['test-labels', testLabels],
  ] as const;
  for (const [role, parts] of files) {
    await writeFile(join(directory, usualName(role)), parts ?? []);
  }
}
