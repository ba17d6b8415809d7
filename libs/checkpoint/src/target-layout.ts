/** The steps of resharding that look at, or clear, the layout it makes. */
import { listUnfinished, removeForGood } from './checkpoint-directory.js';
import type { Disk } from './disk.js';
import { checkExpectation } from './expectation.js';
import {
  coverOf,
  readLayoutVersion,
  versionsOf,
  type Cover,
} from './layout-version.js';
import { listShardDirectories, readLayout } from './shard-layout.js';
import type { KeyRange } from './snapshot.js';

/** Where the slices go: shard i of `ranges.length` owns `ranges[i]`. */
export interface Target {
  readonly root: string;
  readonly ranges: readonly KeyRange[];
  readonly disk: Disk;
}

/** The paths of a version's slices, if the target holds it in these ranges. */
export async function heldOf(
  { root, ranges, disk }: Target,
  version: number,
): Promise<readonly string[] | undefined> {
  const layout = await readLayout(root, ranges.length, disk);
  const { whole } = await readLayoutVersion(layout, version, disk);
  return coverOf(within(ranges, whole))?.map(({ path }) => path);
}

/**
 * The paths of so many older versions that the target holds in these ranges,
 * and of those met on the way that the disk fails to read.
 */
export async function olderToKeep(
  { root, ranges, disk }: Target,
  [{ version, runId, configFingerprint, seed, numParameters }]: Cover,
  count: number,
): Promise<string[]> {
  const expect = { runId, configFingerprint, seed, numParameters };
  const layout = await readLayout(root, ranges.length, disk);
  const paths: string[] = [];
  let kept = 0;
  for (const older of versionsOf(layout)) {
    if (older >= version) continue;
    if (kept >= count) break;
    const { whole, failed } = await readLayoutVersion(layout, older, disk);
    for (const slice of whole.flat()) checkExpectation(slice, expect);
    const unreadable = failed.flat().filter((one) => one.isUnreadable);
    paths.push(...unreadable.map(({ path }) => path));
    const cover = coverOf(within(ranges, whole)) ?? [];
    paths.push(...cover.map(({ path }) => path));
    if (cover.length > 0) kept += 1;
  }
  return paths;
}

/**
 * Removes for good what the target holds of the source's version and of newer
 * ones, but for the source itself.
 */
export async function clearTheWay(
  { root, ranges, disk }: Target,
  source: Cover,
): Promise<void> {
  const [{ version }] = source;
  const kept = new Set(source.map(({ path }) => path));
  for (const shard of await readLayout(root, ranges.length, disk)) {
    const inTheWay = shard.entries
      .filter((entry) => entry.version >= version)
      .map(({ path }) => path)
      .filter((path) => !kept.has(path));
    await removeForGood(shard.directory, inTheWay, disk);
    // A process that died may have removed some, and not synced.
    const isThere = (await disk.list(shard.directory)).length > 0;
    if (isThere) await disk.syncDirectory(shard.directory);
  }
}

/** Syncs all names of the layout, also such as a dead process has not. */
export async function syncLayout({
  root,
  ranges,
  disk,
}: Target): Promise<void> {
  for (const { directory } of await readLayout(root, ranges.length, disk)) {
    await disk.syncDirectory(directory);
  }
  if (ranges.length > 1) await disk.syncDirectory(root);
}

/** Removes for good all of every layout but these paths, and leftovers. */
export async function removeAllBut(
  { root, ranges, disk }: Target,
  kept: ReadonlySet<string>,
): Promise<void> {
  const layout = await readLayout(root, ranges.length, disk);
  const single = ranges.length === 1 ? [] : await readLayout(root, 1, disk);
  for (const { directory, entries } of [...layout, ...single]) {
    const paths = entries.map(({ path }) => path);
    const superfluous = paths.filter((path) => !kept.has(path));
    await removeForGood(directory, superfluous, disk);
  }
  const directories = layout.map(({ directory }) => directory);
  const others = await listShardDirectories(root, disk);
  const superfluous = others.filter((path) => !directories.includes(path));
  await removeForGood(root, superfluous, disk);
  for (const directory of new Set([root, ...directories])) {
    for (const path of await listUnfinished(directory, disk)) {
      await disk.remove(path);
    }
  }
}

function within<R extends KeyRange>(
  ranges: readonly KeyRange[],
  whole: readonly (readonly R[])[],
): R[][] {
  return whole.map((slices, shard) =>
    slices.filter(
      ({ begin, end }) =>
        begin === ranges[shard]?.begin && end === ranges[shard].end,
    ),
  );
}
