/**
 * What a parameter server counts and measures, as one object with an update
 * method for each thing that happens.
 */
import type { Registry } from 'prom-client';
import { SERVER_METRICS } from './catalogue.js';
import { infoMetrics } from './info-metrics.js';
import type { BuildInfo, RunInfo } from './info-metrics.js';
import { PHASES, WORKER_STATES, refusalReasonOf } from './labels.js';
import type {
  DepartureReason,
  Phase,
  PushOutcomeLabel,
  WorkerStateLabel,
} from './labels.js';
import {
  createCounter,
  createGauge,
  createHistogram,
} from './metric-definition.js';

/** One applied step. */
export interface StepUpdate {
  /** Version that the step made. */
  readonly version: number;
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

/** One checkpoint that is whole on the disk. */
export interface CheckpointUpdate {
  readonly durationMs: number;
  readonly numBytes: number;
  /** Unix time. */
  readonly writtenAtMs: number;
}

/** The update methods of a parameter server. */
export interface ServerMetrics {
  /** Says once what program this is. */
  setBuild(build: BuildInfo): void;
  /** Says once which run it serves, and the global step at which that ends. */
  setRun(run: RunInfo & { readonly totalSteps: number }): void;
  /** Sets where training stands, as after a restore. */
  setStep(version: number): void;
  /** Counts one applied step. */
  stepApplied(update: StepUpdate): void;
  /** Adds what a push or the server itself spent, in milliseconds by phase. */
  observePhasesMs(phases: Readonly<Partial<Record<Phase, number>>>): void;
  /** Counts one decided push. */
  countPush(outcome: PushOutcomeLabel): void;
  /** Counts bytes of received frames. */
  countReceived(numBytes: number): void;
  /** Counts bytes of sent frames, once for each receiver. */
  countSent(numBytes: number): void;
  /** Counts bytes of data files sent to workers that did not have them. */
  countDataSent(numBytes: number): void;
  /** Sets how many workers there are in each state. */
  setWorkers(counts: Readonly<Record<WorkerStateLabel, number>>): void;
  /** Counts one `joined`. */
  countJoin(): void;
  /** Counts one worker that went away. */
  countDeparture(reason: DepartureReason): void;
  /** Counts leases that ended without a contribution. */
  countLeasesExpired(count: number): void;
  /** Counts one copy of a slow task. */
  countBackup(): void;
  /** Counts one task that a worker gave back. */
  countTaskFailure(): void;
  /** Counts one refused connection by its error code. */
  countRefusedConnection(code: string): void;
  /** Sets the result over the whole test set. */
  setEvaluation(loss: number, accuracyRatio: number): void;
  /** Counts one whole checkpoint. */
  checkpointWritten(update: CheckpointUpdate): void;
  /** Counts one checkpoint that failed. */
  countCheckpointFailure(): void;
  /** Sets whether the run can be had again, bit for bit. */
  setReproducible(isReproducible: boolean): void;
}

/** Registers the server's metrics and gives their update methods. */
export function createServerMetrics(registry: Registry): ServerMetrics {
  return {
    ...runMetrics(registry),
    ...trainingMetrics(registry),
    ...membershipMetrics(registry),
    ...checkpointMetrics(registry),
  };
}

function runMetrics(registry: Registry) {
  const info = infoMetrics(registry);
  const planned = createGauge(registry, SERVER_METRICS.plannedSteps);
  const reproducible = createGauge(registry, SERVER_METRICS.reproducible);
  return {
    setBuild: (build: BuildInfo) => info.setBuild(build),
    setRun(run: RunInfo & { readonly totalSteps: number }) {
      info.setRun(run);
      planned.set(run.totalSteps);
    },
    setReproducible: (is: boolean) => reproducible.set(is ? 1 : 0),
  };
}

function trainingMetrics(registry: Registry) {
  const of = SERVER_METRICS;
  const step = createGauge(registry, of.step);
  const testLoss = createGauge(registry, of.testLoss);
  const testAccuracy = createGauge(registry, of.testAccuracy);
  const phase = createHistogram(registry, of.phase);
  return {
    setStep: (version: number) => step.set(version),
    stepApplied: stepRecorder(registry, (version) => step.set(version)),
    observePhasesMs(phases: Readonly<Partial<Record<Phase, number>>>) {
      for (const name of PHASES) {
        const durationMs = phases[name];
        if (durationMs === undefined) continue;
        phase.observe({ phase: name }, durationMs / 1000);
      }
    },
    setEvaluation(loss: number, accuracyRatio: number) {
      testLoss.set(loss);
      testAccuracy.set(accuracyRatio);
    },
  };
}

function stepRecorder(registry: Registry, setStep: (version: number) => void) {
  const of = SERVER_METRICS;
  const epoch = createGauge(registry, of.epoch);
  const loss = createGauge(registry, of.loss);
  const accuracy = createGauge(registry, of.accuracy);
  const learningRate = createGauge(registry, of.learningRate);
  const gradientNorm = createGauge(registry, of.gradientNorm);
  const images = createCounter(registry, of.images);
  const duration = createHistogram(registry, of.stepDuration);
  return (update: StepUpdate) => {
    setStep(update.version);
    epoch.set(update.epoch);
    loss.set(update.loss);
    accuracy.set(update.accuracyRatio);
    learningRate.set(update.learningRate);
    gradientNorm.set(update.gradientNorm);
    images.inc(update.numImages);
    const { durationMs } = update;
    if (durationMs !== undefined) duration.observe(durationMs / 1000);
  };
}

function membershipMetrics(registry: Registry) {
  const of = SERVER_METRICS;
  const pushes = createCounter(registry, of.pushes);
  const received = createCounter(registry, of.receivedBytes);
  const sent = createCounter(registry, of.sentBytes);
  const dataSent = createCounter(registry, of.dataSentBytes);
  const workers = createGauge(registry, of.workers);
  const joins = createCounter(registry, of.joins);
  const departures = createCounter(registry, of.departures);
  const expired = createCounter(registry, of.leasesExpired);
  const backups = createCounter(registry, of.backups);
  const failures = createCounter(registry, of.taskFailures);
  const refused = createCounter(registry, of.connectionsRefused);
  return {
    countPush: (outcome: PushOutcomeLabel) => pushes.inc({ outcome }),
    countReceived: (numBytes: number) => received.inc(numBytes),
    countSent: (numBytes: number) => sent.inc(numBytes),
    countDataSent: (numBytes: number) => dataSent.inc(numBytes),
    setWorkers(counts: Readonly<Record<WorkerStateLabel, number>>) {
      for (const state of WORKER_STATES) workers.set({ state }, counts[state]);
    },
    countJoin: () => joins.inc(),
    countDeparture: (reason: DepartureReason) => departures.inc({ reason }),
    countLeasesExpired: (count: number) => expired.inc(count),
    countBackup: () => backups.inc(),
    countTaskFailure: () => failures.inc(),
    countRefusedConnection: (code: string) =>
      refused.inc({ reason: refusalReasonOf(code) }),
  };
}

function checkpointMetrics(registry: Registry) {
  const duration = createHistogram(registry, SERVER_METRICS.checkpointDuration);
  const bytes = createGauge(registry, SERVER_METRICS.checkpointBytes);
  const timestamp = createGauge(registry, SERVER_METRICS.checkpointTimestamp);
  const failures = createCounter(registry, SERVER_METRICS.checkpointFailures);
  return {
    checkpointWritten(update: CheckpointUpdate) {
      duration.observe(update.durationMs / 1000);
      bytes.set(update.numBytes);
      timestamp.set(update.writtenAtMs / 1000);
    },
    countCheckpointFailure: () => failures.inc(),
  };
}
