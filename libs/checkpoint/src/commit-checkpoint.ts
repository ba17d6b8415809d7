/**
 * Puts one checkpoint into its place, whole or not at all. The order is the
 * guarantee:
 *
 *     step-N.tmp/ files written, each synced   contents are durable
 *     sync step-N.tmp/                         their names are durable
 *     rename to step-N/                        all at once, or not
 *     sync the parent                          now it is committed
 *
 * A power cut between any two leaves what was there before, or the new one as
 * well. Nothing finished is removed here.
 */
import { MusterError } from '@muster/protocol';
import { join } from 'node:path';
import {
  checkpointEntry,
  listCheckpoints,
  unfinishedPath,
  type CheckpointEntry,
} from './checkpoint-directory.js';
import type { Disk } from './disk.js';
import type { CheckpointFiles } from './encode-checkpoint.js';

/**
 * Commits a checkpoint's files. A version that is there already with the same
 * bytes stays as it is; with others it is written beside (`step-N-1`).
 *
 * @param directory - of one shard; made if missing.
 * @returns where it is, once it is durable.
 * @throws the disk's own error.
 */
export async function commitCheckpoint(
  directory: string,
  version: number,
  files: CheckpointFiles,
  disk: Disk,
): Promise<CheckpointEntry> {
  await disk.makeDirectory(directory);
  const all = await listCheckpoints(directory, disk);
  const present = all.find((entry) => entry.version === version);
  if (present !== undefined && (await holds(present, files, disk))) {
    // It may have been renamed, and not synced, before a crash.
    await disk.syncDirectory(directory);
    return present;
  }
  const next = present === undefined ? 0 : present.attempt + 1;
  const entry = checkpointEntry(directory, version, next);
  try {
    await writeAll(unfinishedPath(entry), files, disk);
  } catch (cause) {
    // Give the space back; should that fail too, the next sweep does it.
    await disk.remove(unfinishedPath(entry)).catch(() => undefined);
    throw cause;
  }
  await disk.rename(unfinishedPath(entry), entry.path);
  await disk.syncDirectory(directory);
  return entry;
}

async function writeAll(
  path: string,
  files: CheckpointFiles,
  disk: Disk,
): Promise<void> {
  await disk.remove(path);
  await disk.makeDirectory(path);
  for (const [file, bytes] of files) {
    await disk.writeFile(join(path, file), bytes);
  }
  await disk.syncDirectory(path);
}

/** Whether the checkpoint is these files, byte for byte. */
async function holds(
  { path }: CheckpointEntry,
  files: CheckpointFiles,
  disk: Disk,
): Promise<boolean> {
  try {
    for (const [file, bytes] of files) {
      const present = await disk.readFile(join(path, file));
      if (!Buffer.from(present).equals(bytes)) return false;
    }
    return true;
  } catch {
    return false; // missing or unreadable: then it is written beside
  }
}

/**
 * Does work that writes, and says of a failure what was not done.
 *
 * @throws MusterError ERR_CHECKPOINT_WRITE with the cause.
 */
export async function attempt<T>(
  failure: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MusterError(
      'ERR_CHECKPOINT_WRITE',
      `${failure}: ${reason}; check the space and rights there, or choose another folder with --out`,
      { cause },
    );
  }
}
