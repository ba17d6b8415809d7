/**
 * What the coordinator's metrics show of the run as a whole. Time is an
 * argument, in monotone milliseconds.
 */
import type { LedgerState, RunReport, ServerMachine } from '@muster/cluster';
import type { CoordinatorMetrics } from '@muster/telemetry';
import { Eta } from './eta.js';
import { Goodput } from './goodput.js';
import { Recoveries } from './recoveries.js';
import type { AppliedFigures } from './step-figures.js';
import { stragglerRatio } from './straggling.js';

type ReportOf<T extends RunReport['type']> = Extract<RunReport, { type: T }>;

/** What is read off the coordinator. */
export interface RunWatched {
  readonly coordinator: Pick<
    NonNullable<ServerMachine['coordinator']>,
    'memberCounts' | 'paces' | 'trainMs' | 'phase'
  >;
  readonly ledger: LedgerState;
}

/** What a run meter shows, and of what. */
export interface RunMeterOptions {
  readonly metrics: CoordinatorMetrics;
  readonly watched: () => RunWatched | undefined;
  /** Version that ends the run. */
  readonly totalSteps: number;
  /** How many workers there should be; 0 where nobody said so. */
  readonly workersExpected: number;
}

/** See the head of this file. */
export class RunMeter {
  readonly #options: RunMeterOptions;
  readonly #metrics: CoordinatorMetrics;
  readonly #goodput = new Goodput();
  readonly #recoveries = new Recoveries();
  readonly #eta: Eta;
  #examplesLost: number | undefined;

  constructor(options: RunMeterOptions) {
    this.#options = options;
    this.#metrics = options.metrics;
    this.#eta = new Eta(options.totalSteps);
    this.#metrics.setWorkersExpected(options.workersExpected);
    this.#metrics.setReproducible(true);
  }

  /** Counts what the brain reports; steps are told by `stepApplied`. */
  report(report: RunReport, nowMs: number): void {
    switch (report.type) {
      case 'pushed':
        return this.#pushed(report);
      case 'evaluated': {
        const { testLoss, testAccuracy } = report.result;
        return this.#metrics.setEvaluation(testLoss, testAccuracy);
      }
      case 'worker-joined':
        return this.#metrics.countJoin();
      case 'worker-away':
        return this.#workerAway(report, nowMs);
      case 'task-failed':
        return this.#metrics.countTaskFailure();
      case 'backup-given':
        return this.#metrics.countBackup();
      case 'not-reproducible':
        return this.#metrics.setReproducible(false);
      case 'training-resumed':
        return this.#resumed(report, nowMs);
      default:
        return;
    }
  }

  /** Hears of an applied step. */
  stepApplied(figures: AppliedFigures, nowMs: number): void {
    const { version, epoch, count, loss, accuracy } = figures;
    const { learningRate, gradientNorm, durationMs } = figures;
    this.#metrics.stepApplied({
      ...{ epoch, numImages: count, loss, accuracyRatio: accuracy },
      ...{ learningRate, gradientNorm, durationMs },
    });
    this.#eta.applied(version, nowMs);
    const watched = this.#options.watched();
    if (watched) this.#goodput.applied(watched.coordinator.trainMs);
    for (const { kind, seconds } of this.#recoveries.applied(nowMs)) {
      this.#metrics.countRecovery(kind, seconds);
    }
  }

  /**
   * This process goes on where another one was lost: steps that it had told
   * of are done again.
   * @param lostAtMs when it applied the last of them, where the report of the
   *   resumption could not tell how long ago the other one was lost.
   */
  tookUp(numSteps: number, lostAtMs: number | undefined): void {
    this.#metrics.countStepsRedone(numSteps);
    if (lostAtMs !== undefined) this.#recoveries.lost('server', lostAtMs);
  }

  /** Brings up to date what nobody tells of. */
  refresh(nowMs: number): void {
    const watched = this.#options.watched();
    if (watched === undefined) return;
    const { coordinator, ledger } = watched;
    if (coordinator.phase === 'ended') this.#goodput.ended(nowMs);
    this.#metrics.setWorkers(coordinator.memberCounts);
    this.#metrics.setStragglerRatio(stragglerRatio(coordinator.paces));
    this.#metrics.setGoodput(this.#goodput.ratio(nowMs));
    this.#metrics.setEta(this.#eta.seconds(nowMs));
    this.#countLost(ledger);
  }

  #pushed(report: ReportOf<'pushed'>): void {
    const { outcome, count, staleness, isBackup } = report;
    this.#metrics.countPush(outcome);
    if (outcome === 'duplicate') {
      this.#metrics.countExamples('duplicate', count);
    }
    if (outcome !== 'accepted') return;
    if (staleness !== undefined) this.#metrics.observeStaleness(staleness);
    if (isBackup) this.#metrics.countBackupWon();
  }

  #workerAway(report: ReportOf<'worker-away'>, nowMs: number): void {
    const { reason, releasedTasks, silentMs } = report;
    this.#metrics.countDeparture(reason);
    this.#metrics.countLeasesExpired(releasedTasks);
    // who held nothing, or said goodbye, holds nobody up
    if (releasedTasks === 0 || reason === 'left') return;
    this.#recoveries.lost('worker', nowMs - silentMs);
  }

  #resumed(report: ReportOf<'training-resumed'>, nowMs: number): void {
    const { version, from, seconds } = report;
    const watched = this.#options.watched();
    if (watched === undefined) return;
    const { coordinator, ledger } = watched;
    this.#metrics.setReproducible(ledger.reproducible);
    this.#metrics.countStepsRedone(from - version);
    this.#eta.resumed(version, nowMs);
    this.#goodput.resumed(coordinator.trainMs, nowMs);
    this.#examplesLost = ledger.examplesLost;
    if (seconds > 0) this.#recoveries.lost('server', nowMs - seconds * 1000);
  }

  /** The account goes back with the parameters: what grows is counted. */
  #countLost({ examplesLost }: LedgerState): void {
    const more = examplesLost - (this.#examplesLost ?? examplesLost);
    this.#examplesLost = examplesLost;
    if (more > 0) this.#metrics.countExamples('lost', more);
  }
}
