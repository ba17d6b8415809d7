/**
 * Windows of one training: how fast it is and what processor time its server
 * takes while something goes on beside it, and while nothing does.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { processMs } from './scale/process-times.js';
import type { RealCluster } from './scale/real-cluster.js';
import { mean } from './statistics.js';

/** Nobody looks before every worker is at work. */
const FIRST_IMAGES = 25_600;
const PATIENCE_MS = 120_000;

/** One window. */
export interface Window {
  readonly imagesPerSecond: number;
  /** Processor time of the server, as a share of one core. */
  readonly server: number;
  /** Processor time of the process beside the training, likewise. */
  readonly beside: number;
}

/** A window with something beside it, and those around it with nothing. */
export interface Compared {
  /** Images a second in the windows around it. */
  readonly imagesPerSecond: number;
  /** Images a second in it, as a share of those. */
  readonly ratio: number;
  /** Processor time of the server beyond theirs, as a share of one core. */
  readonly extra: number;
  /** Processor time of the server an image, as a share of theirs. */
  readonly perImage: number;
}

/** What is watched, and how long. */
export interface WatchedTraining {
  readonly cluster: RealCluster;
  /** Of the process beside it. */
  readonly pid: number;
  /** From a change to the window. */
  readonly settlingMs: number;
  readonly windowMs: number;
}

/** Compares a window with the two around it: what drifts is in both. */
export function compareWindows(
  before: Window,
  during: Window,
  after: Window,
): Compared {
  const around = [before, after];
  const imagesPerSecond = mean(around.map((one) => one.imagesPerSecond));
  const server = mean(around.map((one) => one.server));
  return {
    imagesPerSecond,
    ratio: during.imagesPerSecond / imagesPerSecond,
    extra: during.server - server,
    perImage:
      during.server / during.imagesPerSecond / (server / imagesPerSecond),
  };
}

/**
 * Images that have entered the parameters, by a page of metrics; NaN where
 * the page does not say.
 */
export function appliedImages(page: string): number {
  return Number(
    /^muster_examples_total\{outcome="applied"\} (\S+)$/m.exec(page)?.[1] ??
      NaN,
  );
}

/** Looks at one training. */
export class TrainingWindows {
  readonly #watched: WatchedTraining;

  constructor(watched: WatchedTraining) {
    this.#watched = watched;
  }

  /**
   * Waits until the training has made its first steps.
   * @throws Error where it makes none, or has ended.
   */
  async isAtWork(): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS;
    while (!((await this.#numImages()) > FIRST_IMAGES)) {
      this.#watched.cluster.check();
      if (performance.now() > endMs) {
        throw new Error(`the training is late: ${PATIENCE_MS / 1000} s`);
      }
      await pause(200);
    }
  }

  /** Lets the training settle, and looks at it for a while. */
  async next(): Promise<Window> {
    await pause(this.#watched.settlingMs);
    const first = await this.#look();
    await pause(this.#watched.windowMs);
    const last = await this.#look();
    const ms = last.atMs - first.atMs;
    return {
      imagesPerSecond: (1000 * (last.images - first.images)) / ms,
      server: (last.serverMs - first.serverMs) / ms,
      beside: (last.besideMs - first.besideMs) / ms,
    };
  }

  async #look() {
    const { cluster, pid } = this.#watched;
    cluster.check();
    const images = await this.#numImages();
    const { servers } = await cluster.times();
    const besideMs = await processMs(pid);
    const serverMs = servers[0] ?? NaN;
    return { atMs: performance.now(), images, serverMs, besideMs };
  }

  async #numImages(): Promise<number> {
    const { metricsUrl } = this.#watched.cluster;
    // it does not listen yet, perhaps
    const response = await fetch(metricsUrl).catch(() => undefined);
    return appliedImages((await response?.text()) ?? '');
  }
}
