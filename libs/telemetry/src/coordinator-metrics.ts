/**
 * What the coordinator counts and measures of the run as a whole, as one
 * object with an update method for each thing that happens. Registered where a
 * server leads: others would show zeros that say nothing.
 */
import type { Registry } from 'prom-client';
import { COORDINATOR_METRICS } from './catalogue.js';
import { WORKER_STATES } from './labels.js';
import type {
  DepartureReason,
  ExampleOutcome,
  PushOutcomeLabel,
  RecoveryKind,
  WorkerStateLabel,
} from './labels.js';
import {
  createCounter,
  createGauge,
  createHistogram,
  setIfKnown,
} from './metric-definition.js';

/** One applied step. */
export interface StepUpdate {
  /** From 1. */
  readonly epoch: number;
  /** Examples in the step. */
  readonly numImages: number;
  /** Mean over the examples. */
  readonly loss: number;
  /** 0 to 1. */
  readonly accuracyRatio: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  /** Since the step before; nothing at the first one of a process. */
  readonly durationMs: number | undefined;
}

/** The update methods of a coordinator. */
export interface CoordinatorMetrics {
  /** Counts one applied step and its examples. */
  stepApplied(update: StepUpdate): void;
  /** Counts examples that were pushed again, or are missing. */
  countExamples(outcome: Exclude<ExampleOutcome, 'applied'>, num: number): void;
  /** Sets the result over the whole test set. */
  setEvaluation(loss: number, accuracyRatio: number): void;
  /** Sets whether the run can be had again, bit for bit. */
  setReproducible(isReproducible: boolean): void;
  /** Sets how much of the time ended in applied steps, 0 to 1. */
  setGoodput(ratio: number | undefined): void;
  /** Sets how many seconds are left. */
  setEta(seconds: number | undefined): void;

  /** Counts one decided push. */
  countPush(outcome: PushOutcomeLabel): void;
  /** Adds the staleness of an applied contribution. */
  observeStaleness(steps: number): void;
  /** Counts leases that ended without a contribution. */
  countLeasesExpired(count: number): void;
  /** Counts one copy of a slow task. */
  countBackup(): void;
  /** Counts one copy that was faster. */
  countBackupWon(): void;
  /** Counts one task that a worker gave back. */
  countTaskFailure(): void;

  /** Sets how many workers there are in each state. */
  setWorkers(counts: Readonly<Record<WorkerStateLabel, number>>): void;
  /** Says once how many workers there should be. */
  setWorkersExpected(count: number): void;
  /** Sets the slowest worker's time against the median's. */
  setStragglerRatio(ratio: number | undefined): void;
  /** Counts one `joined`. */
  countJoin(): void;
  /** Counts one worker that went away. */
  countDeparture(reason: DepartureReason): void;
  /** Counts one way back after a loss, and what it took. */
  countRecovery(kind: RecoveryKind, seconds: number): void;
  /** Counts steps that have to be done again. */
  countStepsRedone(count: number): void;
}

/** Registers the coordinator's metrics and gives their update methods. */
export function createCoordinatorMetrics(
  registry: Registry,
): CoordinatorMetrics {
  return {
    ...stepMetrics(registry),
    ...outcomeMetrics(registry),
    ...taskMetrics(registry),
    ...membershipMetrics(registry),
    ...recoveryMetrics(registry),
  };
}

function stepMetrics(registry: Registry) {
  const of = COORDINATOR_METRICS;
  const epoch = createGauge(registry, of.epoch);
  const loss = createGauge(registry, of.loss);
  const accuracy = createGauge(registry, of.accuracy);
  const learningRate = createGauge(registry, of.learningRate);
  const gradientNorm = createGauge(registry, of.gradientNorm);
  const duration = createHistogram(registry, of.stepDuration);
  const examples = createCounter(registry, of.examples);
  return {
    stepApplied(update: StepUpdate) {
      epoch.set(update.epoch);
      loss.set(update.loss);
      accuracy.set(update.accuracyRatio);
      learningRate.set(update.learningRate);
      gradientNorm.set(update.gradientNorm);
      examples.inc({ outcome: 'applied' }, update.numImages);
      const { durationMs } = update;
      if (durationMs !== undefined) duration.observe(durationMs / 1000);
    },
    countExamples: (outcome: ExampleOutcome, num: number) =>
      examples.inc({ outcome }, num),
  };
}

function outcomeMetrics(registry: Registry) {
  const of = COORDINATOR_METRICS;
  const testLoss = createGauge(registry, of.testLoss);
  const testAccuracy = createGauge(registry, of.testAccuracy);
  const reproducible = createGauge(registry, of.reproducible);
  const goodput = createGauge(registry, of.goodput);
  const eta = createGauge(registry, of.eta);
  return {
    setEvaluation(loss: number, accuracyRatio: number) {
      testLoss.set(loss);
      testAccuracy.set(accuracyRatio);
    },
    setReproducible: (is: boolean) => reproducible.set(is ? 1 : 0),
    setGoodput: (ratio: number | undefined) => setIfKnown(goodput, ratio),
    setEta: (seconds: number | undefined) => setIfKnown(eta, seconds),
  };
}

function taskMetrics(registry: Registry) {
  const of = COORDINATOR_METRICS;
  const pushes = createCounter(registry, of.pushes);
  const staleness = createHistogram(registry, of.staleness);
  const expired = createCounter(registry, of.leasesExpired);
  const backups = createCounter(registry, of.backups);
  const won = createCounter(registry, of.backupsWon);
  const failures = createCounter(registry, of.taskFailures);
  return {
    countPush: (outcome: PushOutcomeLabel) => pushes.inc({ outcome }),
    observeStaleness: (steps: number) => staleness.observe(steps),
    countLeasesExpired: (count: number) => expired.inc(count),
    countBackup: () => backups.inc(),
    countBackupWon: () => won.inc(),
    countTaskFailure: () => failures.inc(),
  };
}

function membershipMetrics(registry: Registry) {
  const of = COORDINATOR_METRICS;
  const workers = createGauge(registry, of.workers);
  const expected = createGauge(registry, of.workersExpected);
  const straggler = createGauge(registry, of.stragglerRatio);
  const joins = createCounter(registry, of.joins);
  const departures = createCounter(registry, of.departures);
  return {
    setWorkers(counts: Readonly<Record<WorkerStateLabel, number>>) {
      for (const state of WORKER_STATES) workers.set({ state }, counts[state]);
    },
    setWorkersExpected: (count: number) => expected.set(count),
    setStragglerRatio: (ratio: number | undefined) =>
      setIfKnown(straggler, ratio),
    countJoin: () => joins.inc(),
    countDeparture: (reason: DepartureReason) => departures.inc({ reason }),
  };
}

function recoveryMetrics(registry: Registry) {
  const of = COORDINATOR_METRICS;
  const recoveries = createCounter(registry, of.recoveries);
  const duration = createHistogram(registry, of.recoveryDuration);
  const redone = createCounter(registry, of.stepsRedone);
  return {
    countRecovery(kind: RecoveryKind, seconds: number) {
      recoveries.inc({ kind });
      duration.observe({ kind }, seconds);
    },
    countStepsRedone: (count: number) => redone.inc(count),
  };
}
