/**
 * Which share of the time has ended in steps that are still applied: what was
 * waited for servers, and what has to be done again, has not. Pure: time is
 * passed in.
 */

/** Steps whose time is known by itself; a rollback goes back less far. */
const MAX_STEPS = 10_000;

/** See the head of this file. Milliseconds. */
export class Goodput {
  readonly #stepMs = new Float64Array(MAX_STEPS);
  #beganMs: number | undefined;
  #lastMs = 0;
  #usefulMs = 0;

  /** Training begins, or goes on, at a version that may be an older one. */
  resume(version: number, from: number, nowMs: number): void {
    this.#beganMs ??= nowMs;
    this.#lastMs = nowMs;
    const oldest = Math.max(version, from - MAX_STEPS);
    for (let lost = oldest + 1; lost <= from; lost++) {
      this.#usefulMs -= this.#stepMs[lost % MAX_STEPS] ?? 0;
      this.#stepMs[lost % MAX_STEPS] = 0;
    }
  }

  /** A step was applied. */
  applied(version: number, nowMs: number): void {
    const tookMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    this.#stepMs[version % MAX_STEPS] = tookMs;
    this.#usefulMs += tookMs;
  }

  /** 0 to 1, up to the last applied step; null before the first one. */
  get ratio(): number | null {
    const elapsedMs = this.#lastMs - (this.#beganMs ?? this.#lastMs);
    if (elapsedMs <= 0) return null;
    // sums of times round
    return Math.min(1, Math.max(0, this.#usefulMs / elapsedMs));
  }
}
