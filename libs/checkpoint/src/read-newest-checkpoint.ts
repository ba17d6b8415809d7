/** Where a run goes on from: the newest checkpoint that is whole. */
import { MusterError } from '@muster/protocol';
import { listCheckpoints } from './checkpoint-directory.js';
import type { Disk } from './disk.js';
import { nodeDisk } from './node-disk.js';
import { readCheckpoint } from './read-checkpoint.js';
import type { Checkpoint } from './snapshot.js';

/** What a checkpoint must have in common with the run that goes on. */
export type CheckpointExpectation = Partial<
  Pick<
    Checkpoint,
    'runId' | 'configFingerprint' | 'seed' | 'numParameters' | 'begin' | 'end'
  >
>;

/** A checkpoint that was passed over. */
export interface DamagedCheckpoint {
  /** Its directory. */
  readonly path: string;
  /** File, expected, got. */
  readonly reason: string;
}

/** The newest whole checkpoint, and the damaged ones that are newer. */
export interface NewestCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly damaged: readonly DamagedCheckpoint[];
}

/**
 * Reads the newest whole checkpoint of a run. A damaged one is passed over
 * and named in the result: say so in the log.
 *
 * @param directory - the run's `checkpoints/`; it may be missing.
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
    const found = await readCheckpoint(entry, disk).catch(reasonOf);
    if (typeof found !== 'string') {
      checkExpectation(found, expect);
      return { checkpoint: found, damaged };
    }
    damaged.push({ path: entry.path, reason: found });
  }
  if (damaged.length === 0) return undefined;
  throw new MusterError(
    'ERR_CHECKPOINT_CORRUPT',
    `no whole checkpoint in ${directory}: ${damaged.map(({ path, reason }) => `${path}: ${reason}`).join('; ')}; start a new run without --resume`,
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function checkExpectation(
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
