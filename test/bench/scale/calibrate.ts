/**
 * What real processes use beyond the pieces that were measured by themselves:
 * metrics, logs, garbage, the event loop, and memory where the bytes of many
 * pushes do not fit caches. Only what processes use is taken from these runs,
 * not how fast they are. For the servers, their workers do not even compute.
 */
import { PUSH_BYTES } from '../wire-words.js';
import { accountMsOf } from './brain.js';
import { FREE } from './costs.js';
import type { Cost, Costs } from './costs.js';
import type { LeafPair } from './leaf-pair.js';
import type { TrainingShape } from './real-cluster.js';
import { simulateHere, VALIDATION_SHAPE } from './simulate-here.js';
import type { Machine } from './simulate-here.js';
import { whenSteady } from './steady.js';
import { watchTraining } from './watch-training.js';

/** What is left over. */
export type RestCosts = Pick<
  Costs,
  'restOfTask' | 'restOfPush' | 'restOfCrowdedPush'
>;

/** Costs as they were measured. */
export type PieceCosts = Omit<Costs, 'accountMs' | keyof RestCosts>;

/** Workers that only push. */
export const IDLE = { leafImages: 4, leavesPerWorker: 1, areIdle: true };

const NO_RESTS: RestCosts = {
  ...{ restOfTask: FREE, restOfPush: FREE, restOfCrowdedPush: FREE },
};

/** Milliseconds of a step. */
interface Rest {
  readonly server: number;
  readonly worker: number;
}

/** Trains with one worker, and lets idle ones push. */
export async function calibrate(
  pieces: PieceCosts,
  machine: Machine,
  pair: LeafPair,
): Promise<RestCosts> {
  const restOf = async (shape: TrainingShape): Promise<Rest> => {
    const watch = () => watchTraining(shape);
    const { value: real, slowness } = await whenSteady(pair, watch);
    const accountMs = accountMsOf(shape.numWorkers);
    const costs = { ...pieces, ...NO_RESTS, accountMs };
    const { busyMs } = simulateHere(shape, costs, machine, 0);
    return {
      server: real.serverMs / slowness - busyMs.server,
      worker: real.workerMs / slowness - busyMs.worker,
    };
  };
  const idle = async (numWorkers: number, numServers: number) =>
    (await restOf({ ...IDLE, numWorkers, numServers })).server;
  const one = { ...VALIDATION_SHAPE, numWorkers: 1, numServers: 1 };
  const task = (await restOf(one)).worker;
  return {
    restOfTask: { fixedMs: Math.max(0, task), msPerByte: 0 },
    ...restsOfServer({
      alone: await idle(1, 1),
      quarters: await idle(16, 4),
      whole: await idle(16, 1),
    }),
  };
}

/** What server 0 has left over in a step. Milliseconds. */
export interface ServerRests {
  /** Of one worker's push. */
  readonly alone: number;
  /** Of sixteen workers' pushes to four servers: few bytes at once. */
  readonly quarters: number;
  /** Of sixteen workers' pushes to one server, which do not fit caches. */
  readonly whole: number;
}

/**
 * Splits it, with `f` a push, `b` the bytes of a whole slice where there are
 * few at once, `c` where there are many; none of them is below 0:
 *
 * ```
 * alone    =    f +    b
 * quarters = 16 f +  4 b
 * whole    = 16 f + 16 c
 * ```
 */
export function restsOfServer({
  alone,
  quarters,
  whole,
}: ServerRests): Omit<RestCosts, 'restOfTask'> {
  const total = Math.max(0, alone);
  const fixedMs = Math.max(0, Math.min(total, (quarters - 4 * total) / 12));
  const few = total - fixedMs;
  const many = Math.max(few, whole / 16 - fixedMs);
  const costOfPush = (sliceMs: number): Cost => ({
    ...{ fixedMs, msPerByte: sliceMs / PUSH_BYTES },
  });
  return {
    restOfPush: costOfPush(few),
    restOfCrowdedPush: costOfPush(many),
  };
}
