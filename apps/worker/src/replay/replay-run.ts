/**
 * Replays a run of the modes `bounded` and `async` from its recorded order,
 * on one worker, and compares the bits with its newest checkpoint's.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  nodeDisk,
  readNewestCheckpoint,
  readWholeRun,
} from '@muster/checkpoint';
import type { Checkpoint } from '@muster/checkpoint';
import { ParameterShard } from '@muster/cluster';
import {
  MusterError,
  runDefinitionSchema,
  shardRanges,
} from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';
import { loadFitting } from '../data/find-dataset.js';
import { Trainer } from '../trainer.js';
import { readOrders } from './order-files.js';
import type { OrderSegment } from './order-files.js';
import { SegmentReplay } from './replay-segment.js';
import type { ComputeLeaf } from './replay-segment.js';

/** What a replay came to. */
export interface ReplayResult {
  /** Contributions that were applied. */
  readonly version: number;
  /** SHA-256 of the replayed parameters. */
  readonly parametersSha256: string;
  /** SHA-256 of the run's own. */
  readonly expectedSha256: string;
}

interface WholeState {
  readonly parameters: Float32Array;
  readonly slots: Readonly<Record<string, Float32Array>>;
}

/**
 * Replays a run's folder.
 * @param data folder of IDX files; the MNIST package when undefined.
 * @throws MusterError `ERR_RUN_NOT_FOUND`, `ERR_CHECKPOINT_CORRUPT`, and what
 *   `loadFitting` and `Trainer.prepare` throw.
 */
export async function replayRun(
  folder: string,
  data: string | undefined,
): Promise<ReplayResult> {
  const definition = await readFile(join(folder, 'run.json'));
  const run = runDefinitionSchema.parse(JSON.parse(definition.toString()));
  const newest = await found(
    readWholeRun(join(folder, 'checkpoints'), { disk: nodeDisk }),
    'checkpoints',
  );
  const start = await found(
    readNewestCheckpoint(join(folder, 'start'), { disk: nodeDisk }),
    'start',
  );
  const trainer = await Trainer.prepare(definition, () => {
    return loadFitting(run, data);
  });
  try {
    const compute = leafOf(trainer);
    let state: WholeState = stateOf(start);
    for (const segment of await readOrders(folder, newest.version)) {
      state = await replaySegment(run, segment, state, compute);
    }
    return {
      version: newest.version,
      parametersSha256: sha256Of(state.parameters),
      expectedSha256: sha256Of(newest.parameters),
    };
  } finally {
    trainer.dispose();
  }
}

async function replaySegment(
  run: RunDefinition,
  segment: OrderSegment,
  state: WholeState,
  compute: ComputeLeaf,
): Promise<WholeState> {
  const ranges = shardRanges(run.model.numParameters, segment.servers.length);
  const shards = ranges.map(({ begin, end }) => {
    const slots = Object.entries(state.slots).map(([name, slot]) => {
      return [name, slot.slice(begin, end)] as const;
    });
    const parameters = state.parameters.slice(begin, end);
    const slice = { begin, end, parameters, slots: Object.fromEntries(slots) };
    return new ParameterShard(run, { ...slice, version: segment.from });
  });
  await new SegmentReplay(segment, shards, compute).run();
  const names = Object.keys(shards[0]?.slots ?? {});
  const slots = names.map((name) => [
    name,
    joined(shards.map((shard) => shard.slots[name] ?? new Float32Array(0))),
  ]);
  return {
    parameters: joined(shards.map(({ parameters }) => parameters)),
    slots: Object.fromEntries(slots) as WholeState['slots'],
  };
}

function leafOf(trainer: Trainer): ComputeLeaf {
  const { signal } = new AbortController();
  return async (step, leaf, parameters) => {
    const task = {
      ...({ kind: 'gradient', taskId: 0, step, firstLeaf: leaf } as const),
      ...{ numLeaves: 1, base: 0 },
    };
    const result = await trainer.gradient(task, parameters, signal);
    if (result === undefined) throw new MusterError('ERR_INTERNAL', 'aborted');
    return result;
  };
}

async function found(
  reading: Promise<{ readonly checkpoint: Checkpoint } | undefined>,
  name: string,
): Promise<Checkpoint> {
  const result = await reading;
  if (result !== undefined) return result.checkpoint;
  throw new MusterError(
    'ERR_RUN_NOT_FOUND',
    `the run's ${name}/ holds no checkpoint: only runs of --consistency bounded and async can be replayed`,
  );
}

function stateOf({ parameters, optimizer }: Checkpoint): WholeState {
  return { parameters, slots: optimizer.slots };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(
    parts.reduce((n, { length }) => n + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function sha256Of({ buffer, byteOffset, byteLength }: Float32Array): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}
