/**
 * What the launcher hears of a run: its progress a few times a second, its
 * epochs, and in a sentence each what a person should know.
 */
import type { LedgerState, RunReport } from '@muster/cluster';
import type { RunDefinition, ServerReport } from '@muster/protocol';
import type { CheckpointOutcome } from '../checkpoint-queue.js';
import type { Snapshot } from '../run-state.js';
import type { AppliedFigures } from './step-figures.js';

/** The launcher hears of progress this often. */
const PROGRESS_MS = 200;

/** What is looked at besides reports. */
export interface LauncherWordsOptions {
  readonly run: RunDefinition;
  /** Versions that the whole run makes. */
  readonly totalSteps: number;
  readonly tell: (report: ServerReport) => void;
}

/** See the head of this file. */
export class LauncherWords {
  readonly #options: LauncherWordsOptions;
  #lastProgressMs = -Infinity;

  constructor(options: LauncherWordsOptions) {
    this.#options = options;
  }

  /** Tells what of a report is for people. */
  report(report: RunReport): void {
    switch (report.type) {
      case 'evaluated':
        return this.#evaluated(report);
      case 'worker-away':
        return this.#workerAway(report);
      case 'server-lost': {
        const { shard, message } = report;
        const why = `server ${shard} is away (${message})`;
        return this.#notice(`${why}; training waits for it`);
      }
      case 'not-reproducible':
        return this.#notice(
          `${report.workerId} computes with other numerics than the workers before it: the run goes on, but its bits cannot be had again (reproducible: false)`,
        );
      default:
        return;
    }
  }

  /** Tells how far training is, unless that was told a moment ago. */
  progress(
    figures: AppliedFigures,
    workers: number,
    { epochTotals, owed }: LedgerState,
    nowMs: number,
  ): void {
    const { run, totalSteps, tell } = this.#options;
    const { version: step, epoch, imagesPerSecond } = figures;
    if (nowMs - this.#lastProgressMs < PROGRESS_MS && step < totalSteps) return;
    this.#lastProgressMs = nowMs;
    // the step that ends an epoch has closed its totals already
    const totals = epochTotals.count > 0 ? epochTotals : owed?.totals;
    const { count = 1, lossSum = 0, correct = 0 } = totals ?? {};
    const means = { loss: lossSum / count, accuracy: correct / count };
    const place = { step, totalSteps, epoch, epochs: run.epochs };
    tell({ type: 'progress', ...place, ...means, imagesPerSecond, workers });
  }

  /** Tells that training goes on after a loss, and from where. */
  resumed(report: Extract<RunReport, { type: 'training-resumed' }>): void {
    const { version, from, seconds } = report;
    this.#options.tell({ type: 'resumed', version, from, seconds });
  }

  /** Tells that this server has taken its shard over, and where it is. */
  promoted(url: string): void {
    this.#options.tell({ type: 'promoted', url });
  }

  /** Tells of a checkpoint that could not be written. */
  checkpointDone(outcome: CheckpointOutcome<Snapshot>): void {
    if (outcome.outcome !== 'failed') return;
    const { version } = outcome.snapshot;
    const why = `no checkpoint at step ${version}: ${outcome.error.message}`;
    this.#notice(`${why}; training goes on`);
  }

  #evaluated({ result }: Extract<RunReport, { type: 'evaluated' }>): void {
    const { epoch, trainMs } = result;
    const { trainLoss, trainAccuracy, testLoss, testAccuracy } = result;
    const train = { trainLoss, trainAccuracy };
    const summary = { epoch, ...train, testLoss, testAccuracy, trainMs };
    this.#options.tell({ type: 'epoch', summary });
  }

  #workerAway(report: Extract<RunReport, { type: 'worker-away' }>): void {
    const { workerId, reason, releasedTasks, message } = report;
    if (reason === 'left') return;
    this.#notice(
      `${workerId} is away (${reason}: ${message}); ${releasedTasks} of its tasks go to others`,
    );
  }

  #notice(text: string): void {
    this.#options.tell({ type: 'notice', text });
  }
}
