/**
 * What a training came to, in the lines at its end.
 */
import {
  formatCount,
  formatDuration,
  formatLoss,
  formatNumberOf,
  formatPercent,
} from './figures.js';

/** The figures of a run that the end shows; those of `summary.json`. */
export interface SummaryFigures {
  readonly runId: string;
  readonly outcome: 'finished' | 'drained';
  /** 0 to 1; null before the first whole epoch. */
  readonly testAccuracy: number | null;
  readonly testLoss: number | null;
  readonly trainSeconds: number;
  readonly imagesPerSecond: number;
  /** Whole epochs. */
  readonly epochs: number;
  readonly steps: number;
  /** Started here; 0 where all were started by hand. */
  readonly workers: number;
  readonly servers: number;
  /** Processes that were started again. */
  readonly restarts: number;
  /** The mode: `sync`, `bounded`, ... */
  readonly consistency: string;
  /** Hex. */
  readonly parametersSha256: string;
  readonly reproducible: boolean;
}

/** Gives the block of lines, without a line break at the end. */
export function formatSummary(
  summary: SummaryFigures,
  directory: string,
): string {
  const rows = [
    ['test accuracy', accuracyText(summary)],
    ['time', timeText(summary)],
    ['throughput', throughputText(summary)],
    ['parameters', `sha256 ${summary.parametersSha256}`],
    ['reproducible', reproducibleText(summary, directory)],
    ['run', directory],
  ];
  if (summary.restarts > 0) {
    rows.push(['restarts', `${formatCount(summary.restarts)}, see its logs/`]);
  }
  if (summary.outcome === 'drained') {
    rows.push(['go on with', `npx muster train --resume ${directory}`]);
  }
  const lines = rows.map(([name = '', text = '']) => name.padEnd(15) + text);
  const head =
    summary.outcome === 'finished'
      ? 'training finished'
      : `training stopped at step ${formatCount(summary.steps)}`;
  return [head, ...lines.map((line) => `  ${line}`)].join('\n');
}

function accuracyText({ testAccuracy, testLoss }: SummaryFigures): string {
  if (testAccuracy === null) return 'not known before the end of an epoch';
  const loss = testLoss === null ? '' : ` (loss ${formatLoss(testLoss)})`;
  return formatPercent(testAccuracy) + loss;
}

function timeText({ trainSeconds, epochs, steps }: SummaryFigures): string {
  const work = `${formatNumberOf(epochs, 'epoch')}, ${formatNumberOf(steps, 'step')}`;
  return `${formatDuration(trainSeconds)} for ${work}`;
}

function throughputText(figures: SummaryFigures): string {
  const { imagesPerSecond, workers, servers } = figures;
  if (imagesPerSecond === 0) return 'no step was left to do';
  const by = [
    ...(workers === 0 ? [] : [formatNumberOf(workers, 'worker')]),
    ...(servers === 1 ? [] : [formatNumberOf(servers, 'server')]),
  ].join(' and ');
  return `${formatCount(imagesPerSecond)} images/s${by && ` with ${by}`}`;
}

function reproducibleText(
  { reproducible, consistency }: SummaryFigures,
  directory: string,
): string {
  if (consistency === 'bounded' || consistency === 'async') {
    return `in the order that was recorded: npx muster replay ${directory}`;
  }
  return reproducible
    ? 'yes: any number of workers gives these bits'
    : 'no: workers of different numerics took part, see the log';
}
