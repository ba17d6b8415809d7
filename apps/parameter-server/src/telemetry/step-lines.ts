/** The lines of `metrics.jsonl`: one a step and one an epoch. */
import type { RunReport } from '@muster/cluster';
import type { MetricsLine } from './metrics-file.js';
import type { AppliedFigures } from './step-figures.js';

/**
 * The line of an applied step.
 * @param atMs when it was applied. Unix time in milliseconds, as below.
 */
export function stepLine(
  figures: AppliedFigures,
  workers: number,
  atMs: number,
): MetricsLine {
  const { version, epoch, loss, accuracy } = figures;
  const { learningRate, gradientNorm, imagesPerSecond } = figures;
  return {
    ...{ step: version, atMs, epoch, loss, accuracy },
    ...{ learningRate, gradientNorm },
    imagesPerSecond: Math.round(imagesPerSecond),
    workers,
  };
}

/** The line of an epoch's evaluation. */
export function epochLine(
  { result }: Extract<RunReport, { type: 'evaluated' }>,
  atMs: number,
): MetricsLine {
  const { version, epoch, trainMs } = result;
  const { trainLoss, trainAccuracy, testLoss, testAccuracy } = result;
  const place = { step: version, type: 'epoch', atMs, epoch };
  const train = { trainLoss, trainAccuracy };
  return { ...place, ...train, testLoss, testAccuracy, trainMs };
}
