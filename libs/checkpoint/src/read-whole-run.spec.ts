import { describe, expect, it } from 'vitest';
import { readWholeRun } from './read-whole-run.js';
import type { Snapshot } from './snapshot.js';
import { MemoryDisk } from './testing.js';
import {
  evenRanges,
  ROOT,
  runSnapshotOf,
  stateOn,
  writeRun,
  writeSlice,
} from './testing-run.js';

const NUM_SHARDS = [1, 2, 3, 5];
const FILES = ['shard-0000.safetensors', 'manifest.json', 'SHA256SUMS'];

async function diskWith(
  numShards: number,
  ...versions: number[]
): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (const version of versions) {
    await writeRun(disk, runSnapshotOf(version), evenRanges(numShards));
  }
  return disk;
}

describe.each(NUM_SHARDS)('a run of %i servers', (numShards) => {
  it.each([0, 1, 12])('comes back as one, at version %i', async (version) => {
    const disk = await diskWith(numShards, version);
    expect(await stateOn(disk)).toEqual(runSnapshotOf(version));
  });

  it('has the path and the ledger of the slice that begins at 0', async () => {
    const disk = new MemoryDisk();
    const ranges = evenRanges(numShards).toReversed();
    for (const shard of ranges.keys()) {
      const snapshot = { ...runSnapshotOf(3), ledger: { shard } };
      await writeSlice(disk, snapshot, ranges, shard);
    }
    const found = await readWholeRun(ROOT, { disk });
    expect(found?.checkpoint.ledger).toEqual({ shard: numShards - 1 });
    const { parameters } = found?.checkpoint ?? {};
    expect(parameters).toEqual(runSnapshotOf(3).parameters);
    if (numShards > 1) {
      const last = `${ROOT}/shard-000${numShards - 1}-of-000${numShards}`;
      expect(found?.checkpoint.path).toBe(`${last}/step-00000003`);
    }
  });

  it('is that of the version before, where any file is damaged', async () => {
    const folder =
      numShards === 1 ? ROOT : `${ROOT}/shard-0000-of-000${numShards}`;
    const path = `${folder}/step-00000002`;
    for (const file of FILES) {
      const disk = await diskWith(numShards, 1, 2);
      const good = await disk.readFile(`${path}/${file}`);
      for (let byte = 0; byte < good.length; byte++) {
        const bad = good.slice();
        bad[byte]! ^= 1 << (byte & 7); // every bit: checkpoint-damage.spec.ts
        await disk.writeFile(`${path}/${file}`, bad);
        const found = await readWholeRun(ROOT, { disk });
        expect(found?.checkpoint.version).toBe(1);
        expect(found?.damaged.map((one) => one.path)).toEqual([path]);
      }
    }
  });
});

describe('readWholeRun', () => {
  it('is undefined where there is nothing', async () => {
    const disk = new MemoryDisk();
    expect(await readWholeRun(ROOT, { disk })).toBeUndefined();
    await disk.makeDirectory(`${ROOT}/shard-0000-of-0002/step-00000001.tmp`);
    await disk.makeDirectory(`${ROOT}/notes`);
    expect(await readWholeRun(ROOT, { disk })).toBeUndefined();
  });

  it('passes over a version that one shard has not', async () => {
    const disk = await diskWith(3, 1, 2);
    for (const shard of [0, 2]) {
      await writeSlice(disk, runSnapshotOf(3), evenRanges(3), shard);
    }
    expect(await readWholeRun(ROOT, { disk })).toMatchObject({
      checkpoint: { version: 2 },
      damaged: [],
    });
  });

  it('takes the newest whole version of any layout', async () => {
    const disk = await diskWith(2, 4);
    await writeRun(disk, runSnapshotOf(3), evenRanges(1));
    await writeSlice(disk, runSnapshotOf(5), evenRanges(3), 1);
    expect(await stateOn(disk)).toEqual(runSnapshotOf(4));
    await writeRun(disk, runSnapshotOf(6), evenRanges(1));
    expect(await stateOn(disk)).toEqual(runSnapshotOf(6));
  });

  it('falls back to another layout', async () => {
    const disk = await diskWith(2, 4);
    await writeRun(disk, runSnapshotOf(3), evenRanges(1));
    const path = `${ROOT}/shard-0001-of-0002/step-00000004`;
    await disk.remove(`${path}/SHA256SUMS`);
    const found = await readWholeRun(ROOT, { disk });
    expect(found?.checkpoint.version).toBe(3);
    const reason = 'SHA256SUMS: expected a file, got none';
    expect(found?.damaged).toEqual([{ path, reason }]);
  });

  it('takes the newest whole attempt of each shard', async () => {
    const disk = await diskWith(2, 1, 2);
    const rename = disk.rename.bind(disk);
    disk.rename = (from, to) =>
      to.endsWith('.tmp')
        ? Promise.reject(new Error('killed'))
        : rename(from, to);
    const grown = { ...runSnapshotOf(2), ledger: 'grown' };
    const written = writeSlice(disk, grown, evenRanges(2), 0);
    await expect(written).rejects.toThrow('older ones not removed: killed');
    expect(await stateOn(disk)).toEqual(grown);
    const path = `${ROOT}/shard-0000-of-0002/step-00000002-1`;
    await disk.remove(`${path}/SHA256SUMS`);
    expect(await stateOn(disk)).toEqual(runSnapshotOf(2));
  });

  it('does not put together what is not of one run', async () => {
    const other: readonly Partial<Snapshot>[] = [
      { runId: 'run-b' },
      { configFingerprint: 'beef' },
      { seed: 8 },
      { stepInEpoch: 9 },
      { optimizer: { name: 'sgd', slots: {} } },
      { optimizer: { name: 'adam', slots: {} } },
    ];
    for (const change of other) {
      const disk = await diskWith(2, 1);
      const ranges = evenRanges(2);
      await writeSlice(disk, runSnapshotOf(2), ranges, 0);
      await writeSlice(disk, { ...runSnapshotOf(2), ...change }, ranges, 1);
      expect((await stateOn(disk))?.version).toBe(1);
    }
  });

  it('does not put together what overlaps or has a gap', async () => {
    const middle = { begin: 3, end: 7 };
    for (const first of [2, 4]) {
      const disk = await diskWith(2, 1);
      const ranges = [{ begin: 0, end: first }, middle];
      await writeRun(disk, runSnapshotOf(2), ranges);
      expect((await stateOn(disk))?.version).toBe(1);
    }
  });

  it('fails, naming what each version lacks, where none is whole', async () => {
    const disk = await diskWith(1, 1);
    await disk.remove(`${ROOT}/step-00000001/manifest.json`);
    await writeSlice(disk, runSnapshotOf(2), evenRanges(3), 1);
    const ranges = [
      { begin: 0, end: 4 },
      { begin: 3, end: 7 },
    ];
    await writeRun(disk, runSnapshotOf(3), ranges);
    await expect(readWholeRun(ROOT, { disk })).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_CORRUPT',
      message:
        `no whole checkpoint in ${ROOT}: ` +
        'version 3 of 2 servers: expected slices of one run that cover 0 to 7 once, got 0 to 4, 3 to 7; ' +
        'version 2 of 3 servers: shard 0: expected a checkpoint, got none, shard 2: expected a checkpoint, got none; ' +
        `version 1 of 1 server: ${ROOT}/step-00000001: manifest.json: expected a file, got none; ` +
        'start a new run without --resume',
    });
  });

  it('fails where a slice is of another configuration', async () => {
    const disk = await diskWith(2, 1);
    const expect_ = { configFingerprint: 'beef', runId: 'run-a' };
    await expect(
      readWholeRun(ROOT, { disk, expect: expect_ }),
    ).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_MISMATCH',
      message: `checkpoint ${ROOT}/shard-0000-of-0002/step-00000001 belongs to another configuration: configFingerprint: expected beef, got f00d; resume with the settings of its run`,
    });
  });
});
