/**
 * How fast steps come, over the last seconds: a worker that joins or leaves
 * shows in the estimate soon, a slow beginning is forgotten.
 */

/** How far back the estimate looks, in milliseconds. */
const WINDOW_MS = 20_000;

/** Least time that an estimate needs, in milliseconds. */
const LEAST_MS = 500;

/** A sliding window over (time, step). */
export class StepRate {
  readonly #samples: { readonly nowMs: number; readonly step: number }[] = [];

  /** Takes note of a step count at a time. */
  add(step: number, nowMs: number): void {
    this.#samples.push({ step, nowMs });
    while (this.#isOld(nowMs)) this.#samples.shift();
  }

  /** Gives the seconds until `totalSteps`, or nothing while it cannot tell. */
  secondsUntil(totalSteps: number): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    const [steps, tookMs] = [last.step - first.step, last.nowMs - first.nowMs];
    if (steps <= 0 || tookMs < LEAST_MS) return undefined;
    return ((totalSteps - last.step) * tookMs) / steps / 1000;
  }

  /** The oldest goes if the next one is old enough to span the window. */
  #isOld(nowMs: number): boolean {
    const next = this.#samples[1];
    return next !== undefined && nowMs - next.nowMs >= WINDOW_MS;
  }
}
