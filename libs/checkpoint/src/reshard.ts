/**
 * Makes a run's newest whole version V available to another number of servers.
 * No server may run meanwhile. The order is the guarantee:
 *
 *     1. clear the way   in the target layout, what is of V or newer and not
 *                        part of the source: no slice of another attempt may
 *                        complete a version together with one written now
 *     2. write           one slice of V for every shard, each committed
 *     3. sync            root and the shards' directories: V is durable here
 *     4. remove          everything but V, and the `keep - 1` next older whole
 *                        versions that the target layout holds in these ranges
 *
 * Up to 3 the source is untouched; from then on the target is complete, and
 * all that is removed is older, incomplete, or a copy. So a power cut at any
 * point leaves V whole in one layout at least, and calling it again finishes.
 *
 * The rule for versions newer than V: none of them is whole (it was never
 * committed, or is damaged since), and the run goes on from V. It will come to
 * those versions again, with other bits where workers' arithmetic differs. A
 * slice left from the first time would pass for the second time's and complete
 * it; therefore all of them are removed, in every layout, and for good before
 * this resolves. Only one that the disk fails to read might yet be whole: then
 * nothing is changed, and it is an error.
 */
import { MusterError } from '@muster/protocol';
import { attempt, commitCheckpoint } from './commit-checkpoint.js';
import type { Disk } from './disk.js';
import { encodeCheckpoint } from './encode-checkpoint.js';
import type { RunExpectation } from './expectation.js';
import type { Cover } from './layout-version.js';
import { nodeDisk } from './node-disk.js';
import { findWholeRun, type FoundRun } from './read-whole-run.js';
import { shardDirectory } from './shard-layout.js';
import { joinSlices, sliceSnapshot, type KeyRange } from './snapshot.js';
import {
  clearTheWay,
  heldOf,
  olderToKeep,
  removeAllBut,
  syncLayout,
  type Target,
} from './target-layout.js';

/**
 * Makes the newest whole version available in the layout of `ranges.length`
 * servers, with exactly these ranges, and removes every other layout. Writes
 * nothing if it is there already; then it only syncs, and removes what is
 * left to remove. To be called before servers start, also if their number has
 * not changed: it takes away what was never committed.
 *
 * @param root - the run's `checkpoints/`.
 * @param ranges - by shard; together they cover the whole vector once.
 * @returns the version, durable in the target layout.
 * @throws MusterError ERR_RUN_NOT_FOUND if there is no checkpoint at all.
 * @throws MusterError ERR_CHECKPOINT_CORRUPT, ERR_CHECKPOINT_MISMATCH as
 *   `readWholeRun` does; nothing is changed.
 * @throws MusterError ERR_CHECKPOINT_WRITE with the cause if the disk fails,
 *   the newest whole version intact.
 * @throws RangeError if the ranges do not cover the vector.
 */
export async function reshard(
  root: string,
  ranges: readonly KeyRange[],
  options: {
    /** Default: the real one. */
    readonly disk?: Disk;
    readonly expect?: RunExpectation;
    /** Whole versions to keep in the target layout, from 1; default 2. */
    readonly keep?: number;
  } = {},
): Promise<number> {
  const { disk = nodeDisk, expect = {}, keep = 2 } = options;
  const found = await findWholeRun(root, disk, expect);
  if (found === undefined) {
    const message = `${root} holds no checkpoint to reshard`;
    throw new MusterError('ERR_RUN_NOT_FOUND', message);
  }
  const [{ version, numParameters }] = found.slices;
  checkRanges(ranges, numParameters);
  const subject = `version ${version} in ${root}`;
  const target = { root, ranges, disk };
  const older = await olderToKeep(target, found.slices, keep - 1);
  await attempt(`${subject} not resharded to ${ranges.length}`, async () => {
    refuseUnreadable(found);
    const held = await heldOf(target, version);
    const paths = held ?? (await rewrite(target, found.slices));
    await syncLayout(target);
    await removeAllBut(target, new Set([...paths, ...older]));
  });
  return version;
}

function checkRanges(ranges: readonly KeyRange[], numParameters: number): void {
  let position = 0;
  const isCover = [...ranges]
    .sort((one, other) => one.begin - other.begin)
    .every(({ begin, end }) => {
      const isNext = begin === position && end > begin;
      position = end;
      return isNext;
    });
  if (isCover && position === numParameters) return;
  const got = ranges.map(({ begin, end }) => `${begin} to ${end}`).join(', ');
  throw new RangeError(
    `key ranges: expected a cover of 0 to ${numParameters}, none empty, got ${got}`,
  );
}

/** A newer version that cannot be read now may be whole after all. */
function refuseUnreadable({ slices: [{ version }], failed }: FoundRun): void {
  const newer = failed.find((one) => one.isUnreadable && one.version > version);
  if (newer === undefined) return;
  throw new Error(
    `the newer ${newer.path} cannot be read: ${newer.reason}; try again, or move it elsewhere`,
  );
}

/** Steps 1 and 2; gives the paths of the new slices. */
async function rewrite(target: Target, source: Cover): Promise<string[]> {
  const { root, ranges, disk } = target;
  const whole = joinSlices(source);
  await clearTheWay(target, source);
  const written: string[] = [];
  for (const [shard, range] of ranges.entries()) {
    const directory = shardDirectory(root, shard, ranges.length);
    const files = await encodeCheckpoint(sliceSnapshot(whole, range));
    const { version } = whole;
    const { path } = await commitCheckpoint(directory, version, files, disk);
    written.push(path);
  }
  return written;
}
