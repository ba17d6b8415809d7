// Several shards write at once: whatever a power cut takes, the newest version
// that was committed on all of them is found.
import { describe, expect, it } from 'vitest';
import type { KeyRange } from './snapshot.js';
import { MemoryDisk } from './testing.js';
import {
  evenRanges,
  LOSSES,
  pause,
  runSnapshotOf,
  stateOn,
  writeRun,
  writeSlice,
  type Retention,
} from './testing-run.js';

/**
 * Every shard writes its versions in order, all shards at once, each so many
 * turns after the one before.
 *
 * @returns the number of operations, or 0 if the power was cut.
 */
async function writeAtOnce(
  disk: MemoryDisk,
  { versions, delay }: Case,
  ranges: readonly KeyRange[],
  retention: Retention,
): Promise<number> {
  const before = disk.operations;
  const results = await Promise.allSettled(
    versions.map(async (own, shard) => {
      await pause(shard * delay);
      for (const version of own) {
        const snapshot = runSnapshotOf(version);
        await writeSlice(disk, snapshot, ranges, shard, retention);
      }
    }),
  );
  const isDone = results.every(({ status }) => status === 'fulfilled');
  return isDone ? disk.operations - before : 0;
}

interface Case {
  readonly title: string;
  /** By shard. */
  readonly versions: readonly (readonly number[])[];
  readonly delay: number;
}

const cases: readonly Case[] = [
  { title: 'two shards in step', versions: [[3], [3]], delay: 0 },
  { title: 'three shards in step', versions: [[3], [3], [3]], delay: 0 },
  { title: 'two, one later', versions: [[3], [3]], delay: 50 },
  { title: 'three, each later', versions: [[3], [3], [3]], delay: 40 },
  { title: 'one of two ahead', versions: [[3, 4, 5], [5]], delay: 0 },
  { title: 'one of three behind', versions: [[3, 4], [], [4]], delay: 0 },
];

describe.each(cases)('$title, with 2 committed on all', (one) => {
  const { versions, delay } = one;
  const ranges = evenRanges(versions.length);

  async function prepared(): Promise<MemoryDisk> {
    const disk = new MemoryDisk();
    await writeRun(disk, runSnapshotOf(1), ranges);
    await writeRun(disk, runSnapshotOf(2), ranges);
    return disk;
  }

  async function newestAfterEachCut(
    retention: Retention,
  ): Promise<(number | undefined)[]> {
    const before = await prepared();
    const counted = before.copy();
    const total = await writeAtOnce(counted, one, ranges, retention);
    const newest: (number | undefined)[] = [];
    for (let operations = 0; operations <= total; operations++) {
      for (const loss of LOSSES) {
        const disk = before.copy();
        disk.cutPowerAfter(operations);
        await writeAtOnce(disk, one, ranges, retention);
        const survivor = disk.afterPowerCut(loss);
        const state = await stateOn(survivor).catch(() => undefined);
        if (state !== undefined) {
          expect(state).toEqual(runSnapshotOf(state.version));
        }
        newest.push(state?.version);
      }
    }
    return newest;
  }

  it('2 or newer is found after a cut anywhere', async () => {
    const newest = await newestAfterEachCut({ keep: 1, keepFrom: 2 });
    expect(newest.length).toBeGreaterThan(3 * 30);
    for (const version of newest) expect(version).toBeGreaterThanOrEqual(2);
    const everywhere = versions.every((own) => own.length > 0);
    if (everywhere) expect(Math.max(...newest.map(Number))).toBeGreaterThan(2);
  });

  const isInStep = delay === 0 && new Set(versions.map(String)).size === 1;
  // in step, all have the same versions at any cut: one is enough
  if (isInStep) return;
  it('nothing would be, if 2 were not kept', async () => {
    const newest = await newestAfterEachCut({ keep: 1 });
    expect(newest).toContain(undefined);
  });
});
