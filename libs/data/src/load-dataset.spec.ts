import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatasetError } from './dataset-error.js';
import { writeIdx } from './idx.js';
import { loadDataset } from './load-dataset.js';
import { syntheticDataset } from './synthetic-dataset.js';
import { writeDataset } from './write-dataset.js';

const SYNTHETIC = syntheticDataset({
  seed: 5,
  numTrain: 12,
  numTest: 6,
  rows: 4,
  columns: 5,
  numClasses: 3,
});

const TRAIN_IMAGES = 'train-images-idx3-ubyte';
const TRAIN_LABELS = 'train-labels-idx1-ubyte';
const TEST_IMAGES = 't10k-images-idx3-ubyte';
const TEST_LABELS = 't10k-labels-idx1-ubyte';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-data-'));
  await writeDataset(folder, SYNTHETIC);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const path = (name: string): string => join(folder, name);

describe('loadDataset of MNIST', () => {
  it('reads the files with the published MD5 sums', async () => {
    const { directory } = await loadDataset();
    const md5 = async (name: string): Promise<string> =>
      createHash('md5')
        .update(await readFile(join(directory, name)))
        .digest('hex');
    expect(await md5(TRAIN_IMAGES)).toBe('6bbc9ace898e44ae57da46a324031adb');
    expect(await md5(TRAIN_LABELS)).toBe('a25bea736e30d166cdddb491f175f624');
    expect(await md5(TEST_IMAGES)).toBe('2646ac647ad5339dbf082846283269ea');
    expect(await md5(TEST_LABELS)).toBe('27ae3e4e09519cfbb04c329615203637');
  });

  it('gives 60,000 and 10,000 pictures of 28 x 28 pixels, 10 classes', async () => {
    const { train, test, ...rest } = await loadDataset();
    expect(rest).toMatchObject({
      name: 'mnist',
      rows: 28,
      columns: 28,
      channels: 1,
      numClasses: 10,
    });
    expect([train.count, test.count]).toEqual([60_000, 10_000]);
    expect(train.images).toHaveLength(60_000 * 784);
    expect(test.labels).toHaveLength(10_000);
    // The first ten training labels, as every tutorial prints them.
    expect([...train.labels.subarray(0, 10)]).toEqual([
      5, 0, 4, 1, 9, 2, 1, 3, 1, 4,
    ]);
  });

  it('hashes the four files one after the other', async () => {
    const { directory, fingerprint } = await loadDataset();
    const hash = createHash('sha256');
    for (const name of [TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS]) {
      hash.update(await readFile(join(directory, name)));
    }
    expect(fingerprint).toBe(hash.digest('hex'));
  });
});

describe('loadDataset of a folder', () => {
  it('gives what was written, named after the folder', async () => {
    expect(await loadDataset(folder)).toEqual({
      ...SYNTHETIC,
      name: basename(folder),
      directory: folder,
    });
  });

  it('gives the same of packed files, whatever their name says', async () => {
    const plain = await loadDataset(folder);
    for (const name of [TRAIN_IMAGES, TEST_LABELS]) {
      await writeFile(`${path(name)}.gz`, gzipSync(await readFile(path(name))));
      await rm(path(name));
    }
    await writeFile(
      path(TRAIN_LABELS),
      gzipSync(await readFile(path(TRAIN_LABELS))),
    );
    expect(await loadDataset(folder)).toEqual(plain);
  });

  it('takes another number of classes when asked', async () => {
    const { numClasses } = await loadDataset(folder, { numClasses: 7 });
    expect(numClasses).toBe(7);
    await expect(loadDataset(folder, { numClasses: 0 })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: 'numClasses: expected a whole number from 1 to 256, got 0',
    });
  });

  it('reports a label out of the asked range', async () => {
    const index = SYNTHETIC.train.labels.indexOf(2);
    await expect(loadDataset(folder, { numClasses: 2 })).rejects.toThrow(
      `${path(TRAIN_LABELS)}: label out of range at index ${index}: ` +
        'expected 0 to 1, got 2',
    );
  });
});

describe('loadDataset of damaged files', () => {
  const damages: readonly [
    name: string,
    file: string,
    change: (bytes: Buffer) => Uint8Array,
    message: string,
  ][] = [
    [
      'a truncated file',
      TEST_IMAGES,
      (bytes) => bytes.subarray(0, 100),
      'truncated: expected 136 bytes, got 100', // 16 + 6 * 4 * 5
    ],
    [
      'trailing bytes',
      TRAIN_LABELS,
      (bytes) => Buffer.concat([bytes, Buffer.from([0])]),
      'trailing bytes: expected 20 bytes, got 21', // 8 + 12
    ],
    [
      'an empty file',
      TRAIN_LABELS,
      () => new Uint8Array(),
      'wrong magic number: expected 0x00000801 ' +
        '(unsigned bytes, dimensions: 1), got a file of 0 bytes',
    ],
    [
      'a label too few',
      TEST_LABELS,
      () => writeIdx([5], new Uint8Array(5)),
      'expected 6 labels, one an image of',
    ],
    [
      'test images of another size',
      TEST_IMAGES,
      () => writeIdx([6, 5, 4], new Uint8Array(120)),
      'expected images of 4 x 5 pixels as in',
    ],
    [
      'a broken archive',
      TRAIN_IMAGES,
      (bytes) => gzipSync(bytes).subarray(0, -9),
      'expected a whole gzip file of at most 2147483647 bytes unpacked, got:',
    ],
  ];

  it.each(damages)(
    'reports %s with its file',
    async (_, file, change, text) => {
      await writeFile(path(file), change(await readFile(path(file))));
      const error = await loadDataset(folder).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(DatasetError);
      expect(error).toMatchObject({ code: 'ERR_DATASET_CORRUPT' });
      expect((error as Error).message).toContain(`${path(file)}: ${text}`);
      expect((error as Error).message).not.toContain('\n');
    },
  );
});
