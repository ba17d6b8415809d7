/**
 * What the benchmark tells: the simulator's table, how many images a worker
 * needs between two exchanges, and what more workers bring for one step size.
 */
import { bestOf, SERVERS, sweepRow, weakRows } from './sweep.js';
import type { SweepOptions, SweepRow } from './sweep.js';

/** Network speeds, each machine's and each way. Gb/s. */
export const GIGABITS = [1, 10, 25];
/**
 * Leaves of a task: 512 images a step, and 4,096, which is also what eight
 * local steps of 512 have between two exchanges.
 */
export const LEAVES_PER_WORKER = [4, 32];
const WORKERS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
/** What the requirement is about. */
const REQUIRED = { workers: 64, gigabits: 10 };
const NEEDED_LEAVES = [1, 4, 16, 32, 64, 128];
const STRONG_LEAVES = 64;
const STRONG_WORKERS = [1, 2, 4, 8, 16, 32, 64];

/** One line of the table. */
export interface TableRow extends SweepRow {
  /** Images that a worker computes from one exchange to the next. */
  readonly imagesPerWorker: number;
  /** With gradients of half the bytes (bf16), and as many servers. */
  readonly halfPushEfficiency: number;
}

/** All numbers of servers of one choice of images and network. */
export interface Grid {
  readonly gigabits: number;
  readonly imagesPerWorker: number;
  readonly rows: readonly SweepRow[];
}

/**
 * Each worker has the same work, however many there are. Gives two rows for
 * each network and number of workers, with one server and with the best
 * number of them, and all that was simulated.
 */
export function weak(options: SweepOptions): {
  readonly table: readonly TableRow[];
  readonly grids: readonly Grid[];
} {
  const table: TableRow[] = [];
  const grids: Grid[] = [];
  for (const leavesPerWorker of LEAVES_PER_WORKER) {
    const imagesPerWorker = leavesPerWorker * options.leafImages;
    for (const gigabits of GIGABITS) {
      const all = WORKERS.map((workers) =>
        weakRows(options, { gigabits, workers, leavesPerWorker }),
      );
      grids.push({ gigabits, imagesPerWorker, rows: all.flat() });
      for (const rows of all) {
        for (const row of new Set([...rows.slice(0, 1), bestOf(rows)])) {
          table.push({
            ...{ imagesPerWorker, ...row },
            halfPushEfficiency: halved(options, row, leavesPerWorker),
          });
        }
      }
    }
  }
  return { table, grids };
}

function halved(
  options: SweepOptions,
  { gigabits, workers, servers }: SweepRow,
  leavesPerWorker: number,
): number {
  const cluster = { gigabits, workers, servers, isHalfPush: true };
  const leavesPerStep = workers * leavesPerWorker;
  return sweepRow(options, { ...cluster, leavesPerStep }).efficiency;
}

/** The best number of servers at 64 workers and 10 Gb/s, by images a worker. */
export function needed(options: SweepOptions) {
  return NEEDED_LEAVES.map((leavesPerWorker) => {
    const rows = weakRows(options, { ...REQUIRED, leavesPerWorker });
    const { servers, efficiency, bottleneck } = bestOf(rows);
    const imagesPerWorker = leavesPerWorker * options.leafImages;
    return { imagesPerWorker, servers, efficiency, bottleneck };
  });
}

/** One step size, shared by more and more workers at 10 Gb/s. */
export function strong(options: SweepOptions) {
  const { gigabits } = REQUIRED;
  return STRONG_WORKERS.map((workers) => {
    const rows = SERVERS.map((servers) =>
      sweepRow(options, {
        ...{ gigabits, workers, servers },
        ...{ leavesPerStep: STRONG_LEAVES, isHalfPush: false },
      }),
    );
    const { servers, imagesPerSecond, efficiency, bottleneck } = bestOf(rows);
    return { workers, servers, imagesPerSecond, efficiency, bottleneck };
  });
}
