/**
 * Writes checkpoints and removes what they make superfluous:
 *
 *     commit (see commit-checkpoint.ts)        the new one is durable
 *     older ones renamed to .tmp and removed   only after that
 *
 * A power cut between any two leaves the older ones, or the new one, whole.
 */
import {
  listCheckpoints,
  listUnfinished,
  unfinishedPath,
  type CheckpointEntry,
} from './checkpoint-directory.js';
import { attempt, commitCheckpoint } from './commit-checkpoint.js';
import type { Disk } from './disk.js';
import { encodeCheckpoint } from './encode-checkpoint.js';
import { isDamage } from './expectation.js';
import { nodeDisk } from './node-disk.js';
import { readCheckpoint } from './read-checkpoint.js';
import type { Snapshot } from './snapshot.js';

/** How many checkpoints stay. */
interface Retention {
  readonly keep: number;
  readonly keepFrom: number;
}

/**
 * Writes a checkpoint, then removes what is older than the newest `keep`
 * whole ones, and leftovers. Everything is copied before the first wait: the
 * caller may change the arrays as soon as the call returns. One call at a time
 * a directory.
 *
 * A version that is there already with the same bytes stays as it is; with
 * others it is written beside (`step-N-1`) before the first is removed.
 *
 * @param directory - the shard's, see `shardDirectory`; made if missing.
 * @returns the checkpoint's directory, once it is committed.
 * @throws MusterError ERR_CHECKPOINT_WRITE with the cause, the older ones
 *   intact: training can go on. Also for a snapshot that could not be read
 *   again (numbers that are not finite, slices of a wrong length).
 */
export async function writeCheckpoint(
  directory: string,
  snapshot: Snapshot,
  options: {
    /** Default: the real one. */
    readonly disk?: Disk;
    /** Whole checkpoints to keep, from 1; default 2. */
    readonly keep?: number;
    /**
     * Whole checkpoints of this version and newer ones stay as well. With
     * several shards: the newest version known to be whole on all of them,
     * which one that is ahead would remove. Default: none.
     */
    readonly keepFrom?: number;
  } = {},
): Promise<string> {
  const { disk = nodeDisk, keep = 2, keepFrom = Infinity } = options;
  const { version } = snapshot;
  const subject = `checkpoint of version ${version} in ${directory}`;
  const entry = await attempt(`${subject} not written`, async () => {
    const files = await encodeCheckpoint(snapshot);
    return commitCheckpoint(directory, version, files, disk);
  });
  await attempt(`${subject} written, but older ones not removed`, () =>
    sweep(directory, entry, { keep, keepFrom }, disk),
  );
  return entry.path;
}

/**
 * Keeps `written` and, of other versions, the newest whole ones and those from
 * `keepFrom` on. What `written` replaces goes: its version stays.
 */
async function sweep(
  directory: string,
  written: CheckpointEntry,
  { keep, keepFrom }: Retention,
  disk: Disk,
): Promise<void> {
  for (const path of await listUnfinished(directory, disk)) {
    await disk.remove(path);
  }
  let kept = 1;
  for (const entry of await listCheckpoints(directory, disk)) {
    if (entry.path === written.path) continue;
    const isWanted = kept < keep || entry.version >= keepFrom;
    const isCandidate = isWanted && entry.version !== written.version;
    if (isCandidate && (await isWhole(entry, disk))) {
      kept += 1;
      continue;
    }
    // Renamed first: half removed, it must not look like a damaged one.
    await disk.rename(entry.path, unfinishedPath(entry));
    await disk.remove(unfinishedPath(entry));
  }
}

async function isWhole(entry: CheckpointEntry, disk: Disk): Promise<boolean> {
  try {
    await readCheckpoint(entry, disk);
    return true;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error; // unreadable just now is no reason to remove it
  }
}
