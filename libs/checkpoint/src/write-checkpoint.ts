/**
 * Writes checkpoints whole or not at all. The order is the guarantee:
 *
 *     step-N.tmp/ files written, each synced   contents are durable
 *     sync step-N.tmp/                         their names are durable
 *     rename to step-N/                        all at once, or not
 *     sync the parent                          now it is committed
 *     older ones renamed to .tmp and removed   only after that
 *
 * A power cut between any two leaves the older ones, or the new one, whole.
 */
import { MusterError } from '@muster/protocol';
import { join } from 'node:path';
import {
  checkpointEntry,
  listCheckpoints,
  listUnfinished,
  unfinishedPath,
  type CheckpointEntry,
} from './checkpoint-directory.js';
import type { Disk } from './disk.js';
import {
  MANIFEST_FILE,
  manifestSchema,
  sha256Of,
  SHARD_FILE,
  sumsLine,
  SUMS_FILE,
} from './manifest.js';
import { nodeDisk } from './node-disk.js';
import { readCheckpoint } from './read-checkpoint.js';
import { encodeSafetensors } from './safetensors.js';
import { flawOf, slicesOf, type Snapshot } from './snapshot.js';

/** Bytes by file name. */
type Files = ReadonlyMap<string, Uint8Array>;

/**
 * Writes a checkpoint, then removes what is older than the newest `keep`
 * whole ones, and leftovers. Everything is copied before the first wait: the
 * caller may change the arrays as soon as the call returns. One call at a time
 * a directory.
 *
 * A version that is there already with the same bytes stays as it is; with
 * others it is written beside (`step-N-1`) before the first is removed.
 *
 * @param directory - the run's `checkpoints/`; made if missing.
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
  } = {},
): Promise<string> {
  const { disk = nodeDisk, keep = 2 } = options;
  const subject = `checkpoint of version ${snapshot.version} in ${directory}`;
  const files = await attempt(`${subject} not written`, () => encode(snapshot));
  const entry = await attempt(`${subject} not written`, () =>
    commit(directory, snapshot.version, files, disk),
  );
  await attempt(`${subject} written, but older ones not removed`, () =>
    sweep(directory, entry, keep, disk),
  );
  return entry.path;
}

async function attempt<T>(failure: string, work: () => Promise<T>): Promise<T> {
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

async function encode(snapshot: Snapshot): Promise<Files> {
  const flaw = flawOf(snapshot);
  if (flaw !== undefined) throw new RangeError(flaw);
  const shard = encodeShard(snapshot);
  const description = describe(snapshot);
  // From the first wait on, nothing of the snapshot is looked at.
  const sha256 = await sha256Of(shard);
  const file = { name: SHARD_FILE, bytes: shard.length, sha256 };
  const manifest = manifestSchema.parse({ ...description, files: [file] });
  const json = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  const sums =
    sumsLine(await sha256Of(json), MANIFEST_FILE) +
    sumsLine(sha256, SHARD_FILE);
  return new Map<string, Uint8Array>([
    [SHARD_FILE, shard],
    [MANIFEST_FILE, json],
    [SUMS_FILE, Buffer.from(sums)],
  ]);
}

function encodeShard(snapshot: Snapshot): Uint8Array {
  const { version, begin, end } = snapshot;
  const tensors = slicesOf(snapshot).map(([name, data]) => ({
    name,
    shape: [data.length],
    data,
  }));
  const metadata = {
    version: String(version),
    begin: String(begin),
    end: String(end),
  };
  return encodeSafetensors({ tensors, metadata });
}

/** The manifest but for `files`. */
function describe(snapshot: Snapshot): Record<string, unknown> {
  return {
    schema: 1,
    version: snapshot.version,
    epoch: snapshot.epoch,
    stepInEpoch: snapshot.stepInEpoch,
    runId: snapshot.runId,
    configFingerprint: snapshot.configFingerprint,
    seed: snapshot.seed,
    begin: snapshot.begin,
    end: snapshot.end,
    numParameters: snapshot.numParameters,
    optimizer: {
      name: snapshot.optimizer.name,
      slots: Object.keys(snapshot.optimizer.slots),
    },
    ledger: structuredClone(snapshot.ledger),
  };
}

async function commit(
  directory: string,
  version: number,
  files: Files,
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

async function writeAll(path: string, files: Files, disk: Disk): Promise<void> {
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
  files: Files,
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

/** Keeps `written` and the newest whole ones of other versions. */
async function sweep(
  directory: string,
  written: CheckpointEntry,
  keep: number,
  disk: Disk,
): Promise<void> {
  for (const path of await listUnfinished(directory, disk)) {
    await disk.remove(path);
  }
  let kept = 1;
  for (const entry of await listCheckpoints(directory, disk)) {
    if (entry.path === written.path) continue;
    const isCandidate = kept < keep && entry.version !== written.version;
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
    const isDamaged =
      error instanceof MusterError && error.code === 'ERR_CHECKPOINT_CORRUPT';
    if (isDamaged) return false;
    throw error; // unreadable just now is no reason to remove it
  }
}
