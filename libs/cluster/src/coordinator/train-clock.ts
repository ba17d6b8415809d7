/**
 * The time in which steps were worked on: it runs while there is a worker and
 * a step, and stands still during evaluations and when nobody is there.
 */

/** A stop watch over given times. Milliseconds. */
export class TrainClock {
  #sinceMs: number | undefined;

  /** Starts it, unless it runs. */
  start(nowMs: number): void {
    this.#sinceMs ??= nowMs;
  }

  /** Gives the time since the last reading; goes on. 0 when it stands. */
  read(nowMs: number): number {
    if (this.#sinceMs === undefined) return 0;
    const elapsedMs = nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
    return elapsedMs;
  }

  /** The time since the last reading, which it does not count as one. */
  elapsed(nowMs: number): number {
    return this.#sinceMs === undefined ? 0 : nowMs - this.#sinceMs;
  }

  /** Gives the time since the last reading, and stops it. */
  stop(nowMs: number): number {
    const elapsedMs = this.read(nowMs);
    this.#sinceMs = undefined;
    return elapsedMs;
  }
}
