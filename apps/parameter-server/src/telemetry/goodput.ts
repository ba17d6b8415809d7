/**
 * How much of the time ended in applied steps. Pure: time is an argument, in
 * monotone milliseconds; training time is the coordinator's account of it,
 * which goes back with the parameters.
 */

/** Of one process, from when training first went on in it. */
export class Goodput {
  #began: { readonly trainMs: number; readonly atMs: number } | undefined;
  #appliedMs = 0;
  #endedAtMs: number | undefined;

  /** Training begins, or goes on from parameters that took `trainMs`. */
  resumed(trainMs: number, nowMs: number): void {
    this.#began ??= { trainMs, atMs: nowMs };
    this.#appliedMs = trainMs;
  }

  /** A step was applied: the time until then was not in vain. */
  applied(trainMs: number): void {
    this.#appliedMs = trainMs;
  }

  /** The run has ended: what comes later is no part of it. */
  ended(nowMs: number): void {
    this.#endedAtMs ??= nowMs;
  }

  /** From 0 to 1; nothing before training began. */
  ratio(nowMs: number): number | undefined {
    if (this.#began === undefined) return undefined;
    const { trainMs, atMs } = this.#began;
    const wholeMs = (this.#endedAtMs ?? nowMs) - atMs;
    if (wholeMs <= 0) return undefined;
    const share = (this.#appliedMs - trainMs) / wholeMs;
    return Math.min(1, Math.max(0, share));
  }
}
