/**
 * Which slice of which run a server keeps, and the brain that decides for it,
 * out of its settings.
 */
import { ServerMachine } from '@muster/cluster';
import { shardRanges } from '@muster/protocol';
import type { ServerConfig } from './config.js';
import { readRunDefinition } from './run-folder.js';
import type { ShardFiles } from './run-state.js';

/** A server's slice and its brain, which has not begun. */
export interface ServerBrain {
  readonly files: ShardFiles;
  readonly machine: ServerMachine;
}

/**
 * Reads the run and makes the brain.
 * @throws MusterError `ERR_RUN_NOT_FOUND`.
 */
export async function createBrain(config: ServerConfig): Promise<ServerBrain> {
  const { PS_RUN: folder, PS_SHARD: shard, PS_SHARDS: numShards } = config;
  const run = await readRunDefinition(folder);
  const ranges = shardRanges(run.model.numParameters, numShards);
  const range = ranges[shard] ?? { begin: 0, end: 0 };
  const machine = new ServerMachine(run, {
    ...{ shard, ranges, role: config.PS_ROLE },
    term: Date.now(),
    leaseMs: config.PS_LEASE_MS,
    heartbeatMs: config.PS_HEARTBEAT_MS,
    checkpointEverySteps: config.PS_CHECKPOINT_EVERY,
    stragglerFactor: config.PS_STRAGGLER_FACTOR,
  });
  return { files: { folder, run, shard, numShards, ...range }, machine };
}
