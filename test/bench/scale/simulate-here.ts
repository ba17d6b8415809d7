/**
 * A training of this machine in the simulator: all processes share its cores,
 * and messages go through its memory.
 */
import { PUSH_BYTES } from '../wire-words.js';
import type { Costs } from './costs.js';
import { NUM_CORES } from './process-times.js';
import type { TrainingShape } from './real-cluster.js';
import { simulate } from './simulate.js';
import type { SimulationResult } from './simulate.js';

/** A leaf for each worker: the shortest steps, where all else shows most. */
export const VALIDATION_SHAPE = {
  ...{ leafImages: 128, leavesPerWorker: 1, areIdle: false },
};

const STEPS = 60;
/**
 * Over a socket of this machine the ends of a message work at the same time
 * for half of it: 2.43 MB took 1.85 ms where they worked 1.13 and 1.20 ms, and
 * 1.39 where they worked 0.77 and 1.05. Bytes.
 */
const CHUNK_BYTES = Math.ceil(PUSH_BYTES / 2);

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
  const { numWorkers, numServers, leavesPerWorker, areIdle } = shape;
  const numCores = Math.max(1, NUM_CORES - numBusyElsewhere);
  return simulate({
    shape: {
      ...{ numWorkers, numServers, isHalfPush: false, numSteps: STEPS },
      leavesPerStep: numWorkers * leavesPerWorker,
      parameterBytes: PUSH_BYTES,
    },
    costs: areIdle ? { ...costs, firstLeafMs: [0], nextLeafMs: [0] } : costs,
    network: { bytesPerMs: Infinity, latencyMs },
    chunkBytes: CHUNK_BYTES,
    sharedCores: { numCores, pairSpeed, numBusyElsewhere },
    seed: 1,
  });
}
