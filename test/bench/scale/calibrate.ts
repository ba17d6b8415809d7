/**
 * What trainings leave over: the processor time of servers and of a worker
 * that the pieces which were measured by themselves do not explain. Metrics,
 * logs, garbage, the event loop. Only what processes use is taken from these
 * trainings, not how fast they are; but for the first, they are none of those
 * that the simulator is validated against.
 */
import { PUSH_BYTES } from '../wire-words.js';
import { accountMsOf } from './brain.js';
import { FREE } from './costs.js';
import type { Costs } from './costs.js';
import { whenQuiet } from './quiet.js';
import { watchTraining } from './real-training.js';
import type { TrainingFigures, TrainingShape } from './real-training.js';
import { simulateHere, VALIDATION_SHAPE } from './simulate-here.js';
import type { Machine } from './simulate-here.js';

/** Costs as they were measured. */
export type PieceCosts = Omit<Costs, 'accountMs' | keyof RestCosts>;

/** What is left over. */
export type RestCosts = Pick<Costs, 'restOfTask' | 'restOfPush' | 'restOfStep'>;

/** Workers that push more than they compute. */
const MANY = 4;
const PUSHERS = { leafImages: 32, leavesPerWorker: 1, numWorkers: MANY };

/** Milliseconds of a step. */
interface Rest {
  readonly server: number;
  readonly worker: number;
}

/** Trains with one worker, with four, and with four and as many servers. */
export async function calibrate(
  pieces: PieceCosts,
  machine: Machine,
): Promise<RestCosts> {
  const restOf = async (shape: TrainingShape): Promise<Rest> => {
    const { value } = await whenQuiet(() => watchTraining(shape));
    return leftOver(shape, value, pieces, machine);
  };
  const one = { ...VALIDATION_SHAPE, numWorkers: 1, numServers: 1 };
  const alone = await restOf(one);
  const many = await restOf({ ...PUSHERS, numServers: 1 });
  const parts = await restOf({ ...PUSHERS, numServers: MANY });
  return {
    restOfTask: { fixedMs: Math.max(0, alone.worker), msPerByte: 0 },
    ...restsOfServer(alone.server, many.server, parts.server),
  };
}

/**
 * Splits what a server has left over, with `s` a step, `f` a push and `b` a
 * whole slice:
 *
 * ```
 * alone = s +   f +   b
 * many  = s + 4 f + 4 b
 * parts = s + 4 f +   b     four slices of a quarter
 * ```
 *
 * @param alone milliseconds of a step; neither part is below 0.
 */
export function restsOfServer(
  alone: number,
  many: number,
  parts: number,
): Omit<RestCosts, 'restOfTask'> {
  const push = Math.max(0, (many - alone) / (MANY - 1));
  const whole = Math.max(0, Math.min(push, (many - parts) / (MANY - 1)));
  return {
    restOfStep: { fixedMs: Math.max(0, alone - push), msPerByte: 0 },
    restOfPush: { fixedMs: push - whole, msPerByte: whole / PUSH_BYTES },
  };
}

function leftOver(
  shape: TrainingShape,
  real: TrainingFigures,
  pieces: PieceCosts,
  machine: Machine,
): Rest {
  const rests = { restOfTask: FREE, restOfPush: FREE, restOfStep: FREE };
  const accountMs = accountMsOf(shape.numWorkers);
  const costs = { ...pieces, ...rests, accountMs };
  const { busyMs } = simulateHere(shape, costs, machine, 0);
  return {
    server: real.serverMs - busyMs.server,
    worker: real.workerMs - busyMs.worker,
  };
}
