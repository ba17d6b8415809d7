/**
 * Images a second over the last few seconds. Pure: time is an argument.
 */

/** Width of the window. Milliseconds. */
const WINDOW_MS = 3000;

/** A sliding window over counted events. */
export class Throughput {
  readonly #marks: { atMs: number; total: number }[] = [];
  #total = 0;

  /** Counts `count` images at time `nowMs`. */
  add(count: number, nowMs: number): void {
    this.#total += count;
    this.#marks.push({ atMs: nowMs, total: this.#total });
    let [first] = this.#marks;
    while (first && nowMs - first.atMs > WINDOW_MS && this.#marks.length > 2) {
      this.#marks.shift();
      first = this.#marks[0];
    }
  }

  /** Images a second between the window's first and last event. */
  perSecond(): number {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (!first || !last || last.atMs === first.atMs) return 0;
    return ((last.total - first.total) * 1000) / (last.atMs - first.atMs);
  }
}
