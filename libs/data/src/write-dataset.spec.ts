import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetInput, SplitInput } from './dataset.js';
import { loadDataset } from './load-dataset.js';
import { writeDataset } from './write-dataset.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-write-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const split = (pixels: number): fc.Arbitrary<SplitInput> =>
  fc.integer({ min: 1, max: 4 }).chain((count) =>
    fc.record({
      images: fc.uint8Array({
        minLength: count * pixels,
        maxLength: count * pixels,
      }),
      labels: fc.uint8Array({ minLength: count, maxLength: count }),
    }),
  );

const side = fc.integer({ min: 1, max: 5 });

const datasets: fc.Arbitrary<DatasetInput> = fc
  .tuple(side, side)
  .chain(([rows, columns]) =>
    fc.record({
      train: split(rows * columns),
      test: split(rows * columns),
      rows: fc.constant(rows),
      columns: fc.constant(columns),
    }),
  );

describe('writeDataset', () => {
  it('writes what loadDataset reads, over what was there', async () => {
    await fc.assert(
      fc.asyncProperty(datasets, async (input) => {
        await writeDataset(join(folder, 'deep/set'), input);
        const read = await loadDataset(join(folder, 'deep/set'));
        expect(read).toMatchObject({
          rows: input.rows,
          columns: input.columns,
          train: { ...input.train, count: input.train.labels.length },
          test: { ...input.test, count: input.test.labels.length },
          numClasses: Math.max(...input.train.labels, ...input.test.labels) + 1,
        });
      }),
      { numRuns: 30 },
    );
  });

  it('refuses pictures that do not fit, before it writes', async () => {
    const labels = new Uint8Array(2);
    const target = join(folder, 'refused');
    const written = writeDataset(target, {
      train: { images: new Uint8Array(18), labels },
      test: { images: new Uint8Array(17), labels },
      rows: 3,
      columns: 3,
    });
    await expect(written).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: 'test images: expected 18 bytes, 9 a label, got 17',
    });
    expect(await readdir(folder)).not.toContain('refused');
  });

  it('refuses an empty half', async () => {
    const empty = { images: new Uint8Array(), labels: new Uint8Array() };
    await expect(
      writeDataset(folder, { train: empty, test: empty, rows: 3, columns: 3 }),
    ).rejects.toThrow('number of training labels: expected a whole number');
  });
});
