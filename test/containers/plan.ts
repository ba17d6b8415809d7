/**
 * The training that container tests run, on the small data set of
 * `test/cluster`. It has to last as long as a fault takes, on a slow line: a
 * container is killed, paused or cut off within tenths of a second.
 */
import { NUM_TRAIN, GLOBAL_BATCH } from '../cluster/workbench.js';

/** Passes over the training set. The length of every training here. */
export const EPOCHS = 10;
/** Passes of a training that a test ends before it is over. */
export const ENDLESS = 100_000;
/** Steps of a whole training. */
export const TOTAL_STEPS = (EPOCHS * NUM_TRAIN) / GLOBAL_BATCH;
/** When a fault comes: after this epoch. Early, so that much follows. */
export const FAULT_EPOCH = 2;
/** Leaves a step. */
export const MICRO_BATCHES = 4;
/** Decides the start, the order and the dropout. */
export const SEED = 7;

/** Flags that make this training, of `muster train` and `muster create`. */
export function planWords(epochs: number = EPOCHS): string[] {
  return [
    ...['--epochs', String(epochs), '--seed', String(SEED)],
    ...['--global-batch', String(GLOBAL_BATCH)],
    ...['--micro-batches', String(MICRO_BATCHES)],
  ];
}

/** A lease that ends while a test waits, and one that does not. */
export const LEASES = {
  short: { PS_LEASE_MS: '1000', PS_HEARTBEAT_MS: '200' },
  long: { PS_LEASE_MS: '60000', PS_HEARTBEAT_MS: '1000' },
} as const;
