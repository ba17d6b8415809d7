/** Where a run goes on from: the newest checkpoint that is whole. */
import { MusterError } from '@muster/protocol';
import { listCheckpoints } from './checkpoint-directory.js';
import type { Disk } from './disk.js';
import {
  checkExpectation,
  isFailedRead,
  tryRead,
  type CheckpointExpectation,
  type DamagedCheckpoint,
} from './expectation.js';
import { nodeDisk } from './node-disk.js';
import type { Checkpoint } from './snapshot.js';

/** The newest whole checkpoint, and the damaged ones that are newer. */
export interface NewestCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly damaged: readonly DamagedCheckpoint[];
}

/**
 * Reads the newest whole checkpoint of one directory. A damaged one is passed
 * over and named in the result: say so in the log.
 *
 * @param directory - the run's `checkpoints/`, or one shard's; may be missing.
 * @returns slices that the caller owns; undefined if there is no checkpoint.
 * @throws MusterError ERR_CHECKPOINT_MISMATCH, naming the fields, if the
 *   newest whole one is of another configuration than expected.
 * @throws MusterError ERR_CHECKPOINT_CORRUPT if there are checkpoints and
 *   every one is damaged: a run must not quietly begin again.
 */
export async function readNewestCheckpoint(
  directory: string,
  options: {
    /** Default: the real one. */
    readonly disk?: Disk;
    readonly expect?: CheckpointExpectation;
  } = {},
): Promise<NewestCheckpoint | undefined> {
  const { disk = nodeDisk, expect = {} } = options;
  const damaged: DamagedCheckpoint[] = [];
  for (const entry of await listCheckpoints(directory, disk)) {
    const found = await tryRead(entry, disk);
    if (!isFailedRead(found)) {
      checkExpectation(found, expect);
      return { checkpoint: found, damaged };
    }
    damaged.push({ path: entry.path, reason: found.reason });
  }
  if (damaged.length === 0) return undefined;
  throw new MusterError(
    'ERR_CHECKPOINT_CORRUPT',
    `no whole checkpoint in ${directory}: ${reasonsOf(damaged)}; start a new run without --resume`,
  );
}

function reasonsOf(damaged: readonly DamagedCheckpoint[]): string {
  return damaged.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
}
