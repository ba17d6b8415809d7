/**
 * The simulator against real processes of this machine: how fast 1 to 4
 * workers train that share its cores, and what many workers that only push
 * cost a server. Nothing is fitted to the first; the second has been seen
 * with 1 and 16 workers before.
 */
import { mean } from '../statistics.js';
import { accountMsOf } from './brain.js';
import { IDLE } from './calibrate.js';
import type { Costs } from './costs.js';
import type { LeafPair } from './leaf-pair.js';
import { QUIET_CORES } from './quiet.js';
import type { TrainingShape } from './real-cluster.js';
import { simulateHere, VALIDATION_SHAPE } from './simulate-here.js';
import type { Machine } from './simulate-here.js';
import { whenSteady } from './steady.js';
import { watchTraining } from './watch-training.js';

const WORKERS = [1, 2, 3, 4];
const ROUNDS = 3;
const IDLE_WORKERS = [2, 8, 32, 64];

/** A figure of a training, and what the simulator makes of it. */
export interface Comparison {
  readonly workers: number;
  readonly real: number;
  readonly simulated: number;
  /** `simulated / real - 1`. */
  readonly error: number;
  /** Cores that other programs kept busy meanwhile. */
  readonly busyElsewhere: number;
}

/** Of speed. */
export interface SpeedComparison extends Comparison {
  /**
   * The error if each piece had cost as many times what was measured as all
   * processes together have used: what is wrong about time, not about costs.
   */
  readonly errorByUse: number;
}

/** What the simulator is fed with. */
export interface ValidationOptions {
  readonly costs: Omit<Costs, 'accountMs'>;
  readonly machine: Machine;
  /** The machine's speed at each training is taken from it. */
  readonly pair: LeafPair;
}

/** Images a second of 1 to 4 workers in turn; of those rounds undisturbed. */
export async function validateSpeed(
  options: ValidationOptions,
): Promise<SpeedComparison[]> {
  const seen = WORKERS.map((): SpeedComparison[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, numWorkers] of WORKERS.entries()) {
      seen[i]?.push(await compareSpeed(options, numWorkers));
    }
  }
  return WORKERS.map((workers, i) => meanOf(workers, seen[i] ?? []));
}

/** Milliseconds of the only server's core in a step. */
export async function validateServer(
  options: ValidationOptions,
): Promise<Comparison[]> {
  const rows: Comparison[] = [];
  for (const workers of IDLE_WORKERS) {
    const shape = { ...IDLE, numWorkers: workers, numServers: 1 };
    const { real, here, slowness } = await see(options, shape);
    const simulated = here.busyMs.server * slowness;
    rows.push({
      ...{ workers, real: real.serverMs, simulated },
      error: simulated / real.serverMs - 1,
      busyElsewhere: real.numBusyElsewhere,
    });
  }
  return rows;
}

async function compareSpeed(
  options: ValidationOptions,
  workers: number,
): Promise<SpeedComparison> {
  const shape = { ...VALIDATION_SHAPE, numWorkers: workers, numServers: 1 };
  const { real, here, slowness } = await see(options, shape);
  const { leafImages, leavesPerWorker } = shape;
  const images = workers * leafImages * leavesPerWorker;
  const at = (slow: number): number => (1000 * images) / (here.stepMs * slow);
  const used = real.serverMs + workers * real.workerMs;
  const expected = here.busyMs.server + workers * here.busyMs.worker;
  const { imagesPerSecond, numBusyElsewhere } = real;
  return {
    ...{ workers, real: imagesPerSecond, simulated: at(slowness) },
    error: at(slowness) / imagesPerSecond - 1,
    errorByUse: at(used / expected) / imagesPerSecond - 1,
    busyElsewhere: numBusyElsewhere,
  };
}

/** A training, and the same simulated. */
async function see(
  { costs, machine, pair }: ValidationOptions,
  shape: TrainingShape,
) {
  const watch = () => watchTraining(shape);
  const { value: real, slowness } = await whenSteady(pair, watch);
  const whole = { ...costs, accountMs: accountMsOf(shape.numWorkers) };
  const here = simulateHere(shape, whole, machine, real.numBusyElsewhere);
  return { real, here, slowness };
}

/** The mean of what nobody disturbed, or what was disturbed least. */
function meanOf(
  workers: number,
  all: readonly SpeedComparison[],
): SpeedComparison {
  const least = Math.min(...all.map(({ busyElsewhere }) => busyElsewhere));
  const most = Math.max(QUIET_CORES, least);
  const rows = all.filter(({ busyElsewhere }) => busyElsewhere <= most);
  const of = (name: keyof SpeedComparison): number =>
    mean(rows.map((row) => row[name]));
  const [real, simulated] = [of('real'), of('simulated')];
  return {
    ...{ workers, real, simulated, error: simulated / real - 1 },
    errorByUse: of('errorByUse'),
    busyElsewhere: of('busyElsewhere'),
  };
}
