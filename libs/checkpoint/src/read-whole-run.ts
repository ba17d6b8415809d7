/**
 * A run's newest state, however many servers wrote it. A version is whole once
 * one layout is complete at it: every shard holds its slice whole, and the
 * slices cover the vector. Newer versions that one shard has and another has
 * not are passed over: they were never committed.
 */
import { MusterError } from '@muster/protocol';
import type { Disk } from './disk.js';
import {
  checkExpectation,
  type FailedRead,
  type RunExpectation,
} from './expectation.js';
import {
  coverOf,
  describeGap,
  readLayoutVersion,
  versionsOf,
  type Cover,
} from './layout-version.js';
import { nodeDisk } from './node-disk.js';
import type { NewestCheckpoint } from './read-newest-checkpoint.js';
import { listLayouts } from './shard-layout.js';
import { joinSlices } from './snapshot.js';

/** The newest whole version of a run, still in slices. */
export interface FoundRun {
  readonly slices: Cover;
  /** What was met and could not be read, of this version and newer ones. */
  readonly failed: readonly FailedRead[];
}

/**
 * Reads the newest version that is whole in one of the layouts below `root`,
 * put together. Of two complete layouts that with fewer servers is taken.
 *
 * @param root - the run's `checkpoints/`; it may be missing.
 * @returns one checkpoint of all parameters, which the caller owns; its ledger,
 *   epoch and path are those of the slice that begins at 0. `damaged` names
 *   what could not be read of this version and newer ones: say so in the log.
 *   Undefined if there is no checkpoint at all.
 * @throws MusterError ERR_CHECKPOINT_MISMATCH, naming the fields, if a whole
 *   slice of this version or a newer one is of another configuration.
 * @throws MusterError ERR_CHECKPOINT_CORRUPT, naming what each version lacks,
 *   if there are checkpoints and no version is whole.
 */
export async function readWholeRun(
  root: string,
  options: {
    /** Default: the real one. */
    readonly disk?: Disk;
    readonly expect?: RunExpectation;
  } = {},
): Promise<NewestCheckpoint | undefined> {
  const { disk = nodeDisk, expect = {} } = options;
  const found = await findWholeRun(root, disk, expect);
  if (found === undefined) return undefined;
  return {
    checkpoint: joinSlices(found.slices),
    damaged: found.failed.map(({ path, reason }) => ({ path, reason })),
  };
}

/** What {@link readWholeRun} reads, before it is put together. */
export async function findWholeRun(
  root: string,
  disk: Disk,
  expect: RunExpectation,
): Promise<FoundRun | undefined> {
  const layouts = await listLayouts(root, disk);
  const failed: FailedRead[] = [];
  const gaps: string[] = [];
  for (const version of versionsOf(layouts.flat())) {
    for (const layout of layouts) {
      if (!versionsOf(layout).includes(version)) continue;
      const found = await readLayoutVersion(layout, version, disk);
      for (const slice of found.whole.flat()) checkExpectation(slice, expect);
      failed.push(...found.failed.flat());
      const slices = coverOf(found.whole);
      if (slices !== undefined) return { slices, failed };
      gaps.push(describeGap(found));
    }
  }
  if (gaps.length === 0) return undefined;
  throw new MusterError(
    'ERR_CHECKPOINT_CORRUPT',
    `no whole checkpoint in ${root}: ${gaps.join('; ')}; start a new run without --resume`,
  );
}
