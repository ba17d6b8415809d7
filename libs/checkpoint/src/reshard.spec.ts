// Laws over K servers -> K' servers. Power cuts have a spec of their own.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wholeVersions } from './checkpoint-versions.js';
import { nodeDisk } from './node-disk.js';
import { readWholeRun } from './read-whole-run.js';
import { reshard } from './reshard.js';
import { shardDirectory } from './shard-layout.js';
import { MemoryDisk } from './testing.js';
import {
  evenRanges,
  ROOT,
  runSnapshotOf,
  stateOn,
  treeOf,
  treeWith,
  writeRun,
  writeSlice,
} from './testing-run.js';
import { writeCheckpoint } from './write-checkpoint.js';

const NUM_SHARDS = [1, 2, 3, 5];
const PAIRS = NUM_SHARDS.flatMap((from) => NUM_SHARDS.map((to) => [from, to]));

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

describe.each(PAIRS)('from %i to %i servers', (from = 0, to = 0) => {
  const ranges = evenRanges(to);

  it.each([0, 4])('all is there as before, at version %i', async (version) => {
    const disk = await diskWith(from, version);
    expect(await reshard(ROOT, ranges, { disk })).toBe(version);
    expect(await stateOn(disk)).toEqual(runSnapshotOf(version));
    expect(await treeOf(disk)).toEqual(treeWith(to, version));
  });

  it('each shard finds its range at that version', async () => {
    const disk = await diskWith(from, 3, 4);
    await reshard(ROOT, ranges, { disk });
    for (const [shard, range] of ranges.entries()) {
      const directory = shardDirectory(ROOT, shard, to);
      const options = { disk, expect: { ...range, numParameters: 7 } };
      const { versions, damaged } = await wholeVersions(directory, options);
      expect(versions).toEqual(from === to ? [4, 3] : [4]);
      expect(damaged).toEqual([]);
    }
  });

  it('and back is as if nothing had been', async () => {
    const disk = await diskWith(from, 4);
    await reshard(ROOT, ranges, { disk });
    expect(await reshard(ROOT, evenRanges(from), { disk })).toBe(4);
    expect(await treeOf(disk)).toEqual(treeWith(from, 4));
    expect(await stateOn(disk)).toEqual(runSnapshotOf(4));
  });

  it('twice changes nothing', async () => {
    const disk = await diskWith(from, 3, 4);
    await reshard(ROOT, ranges, { disk });
    const tree = await treeOf(disk);
    const before = disk.operations;
    expect(await reshard(ROOT, ranges, { disk })).toBe(4);
    expect(await treeOf(disk)).toEqual(tree);
    // Only syncs: of each shard's directory, and of the root.
    expect(disk.operations - before).toBe(to === 1 ? 1 : to + 1);
  });

  it('newer versions that are not whole are gone for good', async () => {
    const disk = await diskWith(from, 3, 4);
    const old = evenRanges(from);
    if (from > 1) await writeSlice(disk, runSnapshotOf(5), old, from - 1);
    if (to > 1) await writeSlice(disk, runSnapshotOf(6), ranges, 0);
    expect(await reshard(ROOT, ranges, { disk })).toBe(4);
    const survivor = disk.afterPowerCut('everything');
    const tree = await treeOf(survivor);
    expect(tree.filter((path) => /step-0000000[56]$/.test(path))).toEqual([]);
    expect(tree).toEqual(expect.arrayContaining(treeWith(to, 4)));
    // A second life that comes to them again is not completed by the first.
    await writeSlice(survivor, runSnapshotOf(5, 7, 1), ranges, 0);
    if (to > 1) expect(await stateOn(survivor)).toEqual(runSnapshotOf(4));
  });
});

describe('reshard', () => {
  const OTHER = [
    { begin: 0, end: 3 },
    { begin: 3, end: 4 },
    { begin: 4, end: 7 },
  ];

  it('moves to other ranges of as many servers', async () => {
    const disk = await diskWith(3, 3, 4);
    expect(await reshard(ROOT, OTHER, { disk })).toBe(4);
    expect(await stateOn(disk)).toEqual(runSnapshotOf(4));
    for (const [shard, range] of OTHER.entries()) {
      const directory = shardDirectory(ROOT, shard, 3);
      const found = await wholeVersions(directory, { disk, expect: range });
      expect(found).toEqual({ versions: [4], damaged: [] });
    }
  });

  it('keeps older versions that are whole in these ranges', async () => {
    const disk = new MemoryDisk();
    const ranges = evenRanges(2);
    for (const version of [1, 2, 4, 5]) {
      await writeRun(disk, runSnapshotOf(version), ranges, { keep: 9 });
    }
    await writeSlice(disk, runSnapshotOf(3), ranges, 0, { keep: 9 });
    await disk.remove(`${ROOT}/shard-0001-of-0002/step-00000004/manifest.json`);
    const two = disk.afterPowerCut('nothing');
    await reshard(ROOT, ranges, { disk: two });
    expect(await treeOf(two)).toEqual(treeWith(2, 2, 5));
    await reshard(ROOT, ranges, { disk, keep: 1 });
    expect(await treeOf(disk)).toEqual(treeWith(2, 5));
  });

  it('removes leftovers, and nothing of others', async () => {
    const disk = await diskWith(2, 4);
    await disk.makeDirectory(`${ROOT}/notes`);
    await disk.makeDirectory(`${ROOT}/step-00000009.tmp/junk`);
    await disk.makeDirectory(`${ROOT}/shard-0000-of-0005.tmp/step-00000009`);
    await disk.makeDirectory(`${ROOT}/shard-0002-of-0003/step-00000009.tmp`);
    await reshard(ROOT, evenRanges(3), { disk });
    expect(await treeOf(disk)).toEqual(['notes', ...treeWith(3, 4)]);
  });

  it('goes on from an older version where the newest is damaged', async () => {
    const disk = await diskWith(2, 3, 4);
    await disk.remove(`${ROOT}/shard-0001-of-0002/step-00000004/manifest.json`);
    expect(await reshard(ROOT, evenRanges(2), { disk })).toBe(3);
    expect(await treeOf(disk)).toEqual(treeWith(2, 3));
  });

  it('changes nothing on the word of a disk that fails to read', async () => {
    const disk = await diskWith(2, 3, 4);
    const before = disk.operations;
    const readFile = disk.readFile.bind(disk);
    const path = `${ROOT}/shard-0001-of-0002/step-00000004`;
    disk.readFile = (asked) =>
      asked.startsWith(path)
        ? Promise.reject(new Error('EMFILE: too many open files'))
        : readFile(asked);
    for (const ranges of [evenRanges(2), evenRanges(3)]) {
      await expect(reshard(ROOT, ranges, { disk })).rejects.toMatchObject({
        code: 'ERR_CHECKPOINT_WRITE',
        message: expect.stringContaining(
          `version 3 in ${ROOT} not resharded to ${ranges.length}: the newer ${path} cannot be read: EMFILE`,
        ) as string,
      });
    }
    expect(disk.operations).toBe(before);
  });

  it('leaves older ones of its own that the disk fails to read', async () => {
    const disk = await diskWith(2, 3, 4);
    const readFile = disk.readFile.bind(disk);
    disk.readFile = (asked) =>
      asked.includes('0001-of-0002/step-00000003')
        ? Promise.reject(new Error('EMFILE: too many open files'))
        : readFile(asked);
    expect(await reshard(ROOT, evenRanges(2), { disk })).toBe(4);
    const last = 'shard-0001-of-0002/step-00000003';
    expect(await treeOf(disk)).toEqual([...treeWith(2, 4), last].sort());
  });

  it('fails on a full disk, with the source intact', async () => {
    const disk = await diskWith(2, 4);
    disk.limitBytes(0);
    await expect(reshard(ROOT, evenRanges(3), { disk })).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_WRITE',
      cause: { code: 'ENOSPC' },
    });
    expect(await stateOn(disk)).toEqual(runSnapshotOf(4));
    disk.limitBytes(Infinity);
    expect(await reshard(ROOT, evenRanges(3), { disk })).toBe(4);
    expect(await treeOf(disk)).toEqual(treeWith(3, 4));
  });

  it('fails where there is nothing, or nothing that fits', async () => {
    const disk = new MemoryDisk();
    await expect(reshard(ROOT, evenRanges(2), { disk })).rejects.toMatchObject({
      code: 'ERR_RUN_NOT_FOUND',
    });
    await writeSlice(disk, runSnapshotOf(4), evenRanges(2), 0);
    await expect(reshard(ROOT, evenRanges(2), { disk })).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_CORRUPT',
    });
    await writeSlice(disk, runSnapshotOf(4), evenRanges(2), 1);
    await expect(
      reshard(ROOT, evenRanges(2), { disk, expect: { seed: 8 } }),
    ).rejects.toMatchObject({ code: 'ERR_CHECKPOINT_MISMATCH' });
  });

  it.each([
    ['none', []],
    [
      'a gap',
      [
        [0, 3],
        [4, 7],
      ],
    ],
    [
      'an overlap',
      [
        [0, 4],
        [3, 7],
      ],
    ],
    ['too few', [[0, 6]]],
    ['too many', [[0, 8]]],
    [
      'an empty one',
      [
        [0, 7],
        [7, 7],
      ],
    ],
  ])('refuses ranges with %s', async (_, pairs) => {
    const disk = await diskWith(2, 4);
    const before = disk.operations;
    const ranges = pairs.map(([begin = 0, end = 0]) => ({ begin, end }));
    const got = pairs.map(([begin, end]) => `${begin} to ${end}`).join(', ');
    await expect(reshard(ROOT, ranges, { disk })).rejects.toThrow(
      `key ranges: expected a cover of 0 to 7, none empty, got ${got}`,
    );
    expect(disk.operations).toBe(before);
  });

  it('works on the real disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reshard-'));
    try {
      const root = join(folder, 'checkpoints');
      const options = { disk: nodeDisk };
      await writeCheckpoint(root, runSnapshotOf(4), options);
      for (const numShards of [3, 2, 1]) {
        expect(await reshard(root, evenRanges(numShards))).toBe(4);
        const found = await readWholeRun(root);
        const { path } = found?.checkpoint ?? {};
        expect(found?.checkpoint).toEqual({ ...runSnapshotOf(4), path });
      }
      expect(await readdir(root)).toEqual(['step-00000004']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
