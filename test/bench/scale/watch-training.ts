/**
 * Looks at a real training for some seconds, from outside: when all of its
 * workers take their part, and no evaluation is out.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessTimes } from './process-times.js';
import { RealCluster } from './real-cluster.js';
import type { TrainingShape } from './real-cluster.js';

const TRAINING_IMAGES = 60_000;
/** How long it is looked at, within one epoch. */
const WINDOW_MS = 4000;
const LEAST_WINDOW_MS = 2000;
/** Share of an epoch before whose end it is not looked at any more. */
const LAST_STEPS = 0.05;
/** From the last worker's coming, or from an epoch's begin. */
const SETTLING_MS = 1500;
/** Between two looks: a page of metrics costs the server a few milliseconds. */
const POLL_MS = 700;
const PATIENCE_MS = 120_000;
/** Least processor time of a worker, as a share of the mean. */
const EVEN = 0.9;
const NUM_WINDOWS = 8;

/** Means over the window. Milliseconds a step. */
export interface TrainingFigures {
  readonly imagesPerSecond: number;
  readonly stepMs: number;
  /** Processor time of server 0. */
  readonly serverMs: number;
  /** Processor time of a worker, the mean of all. */
  readonly workerMs: number;
  /** Cores that other programs kept busy. */
  readonly numBusyElsewhere: number;
  /** Processor time of the least busy worker, as a share of the mean. */
  readonly evenness: number;
}

/** What is known at one time. */
interface Look {
  readonly atMs: number;
  readonly page: string;
  readonly times: ProcessTimes;
}

/**
 * Trains until enough was seen. The coordinator passes over who was slow at
 * first, as each worker is with its first tasks: it is waited for some windows
 * until all of them are at work.
 */
export async function watchTraining(
  shape: TrainingShape,
): Promise<TrainingFigures> {
  await using cluster = await RealCluster.start(shape);
  const watcher = new Watcher(cluster, shape);
  await watcher.everybodyIsThere();
  let figures = await watcher.window();
  for (let i = 1; i < NUM_WINDOWS && figures.evenness < EVEN; i++) {
    figures = await watcher.window();
  }
  return figures;
}

/** Looks at one training. */
class Watcher {
  readonly #cluster: RealCluster;
  readonly #numWorkers: number;
  readonly #stepsPerEpoch: number;
  readonly #deadlineMs = performance.now() + PATIENCE_MS;

  constructor(cluster: RealCluster, shape: TrainingShape) {
    const { numWorkers, leafImages, leavesPerWorker } = shape;
    const stepImages = numWorkers * leafImages * leavesPerWorker;
    this.#cluster = cluster;
    this.#numWorkers = numWorkers;
    this.#stepsPerEpoch = Math.ceil(TRAINING_IMAGES / stepImages);
  }

  /** Waits until all workers have joined. */
  async everybodyIsThere(): Promise<void> {
    const active = 'muster_workers{state="active"}';
    await this.#until(({ page }) => valueOf(page, active) === this.#numWorkers);
  }

  /** Looks for a few seconds within one epoch. */
  async window(): Promise<TrainingFigures> {
    for (;;) {
      await pause(SETTLING_MS);
      const first = await this.#look();
      const epoch = Math.floor(stepsOf(first) / this.#stepsPerEpoch);
      const end = (epoch + 1 - LAST_STEPS) * this.#stepsPerEpoch;
      const last = await this.#until(
        (one) => one.atMs - first.atMs >= WINDOW_MS || stepsOf(one) >= end,
      );
      const isLong = last.atMs - first.atMs >= LEAST_WINDOW_MS;
      const isWhole = stepsOf(last) < (epoch + 1) * this.#stepsPerEpoch;
      if (isLong && isWhole) return figuresOf(first, last);
      await this.#until(
        (one) => stepsOf(one) > (epoch + 1) * this.#stepsPerEpoch,
      );
    }
  }

  async #until(holds: (one: Look) => boolean): Promise<Look> {
    let one = await this.#look();
    while (!holds(one)) {
      if (performance.now() > this.#deadlineMs) {
        throw new Error('the training does not get where it is waited for');
      }
      await pause(POLL_MS);
      one = await this.#look();
    }
    return one;
  }

  async #look(): Promise<Look> {
    this.#cluster.check();
    const { metricsUrl } = this.#cluster;
    // it does not listen yet, perhaps
    const response = await fetch(metricsUrl).catch(() => undefined);
    const page = (await response?.text()) ?? '';
    const atMs = performance.now();
    return { atMs, page, times: await this.#cluster.times() };
  }
}

/** Images whose gradients were applied. */
const APPLIED = 'muster_examples_total{outcome="applied"}';

function figuresOf(first: Look, last: Look): TrainingFigures {
  const change = (name: string): number =>
    valueOf(last.page, name) - valueOf(first.page, name);
  const steps = change('muster_step_duration_seconds_count');
  const durationMs = 1000 * change('muster_step_duration_seconds_sum');
  const workers = [...last.times.workers].map(
    ([name, ms]) => ms - (first.times.workers.get(name) ?? 0),
  );
  const servers = last.times.servers.map(
    (ms, i) => ms - (first.times.servers[i] ?? 0),
  );
  const workerMs = sumOf(workers) / workers.length;
  const machineMs = last.times.machineMs - first.times.machineMs;
  const othersMs = machineMs - sumOf([...workers, ...servers]);
  return {
    imagesPerSecond: (1000 * change(APPLIED)) / durationMs,
    stepMs: durationMs / steps,
    serverMs: (servers[0] ?? NaN) / steps,
    workerMs: workerMs / steps,
    numBusyElsewhere: Math.max(0, othersMs) / (last.atMs - first.atMs),
    evenness: Math.min(...workers) / workerMs,
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0);
}

function stepsOf({ page }: Look): number {
  return valueOf(page, 'muster_step');
}

/** A sample of a page in the text format of Prometheus. */
function valueOf(page: string, series: string): number {
  const line = page.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? NaN : Number(line.slice(series.length + 1));
}
