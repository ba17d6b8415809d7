/**
 * What each parameter server counts and measures of itself, as one object
 * with an update method for each thing that happens.
 */
import type { Registry } from 'prom-client';
import { SHARD_METRICS } from './catalogue.js';
import { infoMetrics } from './info-metrics.js';
import type { BuildInfo, RunInfo } from './info-metrics.js';
import {
  PHASES,
  SERVER_PHASES,
  WORKER_PHASES,
  refusalReasonOf,
} from './labels.js';
import type { Phase } from './labels.js';
import {
  createCounter,
  createGauge,
  createHistogram,
} from './metric-definition.js';
import { trafficMetrics } from './traffic-metrics.js';
import type { TrafficTotals } from './traffic.js';

/** How long a run is planned to be. */
export interface PlannedLength {
  readonly epochs: number;
  /** Global step at which it ends. */
  readonly totalSteps: number;
}

/** One checkpoint that is whole on the disk. */
export interface CheckpointUpdate {
  readonly durationMs: number;
  readonly numBytes: number;
  /** Unix time. */
  readonly writtenAtMs: number;
  /** Euclidean norm of the parameters in it. */
  readonly parameterNorm: number;
}

/** The update methods of a parameter server. */
export interface ServerMetrics {
  /** Says once what program this is. */
  setBuild(build: BuildInfo): void;
  /** Says once which run it serves, and how long that is planned to be. */
  setRun(run: RunInfo & PlannedLength): void;
  /** Sets which version of the parameters it holds. */
  setStep(version: number): void;
  /** Adds what a push or the server itself spent, in milliseconds by phase. */
  observePhasesMs(phases: Readonly<Partial<Record<Phase, number>>>): void;
  /** Shows the workers' phases from now on, also before the first of them. */
  showWorkerPhases(): void;
  /** Sets the bytes that went over its connections. */
  setTraffic(totals: TrafficTotals): void;
  /** Counts bytes of data files sent to workers that did not have them. */
  countDataSent(numBytes: number): void;
  /** Counts one refused connection by its error code. */
  countRefusedConnection(code: string): void;
  /** Counts one whole checkpoint. */
  checkpointWritten(update: CheckpointUpdate): void;
  /** Counts one checkpoint that failed. */
  countCheckpointFailure(): void;
}

/** Registers the metrics of each server and gives their update methods. */
export function createServerMetrics(registry: Registry): ServerMetrics {
  return {
    ...placeMetrics(registry),
    ...phaseMetrics(registry),
    ...trafficMetrics(registry, SHARD_METRICS),
    ...doorMetrics(registry),
    ...checkpointMetrics(registry),
  };
}

function placeMetrics(registry: Registry) {
  const info = infoMetrics(registry);
  const step = createGauge(registry, SHARD_METRICS.step);
  const plannedSteps = createGauge(registry, SHARD_METRICS.plannedSteps);
  const epochs = createGauge(registry, SHARD_METRICS.epochs);
  return {
    setBuild: (build: BuildInfo) => info.setBuild(build),
    setRun(run: RunInfo & PlannedLength) {
      info.setRun(run);
      plannedSteps.set(run.totalSteps);
      epochs.set(run.epochs);
    },
    setStep: (version: number) => step.set(version),
  };
}

function phaseMetrics(registry: Registry) {
  const own = SERVER_PHASES.map((phase) => ({ phase }));
  const histogram = createHistogram(registry, SHARD_METRICS.phase, own);
  return {
    observePhasesMs(phases: Readonly<Partial<Record<Phase, number>>>) {
      for (const phase of PHASES) {
        const durationMs = phases[phase];
        if (durationMs === undefined) continue;
        histogram.observe({ phase }, durationMs / 1000);
      }
    },
    showWorkerPhases() {
      for (const phase of WORKER_PHASES) histogram.zero({ phase });
    },
  };
}

function doorMetrics(registry: Registry) {
  const dataSent = createCounter(registry, SHARD_METRICS.dataSentBytes);
  const refused = createCounter(registry, SHARD_METRICS.connectionsRefused);
  return {
    countDataSent: (numBytes: number) => dataSent.inc(numBytes),
    countRefusedConnection: (code: string) =>
      refused.inc({ reason: refusalReasonOf(code) }),
  };
}

function checkpointMetrics(registry: Registry) {
  const of = SHARD_METRICS;
  const duration = createHistogram(registry, of.checkpointDuration);
  const bytes = createGauge(registry, of.checkpointBytes);
  const timestamp = createGauge(registry, of.checkpointTimestamp);
  const failures = createCounter(registry, of.checkpointFailures);
  const norm = createGauge(registry, of.parameterNorm);
  return {
    checkpointWritten(update: CheckpointUpdate) {
      duration.observe(update.durationMs / 1000);
      bytes.set(update.numBytes);
      timestamp.set(update.writtenAtMs / 1000);
      norm.set(update.parameterNorm);
    },
    countCheckpointFailure: () => failures.inc(),
  };
}
