import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chunkDataset } from './chunk-dataset.js';
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
/** Header and 12 pictures of 20 pixels. */
const TRAIN_IMAGES_BYTES = 16 + 12 * 20;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-data-'));
  await writeDataset(folder, SYNTHETIC);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/** Hashes by the definition: the whole file in memory, cut. */
async function chunksByHand(path: string, chunkBytes: number) {
  const bytes = await readFile(path);
  const starts = Array.from(
    { length: Math.ceil(bytes.length / chunkBytes) },
    (_, i) => i * chunkBytes,
  );
  return starts.map((at) => sha256(bytes.subarray(at, at + chunkBytes)));
}

describe('chunkDataset', () => {
  it.each([1, 7, 16, TRAIN_IMAGES_BYTES, 1000])(
    'hashes each chunk of %i bytes, the short last one too',
    async (chunkBytes) => {
      const { files, ...rest } = await chunkDataset(folder, chunkBytes);
      expect(rest).toEqual({
        chunkBytes,
        fingerprint: SYNTHETIC.fingerprint,
      });
      expect(files.map(({ role }) => role)).toEqual([
        'train-images',
        'train-labels',
        'test-images',
        'test-labels',
      ]);
      for (const { path, bytes, chunks } of files) {
        expect(bytes).toBe((await readFile(path)).length);
        expect(chunks).toEqual(await chunksByHand(path, chunkBytes));
      }
      expect(files[0]?.bytes).toBe(TRAIN_IMAGES_BYTES);
    },
  );

  it('gives the fingerprint that loading gives, in 15 chunks of MNIST', async () => {
    const { fingerprint, files } = await chunkDataset();
    expect(fingerprint).toBe((await loadDataset()).fingerprint);
    // 47,040,016 bytes in chunks of 4 MiB are 12, 7,840,016 are 2.
    expect(files.map(({ chunks }) => chunks.length)).toEqual([12, 1, 2, 1]);
    for (const { path, chunks } of files) {
      expect(chunks).toEqual(await chunksByHand(path, 4 * 1024 * 1024));
    }
  });

  it('gives packed files as they lie there, and the same fingerprint', async () => {
    const path = join(folder, TRAIN_IMAGES);
    const packed = gzipSync(await readFile(path));
    await rm(path);
    await writeFile(`${path}.gz`, packed);
    const { fingerprint, files } = await chunkDataset(folder);
    expect(fingerprint).toBe(SYNTHETIC.fingerprint);
    expect(files[0]).toEqual({
      role: 'train-images',
      path: `${path}.gz`,
      bytes: packed.length,
      chunks: [sha256(packed)],
    });
  });

  it('names a packed file that is cut off', async () => {
    const path = join(folder, TRAIN_IMAGES);
    const packed = gzipSync(await readFile(path));
    await writeFile(path, packed.subarray(0, packed.length - 9));
    await expect(chunkDataset(folder)).rejects.toMatchObject({
      code: 'ERR_DATASET_CORRUPT',
      message: `${path}: expected a whole gzip file, got Z_BUF_ERROR`,
    });
  });

  it('names a file that is missing', async () => {
    await rm(join(folder, TRAIN_IMAGES));
    await expect(chunkDataset(folder)).rejects.toMatchObject({
      code: 'ERR_DATASET_CORRUPT',
      message: expect.stringContaining(TRAIN_IMAGES) as string,
    });
  });
});
