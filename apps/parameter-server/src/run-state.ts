/**
 * A run's state on its way to the disk and back: restored once at the start,
 * copied at each checkpoint, written beside the training.
 */
import {
  nodeDisk,
  readNewestCheckpoint,
  writeCheckpoint,
} from '@muster/checkpoint';
import type { Checkpoint } from '@muster/checkpoint';
import { EMPTY_LEDGER } from '@muster/cluster';
import type {
  CheckpointReason,
  LedgerState,
  ParameterShard,
  ShardStart,
} from '@muster/cluster';
import { MusterError, runFingerprint } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';
import { checkpointsOf, readRunDefinition } from './run-folder.js';

/** What a server starts from. */
export interface RunState {
  readonly run: RunDefinition;
  readonly start: ShardStart;
  readonly ledger: LedgerState;
  /** What a person should know, such as a damaged checkpoint passed over. */
  readonly notices: readonly string[];
}

/** A copy of everything a checkpoint holds. */
export interface Snapshot {
  readonly reason: CheckpointReason;
  readonly version: number;
  readonly begin: number;
  readonly end: number;
  readonly parameters: Float32Array;
  readonly slots: Readonly<Record<string, Float32Array>>;
  readonly ledger: LedgerState;
}

/**
 * Reads the run's definition and its newest whole checkpoint.
 * @throws MusterError `ERR_RUN_NOT_FOUND`, `ERR_CHECKPOINT_MISMATCH`.
 */
export async function restore(folder: string): Promise<RunState> {
  const run = await readRunDefinition(folder);
  const found = await readNewestCheckpoint(checkpointsOf(folder), {
    disk: nodeDisk,
    expect: {
      configFingerprint: runFingerprint(run),
      numParameters: run.model.numParameters,
    },
  });
  if (found === undefined) {
    throw new MusterError(
      'ERR_RUN_NOT_FOUND',
      `${checkpointsOf(folder)} holds no whole checkpoint to start from`,
    );
  }
  const { checkpoint, damaged } = found;
  const notices = damaged.map(
    ({ path, reason }) =>
      `checkpoint ${path} is damaged (${reason}); took version ${checkpoint.version} before it`,
  );
  return {
    run,
    start: startOf(checkpoint),
    ledger: ledgerOf(checkpoint),
    notices,
  };
}

/** Copies what must not change while it is written. */
export function snapshotOf(
  shard: ParameterShard,
  ledger: LedgerState,
  reason: CheckpointReason,
): Snapshot {
  const { version, begin, end } = shard;
  const slots = Object.entries(shard.slots).map(([name, slot]) => {
    return [name, slot.slice()] as const;
  });
  return {
    ...{ reason, version, begin, end, ledger },
    parameters: shard.parameters.slice(),
    slots: Object.fromEntries(slots),
  };
}

/**
 * Writes a snapshot whole or not at all and gives its path.
 * @throws MusterError `ERR_CHECKPOINT_WRITE`.
 */
export async function writeSnapshot(
  folder: string,
  run: RunDefinition,
  snapshot: Snapshot,
): Promise<string> {
  const { version, begin, end, parameters, slots, ledger } = snapshot;
  const stepsPerEpoch = Math.ceil(run.dataset.numTrain / run.globalBatchSize);
  return writeCheckpoint(
    checkpointsOf(folder),
    {
      version,
      epoch: Math.floor(version / stepsPerEpoch),
      stepInEpoch: version % stepsPerEpoch,
      runId: run.runId,
      configFingerprint: runFingerprint(run),
      seed: run.seed,
      ...{ begin, end, parameters, ledger },
      numParameters: run.model.numParameters,
      optimizer: { name: run.optimizer.name, slots },
    },
    { disk: nodeDisk, keep: 2 },
  );
}

function startOf(checkpoint: Checkpoint): ShardStart {
  const { version, begin, end, parameters, optimizer } = checkpoint;
  return { version, begin, end, parameters, slots: optimizer.slots };
}

/** The ledger is ours: its checksum was checked with the manifest's. */
function ledgerOf(checkpoint: Checkpoint): LedgerState {
  const ledger = checkpoint.ledger as Partial<LedgerState> | null;
  return { ...EMPTY_LEDGER, ...ledger };
}
