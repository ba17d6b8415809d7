/**
 * Accuracy by consistency mode: three epochs with four workers, mean over
 * three seeds, beside `sync`.
 */
import { runTraining } from './run-training.js';
import type { TrainingSummary } from './run-training.js';
import { mean } from './statistics.js';

/** What is compared: the command's own settings for each mode. */
const MODES: readonly (readonly [name: string, ...args: string[]])[] = [
  ['sync'],
  ['bounded, s = 4', '--consistency', 'bounded', '--staleness', '4'],
  ['async', '--consistency', 'async'],
  ['local, H = 8', '--consistency', 'local', '--local-steps', '8'],
];
const SEEDS = [1, 2, 3];

/** One row of the table. */
interface Row {
  readonly mode: string;
  /** Percent, by seed. */
  readonly accuracies: readonly number[];
  readonly mean: number;
  /** Percentage points below `sync`. */
  readonly behindSync: number;
  readonly examplesLost: number;
  /** Of all applied contributions. */
  readonly meanStaleness: number;
  readonly maxStaleness: number;
}

/** Runs all of it and gives the table. */
export async function benchModes(
  tell: (line: string) => void,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [mode, ...args] of MODES) {
    const summaries: TrainingSummary[] = [];
    for (const seed of SEEDS) {
      const cluster = ['--epochs', '3', '--workers', '4', '--seed', `${seed}`];
      const summary = await runTraining([...cluster, ...args]);
      tell(`${mode}, seed ${seed}: ${summary.testAccuracy}`);
      summaries.push(summary);
    }
    rows.push(rowOf(mode, summaries, rows[0]));
  }
  return rows;
}

function rowOf(
  mode: string,
  summaries: readonly TrainingSummary[],
  sync: Row | undefined,
): Row {
  const accuracies = summaries.map(({ testAccuracy }) => testAccuracy * 100);
  const all = summaries.map(({ staleness }) => staleness);
  const counts = all.flatMap((one) => [...one.entries()]);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const weighted = counts.reduce((sum, [at, count]) => sum + at * count, 0);
  return {
    mode,
    accuracies,
    mean: mean(accuracies),
    behindSync: sync === undefined ? 0 : sync.mean - mean(accuracies),
    examplesLost: summaries.reduce((sum, one) => sum + one.examplesLost, 0),
    meanStaleness: weighted / total,
    maxStaleness: Math.max(...all.map(({ length }) => length - 1)),
  };
}
