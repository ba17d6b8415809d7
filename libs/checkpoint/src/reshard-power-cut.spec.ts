// A power cut, or a kill, between any two operations of resharding loses
// nothing, and doing it again finishes the job.
import { describe, expect, it } from 'vitest';
import { readWholeRun } from './read-whole-run.js';
import { reshard } from './reshard.js';
import type { KeyRange } from './snapshot.js';
import { MemoryDisk } from './testing.js';
import {
  evenRanges,
  LOSSES,
  ROOT,
  runSnapshotOf,
  stateOn,
  treeOf,
  treeWith,
  writeRun,
  writeSlice,
} from './testing-run.js';

const UNEVEN = [
  { begin: 0, end: 3 },
  { begin: 3, end: 4 },
  { begin: 4, end: 7 },
];

interface Case {
  readonly title: string;
  /** Version 4 is whole, whatever else there is. */
  readonly prepare: (disk: MemoryDisk) => Promise<void>;
  readonly ranges: readonly KeyRange[];
}

const cases: readonly Case[] = [
  {
    title: 'from 1 to 3',
    prepare: (disk) => writeRun(disk, runSnapshotOf(4), evenRanges(1)),
    ranges: evenRanges(3),
  },
  {
    title: 'from 3 to 1',
    prepare: (disk) => writeRun(disk, runSnapshotOf(4), evenRanges(3)),
    ranges: evenRanges(1),
  },
  {
    title: 'from 3 to other ranges',
    prepare: (disk) => writeRun(disk, runSnapshotOf(4), evenRanges(3)),
    ranges: UNEVEN,
  },
  {
    title: 'from 2 to 3, with newer ones and slices of another life in the way',
    async prepare(disk) {
      await writeRun(disk, runSnapshotOf(3), evenRanges(2));
      await writeRun(disk, runSnapshotOf(4), evenRanges(2));
      await writeSlice(disk, runSnapshotOf(6), evenRanges(2), 0);
      // With a first slice from this life they would be a whole version.
      await writeSlice(disk, runSnapshotOf(4, 7, 1), evenRanges(3), 1);
      await writeSlice(disk, runSnapshotOf(4, 7, 1), evenRanges(3), 2);
      await writeSlice(disk, runSnapshotOf(5, 7, 1), evenRanges(3), 2);
    },
    ranges: evenRanges(3),
  },
  {
    title: 'from 3 to 2, with one slice of another life in the way',
    async prepare(disk) {
      await writeRun(disk, runSnapshotOf(4), evenRanges(3));
      await writeSlice(disk, runSnapshotOf(4, 7, 1), evenRanges(2), 1);
    },
    ranges: evenRanges(2),
  },
  {
    title: 'of 2 as they are, with a newer one that is not whole',
    async prepare(disk) {
      await writeRun(disk, runSnapshotOf(4), evenRanges(2));
      await writeSlice(disk, runSnapshotOf(6), evenRanges(2), 1);
    },
    ranges: evenRanges(2),
  },
];

/** Finished checkpoints, whichever attempt it was. */
async function finishedOn(disk: MemoryDisk): Promise<string[]> {
  const finished = (await treeOf(disk)).filter((path) => !/\.tmp/.test(path));
  return finished.map((path) => path.replace(/-1$/, ''));
}

describe.each(cases)('resharding $title', ({ prepare, ranges }) => {
  const tree = treeWith(ranges.length, 4);

  async function prepared(): Promise<MemoryDisk> {
    const disk = new MemoryDisk();
    await prepare(disk);
    return disk;
  }

  /** Calls `check` with the disk after each number of operations. */
  async function atEachOperation(
    check: (disk: MemoryDisk) => Promise<void>,
  ): Promise<void> {
    const before = await prepared();
    const counted = before.afterPowerCut('nothing');
    expect(await reshard(ROOT, ranges, { disk: counted })).toBe(4);
    const total = counted.operations;
    expect(total).toBeGreaterThan(ranges.length);
    for (let operations = 0; operations < total; operations++) {
      const disk = before.afterPowerCut('nothing');
      disk.cutPowerAfter(operations);
      await expect(reshard(ROOT, ranges, { disk })).rejects.toMatchObject({
        code: 'ERR_CHECKPOINT_WRITE',
      });
      await check(disk);
    }
  }

  async function finish(disk: MemoryDisk): Promise<void> {
    expect(await reshard(ROOT, ranges, { disk })).toBe(4);
    expect(await stateOn(disk)).toEqual(runSnapshotOf(4));
    expect(await finishedOn(disk)).toEqual(tree);
    expect(await treeOf(disk)).toHaveLength(tree.length); // no leftovers
  }

  it.each(LOSSES)(
    'is finished by the next, when the power is cut anywhere and %s is lost',
    async (loss) => {
      await atEachOperation(async (disk) => {
        const survivor = disk.afterPowerCut(loss);
        expect((await readWholeRun(ROOT, { disk: survivor }))?.damaged).toEqual(
          [],
        );
        expect(await stateOn(survivor)).toEqual(runSnapshotOf(4));
        await finish(survivor);
      });
    },
  );

  it('may change its mind after a power cut', async () => {
    const other = evenRanges(5);
    let turn = 0;
    await atEachOperation(async (disk) => {
      const loss = LOSSES[(turn += 1) % LOSSES.length] ?? 'everything';
      const survivor = disk.afterPowerCut(loss);
      expect(await reshard(ROOT, other, { disk: survivor })).toBe(4);
      expect(await stateOn(survivor)).toEqual(runSnapshotOf(4));
      expect(await treeOf(survivor)).toEqual(treeWith(5, 4));
    });
  });

  it('is durable, also after an earlier one was killed anywhere', async () => {
    await atEachOperation(async (disk) => {
      disk.cutPowerAfter(Infinity); // the process died, the machine did not
      expect(await stateOn(disk)).toEqual(runSnapshotOf(4));
      await finish(disk);
      for (const loss of LOSSES) {
        const survivor = disk.afterPowerCut(loss);
        expect(await stateOn(survivor)).toEqual(runSnapshotOf(4));
        expect(await finishedOn(survivor)).toEqual(tree);
      }
    });
  });

  it('loses nothing to a kill and a power cut after it', async () => {
    let kills = 0;
    await atEachOperation(async (killed) => {
      killed.cutPowerAfter(Infinity);
      const counted = killed.copy();
      await reshard(ROOT, ranges, { disk: counted });
      // All pairs would be many: after the first kills, every 17th cut.
      kills += 1;
      const stride = kills <= 3 ? 1 : 17;
      for (let cut = kills % stride; cut < counted.operations; cut += stride) {
        const disk = killed.copy(); // with what the killed one has not synced
        disk.cutPowerAfter(cut);
        await expect(reshard(ROOT, ranges, { disk })).rejects.toThrow();
        const survivor = disk.afterPowerCut('everything');
        expect(await stateOn(survivor)).toEqual(runSnapshotOf(4));
        await finish(survivor);
      }
    });
  }, 60_000); // 7 s were seen on a busy machine
});
