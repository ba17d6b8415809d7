/**
 * What a worker counts and measures, as one object with an update method for
 * each thing that happens.
 */
import type { Registry } from 'prom-client';
import { WORKER_METRICS } from './catalogue.js';
import { infoMetrics } from './info-metrics.js';
import type { BuildInfo, RunInfo } from './info-metrics.js';
import { WORKER_PHASES } from './labels.js';
import type { PushOutcomeLabel, TaskKind, WorkerPhase } from './labels.js';
import {
  createCounter,
  createGauge,
  createHistogram,
} from './metric-definition.js';
import { trafficMetrics } from './traffic-metrics.js';
import type { TrafficTotals } from './traffic.js';

/** What computes the gradients. */
export interface BackendLabels {
  readonly backend: string;
  readonly libraryVersion: string;
  /** Numerics fingerprint, in hex; its first 12 digits are shown. */
  readonly numerics: string;
}

/** One finished task. */
export interface TaskUpdate {
  readonly kind: TaskKind;
  /** Examples that were computed. */
  readonly numImages: number;
  /** Mean over the examples. */
  readonly loss: number;
}

/** The update methods of a worker. */
export interface WorkerMetrics {
  /** Says once which worker this is. */
  setWorker(workerId: string): void;
  /** Says once what program this is. */
  setBuild(build: BuildInfo): void;
  /** Says which run it works on, at `joined`. */
  setRun(run: RunInfo): void;
  /** Says once what computes the gradients. */
  setBackend(backend: BackendLabels): void;
  /** Sets whether it has joined and the connection is up. */
  setConnected(isConnected: boolean): void;
  /** Sets the version of the parameters it holds. */
  setStep(version: number): void;
  /** Counts a finished task; images and loss only where it was a gradient. */
  taskDone(update: TaskUpdate): void;
  /** Counts a task that it gave back. */
  countTaskFailure(): void;
  /** Counts one answered push. */
  countPush(outcome: PushOutcomeLabel): void;
  /** Adds the staleness of an applied contribution. */
  observeStaleness(steps: number): void;
  /** Adds what a task took, in milliseconds by phase. */
  observePhasesMs(phases: Readonly<Partial<Record<WorkerPhase, number>>>): void;
  /** Adds the time from a heartbeat to its echo. */
  observeRoundTripMs(durationMs: number): void;
  /** Counts one return after a lost connection. */
  countReconnect(): void;
  /** Sets the bytes that went over its connections. */
  setTraffic(totals: TrafficTotals): void;
  /** Sets the number of tensors alive. */
  setTensors(count: number): void;
}

/** Registers the worker's metrics and gives their update methods. */
export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  return {
    ...infoMetrics(registry),
    ...backendMetrics(registry),
    ...taskMetrics(registry),
    ...connectionMetrics(registry),
    ...trafficMetrics(registry, WORKER_METRICS),
  };
}

function backendMetrics(registry: Registry) {
  const worker = createGauge(registry, WORKER_METRICS.info);
  const info = createGauge(registry, WORKER_METRICS.backendInfo);
  return {
    setWorker: (workerId: string) => worker.set({ worker_id: workerId }, 1),
    setBackend({ backend, libraryVersion, numerics }: BackendLabels) {
      const library_version = libraryVersion;
      info.set(
        { backend, library_version, numerics: numerics.slice(0, 12) },
        1,
      );
    },
  };
}

function taskMetrics(registry: Registry) {
  const of = WORKER_METRICS;
  const tasks = createCounter(registry, of.tasks);
  const failures = createCounter(registry, of.taskFailures);
  const images = createCounter(registry, of.images);
  const loss = createGauge(registry, of.loss);
  const tensors = createGauge(registry, of.tensors);
  const phase = createHistogram(registry, of.phase);
  return {
    taskDone(update: TaskUpdate) {
      tasks.inc({ kind: update.kind });
      if (update.kind !== 'gradient') return;
      images.inc(update.numImages);
      loss.set(update.loss);
    },
    countTaskFailure: () => failures.inc(),
    observePhasesMs(phases: Readonly<Partial<Record<WorkerPhase, number>>>) {
      for (const name of WORKER_PHASES) {
        const durationMs = phases[name];
        if (durationMs === undefined) continue;
        phase.observe({ phase: name }, durationMs / 1000);
      }
    },
    setTensors: (count: number) => tensors.set(count),
  };
}

function connectionMetrics(registry: Registry) {
  const of = WORKER_METRICS;
  const connected = createGauge(registry, of.connected);
  const step = createGauge(registry, of.step);
  const pushes = createCounter(registry, of.pushes);
  const staleness = createHistogram(registry, of.staleness);
  const roundTrip = createHistogram(registry, of.roundTrip);
  const reconnects = createCounter(registry, of.reconnects);
  return {
    setConnected: (is: boolean) => connected.set(is ? 1 : 0),
    setStep: (version: number) => step.set(version),
    countPush: (outcome: PushOutcomeLabel) => pushes.inc({ outcome }),
    observeStaleness: (steps: number) => staleness.observe(steps),
    observeRoundTripMs: (durationMs: number) =>
      roundTrip.observe(durationMs / 1000),
    countReconnect: () => reconnects.inc(),
  };
}
