/** What a reader expects of a checkpoint, and how one that fails is told. */
import { MusterError } from '@muster/protocol';
import type { CheckpointEntry } from './checkpoint-directory.js';
import type { Disk } from './disk.js';
import { readCheckpoint } from './read-checkpoint.js';
import type { Checkpoint } from './snapshot.js';

/** What a checkpoint must have in common with the run that goes on. */
export type CheckpointExpectation = Partial<
  Pick<
    Checkpoint,
    'runId' | 'configFingerprint' | 'seed' | 'numParameters' | 'begin' | 'end'
  >
>;

/** What the slices of a run must have in common with the run that goes on. */
export type RunExpectation = Omit<CheckpointExpectation, 'begin' | 'end'>;

/** A checkpoint that was passed over. */
export interface DamagedCheckpoint {
  /** Its directory. */
  readonly path: string;
  /** File, expected, got. */
  readonly reason: string;
}

/** A checkpoint that could not be read. */
export interface FailedRead extends DamagedCheckpoint {
  readonly version: number;
  /** Whether the disk failed: the checkpoint itself may be whole. */
  readonly isUnreadable: boolean;
}

/** Reads one checkpoint; a failure is a value. */
export async function tryRead(
  entry: CheckpointEntry,
  disk: Disk,
): Promise<Checkpoint | FailedRead> {
  try {
    return await readCheckpoint(entry, disk);
  } catch (error) {
    const { path, version } = entry;
    const reason = error instanceof Error ? error.message : String(error);
    return { path, version, reason, isUnreadable: !isDamage(error) };
  }
}

/** Tells apart what {@link tryRead} gives. */
export function isFailedRead(
  found: Checkpoint | FailedRead,
): found is FailedRead {
  return 'reason' in found;
}

/** The other half of {@link isFailedRead}. */
export function isCheckpoint(
  found: Checkpoint | FailedRead,
): found is Checkpoint {
  return !isFailedRead(found);
}

/** Whether the error says that a checkpoint is not what was written. */
export function isDamage(error: unknown): boolean {
  return (
    error instanceof MusterError && error.code === 'ERR_CHECKPOINT_CORRUPT'
  );
}

/**
 * Compares a checkpoint with what is expected; fields left out do not count.
 *
 * @throws MusterError ERR_CHECKPOINT_MISMATCH, naming the fields.
 */
export function checkExpectation(
  checkpoint: Checkpoint,
  expect: CheckpointExpectation,
): void {
  const fields = Object.keys(expect) as (keyof CheckpointExpectation)[];
  const differences = fields
    .filter((field) => expect[field] !== undefined)
    .filter((field) => expect[field] !== checkpoint[field])
    .map(
      (field) =>
        `${field}: expected ${String(expect[field])}, got ${checkpoint[field]}`,
    );
  if (differences.length === 0) return;
  throw new MusterError(
    'ERR_CHECKPOINT_MISMATCH',
    `checkpoint ${checkpoint.path} belongs to another configuration: ${differences.join('; ')}; resume with the settings of its run`,
  );
}
