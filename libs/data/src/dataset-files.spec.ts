import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDatasetFiles } from './dataset-files.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-files-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const touch = async (...names: string[]): Promise<void> => {
  for (const name of names) await writeFile(join(folder, name), '');
};

const found = async (): Promise<string[]> => {
  const { paths } = await findDatasetFiles(folder);
  return Object.values(paths).map((path) => basename(path));
};

const USUAL = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
];

describe('findDatasetFiles', () => {
  it('finds the usual names, in the order of the fingerprint', async () => {
    await touch(...USUAL, 'README.md', 'train-images.png');
    expect(await found()).toEqual(USUAL);
  });

  it('finds packed files and the spelling with a dot', async () => {
    const names = [
      'train-images.idx3-ubyte',
      'train-labels.idx1-ubyte.gz',
      't10k-images-idx3-ubyte.gz',
      't10k-labels.idx1-ubyte',
    ];
    await touch(...names);
    expect(await found()).toEqual(names);
  });

  it('takes the plain file where the packed one is there too', async () => {
    await touch(...USUAL, ...USUAL.map((name) => `${name}.gz`));
    expect(await found()).toEqual(USUAL);
  });

  it("finds EMNIST's names and calls the set by their prefix", async () => {
    const names = ['train', 'test'].flatMap((half) => [
      `emnist-digits-${half}-images-idx3-ubyte.gz`,
      `emnist-digits-${half}-labels-idx1-ubyte.gz`,
    ]);
    await touch(...names);
    expect(await found()).toEqual(names);
    expect((await findDatasetFiles(folder)).name).toBe('emnist-digits');
  });

  it('prefers names without a prefix, and takes the folder as name', async () => {
    await touch(...USUAL, ...USUAL.map((name) => `other-${name}`));
    expect(await found()).toEqual(USUAL);
    expect((await findDatasetFiles(folder)).name).toBe(basename(folder));
  });

  it('names all sets where it cannot choose', async () => {
    await touch('a-train-images-idx3-ubyte', 'b-train-images-idx3-ubyte');
    await expect(found()).rejects.toThrow(
      `${folder}: expected one data set, got 2: a, b; ` +
        'put the wanted one into its own folder',
    );
  });

  it('ignores images that claim to be labels', async () => {
    await touch('train-images-idx1-ubyte');
    await expect(found()).rejects.toThrow('train-images-idx3-ubyte: expected');
  });

  it.each(USUAL)('names %s when it is missing', async (missing) => {
    await touch(...USUAL.filter((name) => name !== missing));
    await expect(found()).rejects.toMatchObject({
      code: 'ERR_DATASET_CORRUPT',
      message:
        `${join(folder, missing)}: expected the file, plain or .gz, ` +
        'got no such file (--data)',
    });
  });

  it('names a folder that is not there', async () => {
    const nowhere = join(folder, 'nowhere');
    await expect(findDatasetFiles(nowhere)).rejects.toThrow(
      `${nowhere}: expected a folder with the four data files, ` +
        'got ENOENT (--data)',
    );
  });
});
