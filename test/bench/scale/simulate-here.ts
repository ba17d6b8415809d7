/**
 * A training of this machine in the simulator: all processes share its cores,
 * and messages go through its memory.
 */
import { PUSH_BYTES } from '../wire-words.js';
import type { Costs } from './costs.js';
import { NUM_CORES } from './process-times.js';
import type { TrainingShape } from './real-training.js';
import { simulate } from './simulate.js';
import type { SimulationResult } from './simulate.js';

/** A leaf for each worker: the shortest steps, where all else shows most. */
export const VALIDATION_SHAPE = { leafImages: 128, leavesPerWorker: 1 };

const STEPS = 60;

/** What this machine is like. */
export interface Machine {
  /** Speed of a core while the other one computes too, 0 to 1. */
  readonly pairSpeed: number;
  /** From one process to another. Milliseconds. */
  readonly latencyMs: number;
}

/**
 * Simulates it on what others leave of the cores.
 * @param numBusyElsewhere cores that others keep busy.
 */
export function simulateHere(
  shape: TrainingShape,
  costs: Costs,
  { pairSpeed, latencyMs }: Machine,
  numBusyElsewhere: number,
): SimulationResult {
  const { numWorkers, numServers, leavesPerWorker } = shape;
  const numCores = Math.max(1, NUM_CORES - numBusyElsewhere);
  return simulate({
    shape: {
      ...{ numWorkers, numServers, isHalfPush: false, numSteps: STEPS },
      leavesPerStep: numWorkers * leavesPerWorker,
      parameterBytes: PUSH_BYTES,
    },
    costs,
    network: { bytesPerMs: Infinity, latencyMs },
    // here the ends of a message hardly work at the same time: its exchange
    // takes as long as both have to work
    chunkBytes: Infinity,
    sharedCores: { numCores, pairSpeed, numBusyElsewhere },
    seed: 1,
  });
}
