/** The MNIST digits as plain IDX files, for programs that are not ours. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDataset, writeDataset } from '@muster/data';

const FOLDER = join(tmpdir(), 'muster-bench-digits');

/**
 * Writes them once a machine.
 *
 * @returns paths of the training images and labels, and the test ones.
 */
export async function digitFiles(): Promise<string[]> {
  const files = [
    ...['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'],
    ...['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'],
  ].map((name) => join(FOLDER, name));
  if (!files.every((file) => existsSync(file))) {
    await writeDataset(FOLDER, await loadDataset(undefined));
  }
  return files;
}
