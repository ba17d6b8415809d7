/**
 * How many lines a second a peer may cause in a log: whoever knocks in a loop
 * does not fill the disk. What is left out is counted and said later.
 */

const SECOND_MS = 1000;

/** A budget of lines. Time comes in, in monotone milliseconds. */
export class LogBudget {
  readonly #linesPerSecond: number;
  #sinceMs = -Infinity;
  #numLines = 0;
  #numSkipped = 0;

  constructor(linesPerSecond: number) {
    this.#linesPerSecond = linesPerSecond;
  }

  /** Whether a line may be written; if so, how many before it were not. */
  take(nowMs: number): { readonly skipped: number } | undefined {
    if (nowMs - this.#sinceMs >= SECOND_MS) {
      this.#sinceMs = nowMs;
      this.#numLines = 0;
    }
    if (this.#numLines >= this.#linesPerSecond) {
      this.#numSkipped += 1;
      return undefined;
    }
    this.#numLines += 1;
    const skipped = this.#numSkipped;
    this.#numSkipped = 0;
    return { skipped };
  }
}
