/**
 * The simulator against real trainings: one server and 1 to 4 workers on the
 * cores of this machine. Nothing is fitted to them.
 */
import { mean } from '../statistics.js';
import { accountMsOf } from './brain.js';
import type { Costs } from './costs.js';
import { whenQuiet } from './quiet.js';
import { watchTraining } from './real-training.js';
import type { TrainingFigures } from './real-training.js';
import { simulateHere, VALIDATION_SHAPE } from './simulate-here.js';
import type { Machine } from './simulate-here.js';

const WORKERS = [1, 2, 3, 4];
const ROUNDS = 2;

/** One number of workers; means over the rounds. */
export interface ValidationRow {
  readonly workers: number;
  /** Images a second. */
  readonly real: number;
  readonly simulated: number;
  /** `simulated / real - 1`. */
  readonly error: number;
  /** Cores that other programs kept busy meanwhile. */
  readonly busyElsewhere: number;
}

/** A training and what the simulator makes of it, images a second. */
interface Pair {
  readonly real: TrainingFigures;
  readonly simulated: number;
}

/** Trains with 1 to 4 workers in turn, and simulates each training. */
export async function validate(
  costs: Omit<Costs, 'accountMs'>,
  machine: Machine,
): Promise<ValidationRow[]> {
  const pairs = WORKERS.map((): Pair[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, numWorkers] of WORKERS.entries()) {
      pairs[i]?.push(await pairOf(numWorkers, costs, machine));
    }
  }
  return WORKERS.map((workers, i) => rowOf(workers, pairs[i] ?? []));
}

async function pairOf(
  numWorkers: number,
  costs: Omit<Costs, 'accountMs'>,
  machine: Machine,
): Promise<Pair> {
  const shape = { ...VALIDATION_SHAPE, numWorkers, numServers: 1 };
  const { value: real } = await whenQuiet(() => watchTraining(shape));
  const whole = { ...costs, accountMs: accountMsOf(numWorkers) };
  const here = simulateHere(shape, whole, machine, real.numBusyElsewhere);
  const { leafImages, leavesPerWorker } = shape;
  const images = numWorkers * leafImages * leavesPerWorker;
  return { real, simulated: (1000 * images) / here.stepMs };
}

function rowOf(workers: number, pairs: readonly Pair[]): ValidationRow {
  const real = mean(pairs.map((pair) => pair.real.imagesPerSecond));
  const simulated = mean(pairs.map((pair) => pair.simulated));
  const busyElsewhere = mean(pairs.map((pair) => pair.real.numBusyElsewhere));
  const error = simulated / real - 1;
  return { workers, real, simulated, error, busyElsewhere };
}
