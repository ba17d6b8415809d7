/**
 * For servers that must agree on a version: which ones a shard holds whole,
 * and the one that they agreed on.
 */
import { MusterError } from '@muster/protocol';
import { checkpointEntry, listCheckpoints } from './checkpoint-directory.js';
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

/** What one shard could go on from. */
export interface WholeVersions {
  /** Newest first, each once. */
  readonly versions: readonly number[];
  /** Passed over; another attempt at the same version may be whole. */
  readonly damaged: readonly DamagedCheckpoint[];
}

/** Options of both: how to read, and what to expect. */
interface ReadOptions {
  /** Default: the real one. */
  readonly disk?: Disk;
  readonly expect?: CheckpointExpectation;
}

/**
 * Finds the versions that a shard holds whole. They are durable once it
 * resolves: other shards may remove what is older than the newest of them.
 *
 * @param directory - the shard's, see `shardDirectory`; it may be missing.
 * @throws MusterError ERR_CHECKPOINT_MISMATCH, naming the fields, if one that
 *   is whole is of another configuration or key range than expected.
 */
export async function wholeVersions(
  directory: string,
  options: ReadOptions = {},
): Promise<WholeVersions> {
  const { disk = nodeDisk, expect = {} } = options;
  const versions = new Set<number>();
  const damaged: DamagedCheckpoint[] = [];
  const entries = await listCheckpoints(directory, disk);
  // The last may have been renamed, and not synced, by a process that died.
  if (entries.length > 0) await disk.syncDirectory(directory);
  for (const entry of entries) {
    const found = await tryRead(entry, disk);
    if (isFailedRead(found)) {
      damaged.push({ path: entry.path, reason: found.reason });
    } else {
      checkExpectation(found, expect);
      versions.add(entry.version);
    }
  }
  return { versions: [...versions], damaged };
}

/**
 * Reads a shard's checkpoint of exactly one version: of several attempts the
 * newest that is whole.
 *
 * @param directory - the shard's, see `shardDirectory`.
 * @returns slices that the caller owns.
 * @throws MusterError ERR_CHECKPOINT_CORRUPT, with the reasons, if none is
 *   whole.
 * @throws MusterError ERR_CHECKPOINT_MISMATCH, naming the fields, if it is of
 *   another configuration or key range than expected.
 */
export async function readCheckpointOf(
  directory: string,
  version: number,
  options: ReadOptions = {},
): Promise<Checkpoint> {
  const { disk = nodeDisk, expect = {} } = options;
  const reasons: string[] = [];
  for (const entry of await listCheckpoints(directory, disk)) {
    if (entry.version !== version) continue;
    const found = await tryRead(entry, disk);
    if (!isFailedRead(found)) {
      checkExpectation(found, expect);
      return found;
    }
    reasons.push(`${entry.path}: ${found.reason}`);
  }
  if (reasons.length === 0) {
    const { path } = checkpointEntry(directory, version, 0);
    reasons.push(`${path}: expected a directory, got none`);
  }
  throw new MusterError(
    'ERR_CHECKPOINT_CORRUPT',
    `no whole checkpoint of version ${version} in ${directory}: ${reasons.join('; ')}`,
  );
}
