// Round trips, order and upkeep. Damage and power cuts have specs of their own.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNewestCheckpoint } from './read-newest-checkpoint.js';
import { decodeSafetensors } from './safetensors.js';
import type { Snapshot } from './snapshot.js';
import { MemoryDisk, snapshotOf } from './testing.js';
import { writeCheckpoint } from './write-checkpoint.js';

const DIRECTORY = '/run/checkpoints';

async function diskWith(...versions: number[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (const version of versions) {
    await writeCheckpoint(DIRECTORY, snapshotOf(version), { disk });
  }
  return disk;
}

describe('a checkpoint on the real disk', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('comes back bit for bit', async () => {
    const directory = join(folder, 'new', 'checkpoints');
    const path = await writeCheckpoint(directory, snapshotOf(123));
    expect(path).toBe(join(directory, 'step-00000123'));
    const found = await readNewestCheckpoint(directory);
    // toEqual tells -0 from 0.
    expect(found).toEqual({
      checkpoint: { ...snapshotOf(123), path },
      damaged: [],
    });
  });

  it('comes back bit for bit where it is large', async () => {
    const length = 2 ** 16;
    const parameters = Float32Array.from({ length }, (_, i) => i / 7);
    const large: Snapshot = {
      ...snapshotOf(1),
      begin: 0,
      end: length,
      numParameters: length,
      parameters,
      optimizer: { name: 'sgd', slots: {} },
    };
    const directory = join(folder, 'large');
    const path = await writeCheckpoint(directory, large);
    const found = await readNewestCheckpoint(directory);
    expect(found?.checkpoint).toEqual({ ...large, path });
    // The sums are what anyone else computes.
    const shard = await readFile(join(path, 'shard-0000.safetensors'));
    const sha256 = createHash('sha256').update(shard).digest('hex');
    const sums = await readFile(join(path, 'SHA256SUMS'), 'utf8');
    expect(sums).toContain(`${sha256}  shard-0000.safetensors\n`);
  });

  it('is three files, and the numbers are plain safetensors', async () => {
    const path = await writeCheckpoint(join(folder, 'files'), snapshotOf(5));
    const names = await readdir(path);
    expect(names.sort()).toEqual([
      'SHA256SUMS',
      'manifest.json',
      'shard-0000.safetensors',
    ]);
    const shard = await readFile(join(path, 'shard-0000.safetensors'));
    const { tensors, metadata } = decodeSafetensors(shard);
    expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['parameters', [4]],
      ['optimizer/m', [4]],
      ['optimizer/v', [4]],
    ]);
    expect(metadata).toEqual({ version: '5', begin: '2', end: '6' });
  });

  it('keeps the newest two', async () => {
    const directory = join(folder, 'three');
    for (const version of [1, 2, 3]) {
      await writeCheckpoint(directory, snapshotOf(version));
    }
    const names = await readdir(directory);
    expect(names.sort()).toEqual(['step-00000002', 'step-00000003']);
  });

  it('is undefined where there is no directory', async () => {
    const missing = join(folder, 'missing');
    expect(await readNewestCheckpoint(missing)).toBeUndefined();
  });

  it('fails with ERR_CHECKPOINT_WRITE where nothing can be written', async () => {
    const path = await writeCheckpoint(join(folder, 'file'), snapshotOf(1));
    const inFile = join(path, 'manifest.json', 'checkpoints');
    await expect(writeCheckpoint(inFile, snapshotOf(1))).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_WRITE',
      cause: { code: 'ENOTDIR' },
    });
  });
});

describe('writeCheckpoint', () => {
  it('copies before it waits', async () => {
    const disk = new MemoryDisk();
    const ledger = { examplesApplied: 512, losses: [0.5, null, 'x'] };
    const snapshot = { ...snapshotOf(4), ledger };
    const written = writeCheckpoint(DIRECTORY, snapshot, { disk });
    snapshot.parameters.fill(99);
    snapshot.optimizer.slots['m']!.fill(99);
    ledger.losses.push(99);
    await written;
    const found = await readNewestCheckpoint(DIRECTORY, { disk });
    expect(found?.checkpoint).toMatchObject(snapshotOf(4));
  });

  it('keeps as many as asked', async () => {
    const disk = new MemoryDisk();
    for (const version of [1, 2, 3, 4, 5]) {
      await writeCheckpoint(DIRECTORY, snapshotOf(version), { disk, keep: 3 });
    }
    expect((await disk.list(DIRECTORY)).sort()).toEqual([
      'step-00000003',
      'step-00000004',
      'step-00000005',
    ]);
    await writeCheckpoint(DIRECTORY, snapshotOf(6), { disk, keep: 1 });
    expect(await disk.list(DIRECTORY)).toEqual(['step-00000006']);
  });

  it('keeps every whole one from a version on as well', async () => {
    const disk = await diskWith(1, 2);
    const options = { disk, keep: 1, keepFrom: 2 };
    for (const version of [3, 4, 5]) {
      await writeCheckpoint(DIRECTORY, snapshotOf(version), options);
    }
    await disk.remove(`${DIRECTORY}/step-00000004/SHA256SUMS`);
    const grown = { ...snapshotOf(5), ledger: 'grown' };
    await writeCheckpoint(DIRECTORY, grown, options);
    expect((await disk.list(DIRECTORY)).sort()).toEqual([
      'step-00000002',
      'step-00000003',
      'step-00000005-1', // the version stays, by its newest attempt
    ]);
    const next = { disk, keep: 2, keepFrom: 6 };
    await writeCheckpoint(DIRECTORY, snapshotOf(6), next);
    expect((await disk.list(DIRECTORY)).sort()).toEqual([
      'step-00000005-1',
      'step-00000006',
    ]);
  });

  it('counts whole ones only', async () => {
    const disk = await diskWith(1, 2);
    await disk.remove(`${DIRECTORY}/step-00000002/SHA256SUMS`);
    await writeCheckpoint(DIRECTORY, snapshotOf(3), { disk });
    expect((await disk.list(DIRECTORY)).sort()).toEqual([
      'step-00000001',
      'step-00000003',
    ]);
  });

  it('removes nothing on the word of a disk that fails to read', async () => {
    const disk = await diskWith(1, 2);
    const readFile = disk.readFile.bind(disk);
    disk.readFile = (path) =>
      path.includes('step-00000002')
        ? Promise.reject(new Error('EMFILE: too many open files'))
        : readFile(path);
    await expect(
      writeCheckpoint(DIRECTORY, snapshotOf(3), { disk }),
    ).rejects.toThrow(
      'checkpoint of version 3 in /run/checkpoints written, but older ones not removed: EMFILE',
    );
    expect(await disk.list(DIRECTORY)).toHaveLength(3);
  });

  it('leaves the same version with the same bytes alone', async () => {
    const disk = await diskWith(1, 2);
    const before = disk.operations;
    const path = await writeCheckpoint(DIRECTORY, snapshotOf(2), { disk });
    expect(path).toBe(`${DIRECTORY}/step-00000002`);
    expect(disk.operations).toBe(before + 1); // one sync
    expect(await disk.list(DIRECTORY)).toHaveLength(2);
  });

  it('replaces the same version where the ledger has grown', async () => {
    const disk = await diskWith(1, 2);
    const grown = { ...snapshotOf(2), ledger: { examplesApplied: 999 } };
    const path = await writeCheckpoint(DIRECTORY, grown, { disk });
    expect((await disk.list(DIRECTORY)).sort()).toEqual([
      'step-00000001',
      'step-00000002-1',
    ]);
    const found = await readNewestCheckpoint(DIRECTORY, { disk });
    expect(found?.checkpoint).toEqual({ ...grown, path });
  });

  it('replaces the same version where it is damaged', async () => {
    const disk = await diskWith(1, 2);
    const shard = `${DIRECTORY}/step-00000002/shard-0000.safetensors`;
    await disk.writeFile(shard, new Uint8Array(8));
    const path = await writeCheckpoint(DIRECTORY, snapshotOf(2), { disk });
    const found = await readNewestCheckpoint(DIRECTORY, { disk });
    expect(found).toEqual({
      checkpoint: { ...snapshotOf(2), path },
      damaged: [],
    });
  });

  it('sweeps what a stopped write has left, and nothing else', async () => {
    const disk = await diskWith(1);
    await disk.makeDirectory(`${DIRECTORY}/step-00000009.tmp`);
    await disk.makeDirectory(`${DIRECTORY}/step-00000002.tmp/junk`);
    await disk.makeDirectory(`${DIRECTORY}/notes`);
    const newest = await readNewestCheckpoint(DIRECTORY, { disk });
    expect(newest?.checkpoint.version).toBe(1);
    await writeCheckpoint(DIRECTORY, snapshotOf(2), { disk });
    expect((await disk.list(DIRECTORY)).sort()).toEqual([
      'notes',
      'step-00000001',
      'step-00000002',
    ]);
    const files = await disk.list(`${DIRECTORY}/step-00000002`);
    expect(files).toHaveLength(3);
  });

  const bad: readonly [
    what: string,
    change: Partial<Snapshot>,
    reason: string,
  ][] = [
    [
      'numbers that are not finite',
      { parameters: Float32Array.of(0, Number.NaN, 0, 0) },
      'parameters: expected finite numbers, got NaN at 3',
    ],
    ['a ledger that is not JSON', { ledger: { at: new Date(0) } }, 'ledger'],
    ['a ledger with NaN', { ledger: { loss: Number.NaN } }, 'ledger'],
    ['a fractional version', { version: 1.5 }, 'version'],
  ];
  it.each(bad)('refuses %s and touches nothing', async (_, change, reason) => {
    const disk = await diskWith(1);
    const before = disk.operations;
    const snapshot = { ...snapshotOf(2), ...change };
    const failure = writeCheckpoint(DIRECTORY, snapshot, { disk });
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_WRITE',
      message: expect.stringContaining(reason) as string,
    });
    expect(disk.operations).toBe(before);
  });
});

describe('readNewestCheckpoint', () => {
  it('orders by version as a number, beyond eight digits too', async () => {
    const disk = await diskWith(99_999_999, 100_000_000);
    const found = await readNewestCheckpoint(DIRECTORY, { disk });
    expect(found?.checkpoint.version).toBe(100_000_000);
  });

  it('takes a checkpoint of the expected configuration', async () => {
    const disk = await diskWith(1);
    const expect_ = { configFingerprint: 'f00d', numParameters: 10, seed: 7 };
    const found = await readNewestCheckpoint(DIRECTORY, {
      disk,
      expect: expect_,
    });
    expect(found?.checkpoint.version).toBe(1);
  });

  it('names every field that differs', async () => {
    const disk = await diskWith(1);
    const failure = readNewestCheckpoint(DIRECTORY, {
      disk,
      expect: { configFingerprint: 'beef', numParameters: 12, runId: 'run-a' },
    });
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_MISMATCH',
      message:
        'checkpoint /run/checkpoints/step-00000001 belongs to another configuration: configFingerprint: expected beef, got f00d; numParameters: expected 12, got 10; resume with the settings of its run',
    });
  });
});
