/**
 * What `/metrics` shows of a run, brought up to date by what happens. Pure but
 * for the metrics: time is an argument.
 */
import type { RunReport, ServerEffect, ServerEvent } from '@muster/cluster';
import type { ServerMetrics } from '@muster/telemetry';
import type { CheckpointOutcome } from '../checkpoint-queue.js';
import type { Snapshot } from '../run-state.js';
import type { AppliedFigures } from './step-figures.js';

/** See the head of this file. */
export class RunMetrics {
  readonly #metrics: ServerMetrics;

  constructor(metrics: ServerMetrics) {
    this.#metrics = metrics;
  }

  /** Hears of a push and how long the brain took for it. Milliseconds. */
  handledPush(
    { packet }: Extract<ServerEvent, { type: 'packet' }>,
    effects: readonly ServerEffect[],
    tookMs: number,
  ): void {
    this.#metrics.countReceived(packet.payload?.byteLength ?? 0);
    const isLast = effects.some(
      (one) => one.type === 'report' && one.report.type === 'step-applied',
    );
    this.#metrics.observePhasesMs(isLast ? { apply: tookMs } : { sum: tookMs });
  }

  /** Counts what the brain reports. */
  report(report: RunReport): void {
    switch (report.type) {
      case 'pushed':
        this.#metrics.countPush(report.outcome);
        return this.#metrics.observePhasesMs(report.phases);
      case 'evaluated': {
        const { testLoss, testAccuracy } = report.result;
        return this.#metrics.setEvaluation(testLoss, testAccuracy);
      }
      case 'worker-joined':
        return this.#metrics.countJoin();
      case 'worker-away':
        this.#metrics.countDeparture(report.reason);
        return this.#metrics.countLeasesExpired(report.releasedTasks);
      case 'worker-refused':
        return this.#metrics.countRefusedConnection(report.code);
      case 'task-failed':
        return this.#metrics.countTaskFailure();
      case 'backup-given':
        return this.#metrics.countBackup();
      case 'not-reproducible':
        return this.#metrics.setReproducible(false);
      default:
        return;
    }
  }

  /** Hears of an applied step. */
  stepApplied(figures: AppliedFigures): void {
    const { version, epoch, count, loss, accuracy } = figures;
    const { learningRate, gradientNorm, durationMs } = figures;
    this.#metrics.stepApplied({
      ...{ version, epoch, numImages: count, loss, accuracyRatio: accuracy },
      ...{ learningRate, gradientNorm, durationMs },
    });
  }

  /** Hears from where training goes on. */
  resumed(version: number, isReproducible: boolean): void {
    this.#metrics.setStep(version);
    this.#metrics.setReproducible(isReproducible);
  }

  /** Hears what became of a checkpoint. */
  checkpointDone(
    outcome: CheckpointOutcome<Snapshot>,
    writtenAtMs: number,
  ): void {
    if (outcome.outcome === 'skipped') return;
    if (outcome.outcome === 'failed') {
      return this.#metrics.countCheckpointFailure();
    }
    const { snapshot, seconds } = outcome;
    const vectors = [snapshot.parameters, ...Object.values(snapshot.slots)];
    this.#metrics.checkpointWritten({
      durationMs: seconds * 1000,
      numBytes: vectors.reduce((sum, { byteLength }) => sum + byteLength, 0),
      writtenAtMs,
    });
  }
}
