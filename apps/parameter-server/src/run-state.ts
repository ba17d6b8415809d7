/**
 * A server's state on its way to the disk and back: restored when the
 * coordinator says which version, copied at each checkpoint, written beside
 * the training.
 */
import {
  dropNewer,
  nodeDisk,
  readCheckpointOf,
  shardDirectory,
  wholeVersions,
  writeCheckpoint,
} from '@muster/checkpoint';
import { EMPTY_LEDGER, Plan } from '@muster/cluster';
import type {
  CheckpointReason,
  LedgerState,
  ParameterShard,
  ServerEffect,
  ServerEvent,
} from '@muster/cluster';
import { MusterError, runFingerprint } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';
import { checkpointsOf } from './run-folder.js';

/** Which slice of which run this server keeps, and where. */
export interface ShardFiles {
  readonly folder: string;
  readonly run: RunDefinition;
  readonly shard: number;
  readonly numShards: number;
  readonly begin: number;
  readonly end: number;
}

/** A copy of everything a checkpoint holds. */
export interface Snapshot {
  readonly reason: CheckpointReason;
  readonly version: number;
  /** Whole checkpoints from this version on are kept. */
  readonly keepFrom: number;
  readonly parameters: Float32Array;
  readonly slots: Readonly<Record<string, Float32Array>>;
  readonly ledger: LedgerState;
}

/** Versions that are whole on the disk, and what a person should know. */
export interface FoundVersions {
  /** Newest first. */
  readonly versions: readonly number[];
  readonly notices: readonly string[];
}

/**
 * Looks which checkpoints are whole.
 * @throws MusterError `ERR_RUN_NOT_FOUND`, `ERR_CHECKPOINT_MISMATCH`.
 */
export async function findVersions(files: ShardFiles): Promise<FoundVersions> {
  const directory = directoryOf(files);
  const found = await wholeVersions(directory, {
    disk: nodeDisk,
    expect: expectationOf(files),
  });
  if (found.versions.length === 0 && found.damaged.length === 0) {
    throw new MusterError(
      'ERR_RUN_NOT_FOUND',
      `${directory} holds no whole checkpoint to start from`,
    );
  }
  const notices = found.damaged.map(
    ({ path, reason }) =>
      `checkpoint ${path} is damaged (${reason}) and passed over`,
  );
  return { versions: found.versions, notices };
}

/**
 * Goes back to the checkpoint of one version; newer ones of this server are
 * gone for good then, where they are to be. Says which there are if it cannot.
 */
export async function restoreVersion(
  files: ShardFiles,
  { version, removesNewer }: Extract<ServerEffect, { type: 'restore' }>,
): Promise<Extract<ServerEvent, { type: 'restored' | 'restore-failed' }>> {
  try {
    const { parameters, optimizer, ledger } = await readCheckpointOf(
      directoryOf(files),
      version,
      { disk: nodeDisk, expect: expectationOf(files) },
    );
    if (removesNewer) {
      await dropNewer(directoryOf(files), version, { disk: nodeDisk });
    }
    return {
      ...{ type: 'restored', version, parameters },
      slots: optimizer.slots,
      ledger: ledgerOf(ledger),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const checkpoints = await versionsNow(files);
    return { type: 'restore-failed', version, checkpoints, message };
  }
}

/** Copies what must not change while it is written. */
export function snapshotOf(
  shard: ParameterShard,
  ledger: LedgerState,
  { reason, keepFrom }: { reason: CheckpointReason; keepFrom: number },
): Snapshot {
  const slots = Object.entries(shard.slots).map(([name, slot]) => {
    return [name, slot.slice()] as const;
  });
  return {
    ...{ reason, keepFrom, ledger, version: shard.version },
    parameters: shard.parameters.slice(),
    slots: Object.fromEntries(slots),
  };
}

/**
 * Writes a snapshot whole or not at all and gives its path.
 * @throws MusterError `ERR_CHECKPOINT_WRITE`.
 */
export async function writeSnapshot(
  files: ShardFiles,
  snapshot: Snapshot,
): Promise<string> {
  const { run, begin, end } = files;
  const { version, parameters, slots, ledger, keepFrom } = snapshot;
  const plan = new Plan(run);
  return writeCheckpoint(
    directoryOf(files),
    {
      version,
      epoch: plan.epochOf(version),
      stepInEpoch: version % plan.versionsPerEpoch,
      runId: run.runId,
      configFingerprint: runFingerprint(run),
      seed: run.seed,
      ...{ begin, end, parameters, ledger },
      numParameters: run.model.numParameters,
      optimizer: { name: run.optimizer.name, slots },
    },
    { disk: nodeDisk, keep: 2, keepFrom },
  );
}

function directoryOf({ folder, shard, numShards }: ShardFiles): string {
  return shardDirectory(checkpointsOf(folder), shard, numShards);
}

function expectationOf({ run, begin, end }: ShardFiles) {
  return {
    configFingerprint: runFingerprint(run),
    numParameters: run.model.numParameters,
    ...{ begin, end },
  };
}

/** Versions that are whole at present, newest first; none where that fails. */
export async function versionsNow(
  files: ShardFiles,
): Promise<readonly number[]> {
  try {
    return (await findVersions(files)).versions;
  } catch {
    return []; // then the coordinator says that there is nothing in common
  }
}

/** The ledger is ours: its checksum was checked with the manifest's. */
function ledgerOf(ledger: unknown): LedgerState {
  return { ...EMPTY_LEDGER, ...(ledger as Partial<LedgerState> | null) };
}
