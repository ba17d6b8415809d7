/**
 * What processes compute on in a simulation: a core of their own, or a few
 * cores that all of them share.
 */
import type { Timeline } from './timeline.js';

/** Where the work of processes is done; each has one piece there at most. */
export interface Cores {
  /** Works for so long, on one core that is undisturbed. Milliseconds. */
  start(workMs: number, done: () => void): void;
}

/** A core for each process: a cluster of machines. */
export class OwnCores implements Cores {
  readonly #timeline: Timeline;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  start(workMs: number, done: () => void): void {
    this.#timeline.at(this.#timeline.nowMs + workMs, done);
  }
}

/** The cores of one machine. */
export interface SharedCoresOptions {
  /** Cores that are there for the simulated processes: what others leave. */
  readonly numCores: number;
  /**
   * Speed of a core while its neighbour works too, 0 to 1: they share caches,
   * memory, and often the units that compute.
   */
  readonly pairSpeed: number;
  /** Cores that other programs keep busy. */
  readonly numBusyElsewhere: number;
}

/**
 * Processor sharing: of `n` processes that have work each gets
 * `min(1, numCores / n)` of a core, as the system's scheduler gives it over
 * some milliseconds.
 */
export class SharedCores implements Cores {
  readonly #timeline: Timeline;
  readonly #options: SharedCoresOptions;
  #running: { leftMs: number; readonly done: () => void }[] = [];
  #sinceMs = 0;
  /** Each change makes the next end that was foreseen void. */
  #numChanges = 0;

  constructor(timeline: Timeline, options: SharedCoresOptions) {
    this.#timeline = timeline;
    this.#options = options;
  }

  start(workMs: number, done: () => void): void {
    this.#goOn();
    this.#running.push({ leftMs: workMs, done });
    this.#foresee();
  }

  /** Work done in a millisecond, by each that has some. Milliseconds. */
  get #speed(): number {
    const { numCores, pairSpeed, numBusyElsewhere } = this.#options;
    const n = this.#running.length;
    const neighbours = Math.min(1, n - 1 + numBusyElsewhere);
    const slowed = 1 - (1 - pairSpeed) * neighbours;
    return Math.min(1, numCores / n) * slowed;
  }

  /** Enters what was done since the last change. */
  #goOn(): void {
    const { nowMs } = this.#timeline;
    if (this.#running.length > 0) {
      const doneMs = (nowMs - this.#sinceMs) * this.#speed;
      for (const one of this.#running) one.leftMs -= doneMs;
    }
    this.#sinceMs = nowMs;
  }

  #foresee(): void {
    const change = ++this.#numChanges;
    if (this.#running.length === 0) return;
    const leastMs = Math.min(...this.#running.map(({ leftMs }) => leftMs));
    const endMs = this.#timeline.nowMs + Math.max(0, leastMs) / this.#speed;
    this.#timeline.at(endMs, () => {
      if (change === this.#numChanges) this.#end(leastMs);
    });
  }

  /** The shortest pieces end; those of one length end together. */
  #end(leastMs: number): void {
    const ended = this.#running.filter(({ leftMs }) => leftMs === leastMs);
    this.#goOn();
    this.#running = this.#running.filter((one) => !ended.includes(one));
    this.#foresee();
    for (const { done } of ended) done();
  }
}
