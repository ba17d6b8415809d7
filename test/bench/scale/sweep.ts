/**
 * The simulator over whole ranges: a machine for each worker and each server,
 * at several network speeds.
 */
import { bytesPerMsOf } from './network-interface.js';
import type { Bottleneck } from './bottleneck.js';
import type { Costs } from './costs.js';
import { simulate } from './simulate.js';
import { mean } from '../statistics.js';
import { PUSH_BYTES } from '../wire-words.js';

/** Powers of two: 1 to 32, which is the most there may be. */
export const SERVERS = [1, 2, 4, 8, 16, 32];

/** Assumed, of a network in one hall: one way, the systems at both ends. */
const LATENCY_MS = 0.05;
/** As connections take turns. Bytes. */
const CHUNK_BYTES = 131_072;
/** Steps by the number of workers: more draws where there are few. */
const DRAWS = 128;
const FEWEST_STEPS = 2;
const MOST_STEPS = 16;

/** What stays the same over a sweep. */
export interface SweepOptions {
  readonly costs: Omit<Costs, 'accountMs'>;
  /** Milliseconds of the coordinator's brain for a word, by workers. */
  readonly accountMsAt: (numWorkers: number) => number;
  /** Images of one leaf, as the costs of a leaf were measured. */
  readonly leafImages: number;
}

/** One cluster. */
export interface Cluster {
  readonly gigabits: number;
  readonly workers: number;
  readonly servers: number;
  readonly leavesPerStep: number;
  readonly isHalfPush: boolean;
}

/** What came of one. */
export interface SweepRow {
  /** Of every machine's network, each way, in Gb/s. */
  readonly gigabits: number;
  readonly workers: number;
  readonly servers: number;
  readonly imagesPerSecond: number;
  /** Of what that many workers would compute if nothing else took time. */
  readonly efficiency: number;
  /** Sent by all machines together. */
  readonly bytesPerStep: number;
  readonly bottleneck: Bottleneck;
}

/** Simulates one cluster. */
export function sweepRow(options: SweepOptions, cluster: Cluster): SweepRow {
  const { costs, accountMsAt, leafImages } = options;
  const { gigabits, workers, servers, leavesPerStep, isHalfPush } = cluster;
  const steps = Math.round(DRAWS / workers);
  const { stepMs, bytesPerStep, bottleneck } = simulate({
    shape: {
      ...{ numWorkers: workers, numServers: servers, leavesPerStep },
      ...{ isHalfPush, parameterBytes: PUSH_BYTES },
      numSteps: Math.max(FEWEST_STEPS, Math.min(MOST_STEPS, steps)),
    },
    costs: { ...costs, accountMs: accountMsAt(workers) },
    network: { bytesPerMs: bytesPerMsOf(gigabits), latencyMs: LATENCY_MS },
    ...{ chunkBytes: CHUNK_BYTES, seed: 1 },
  });
  const imagesPerSecond = (1000 * leavesPerStep * leafImages) / stepMs;
  const alone = imagesAlone(options, leavesPerStep / workers);
  return {
    ...{ gigabits, workers, servers, bytesPerStep, bottleneck },
    imagesPerSecond: Math.round(imagesPerSecond),
    efficiency: imagesPerSecond / (workers * alone),
  };
}

/** Images a second of one worker that does nothing but compute. */
export function imagesAlone(
  { costs, leafImages }: SweepOptions,
  leavesPerTask: number,
): number {
  const nextMs = (leavesPerTask - 1) * mean(costs.nextLeafMs);
  const taskMs = mean(costs.firstLeafMs) + nextMs;
  return (1000 * leavesPerTask * leafImages) / taskMs;
}

/** The same number of leaves for each worker: one row a number of servers. */
export function weakRows(
  options: SweepOptions,
  cluster: Pick<Cluster, 'gigabits' | 'workers'> & {
    readonly leavesPerWorker: number;
    readonly isHalfPush?: boolean;
  },
): SweepRow[] {
  const { gigabits, workers, leavesPerWorker, isHalfPush = false } = cluster;
  const leavesPerStep = workers * leavesPerWorker;
  return SERVERS.map((servers) =>
    sweepRow(options, {
      ...{ gigabits, workers, servers, leavesPerStep, isHalfPush },
    }),
  );
}

/** The row of the fastest; of equal ones that with fewest servers. */
export function bestOf(rows: readonly SweepRow[]): SweepRow {
  return rows.reduce((best, row) =>
    row.imagesPerSecond > best.imagesPerSecond ? row : best,
  );
}
