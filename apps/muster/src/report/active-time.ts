/**
 * A run's time without the hours in which it did not run: it may have been
 * stopped and gone on with a day later. Pure.
 */

/** A pause that was cut out. */
export interface Cut {
  /** Where, in seconds of activity. */
  readonly at: number;
  readonly pauseSeconds: number;
}

/** A time in which nothing is heard of a run for so long is a pause. */
const PAUSE_MS = 120_000;
/** What is left of a pause. */
const LEFT_SECONDS = 2;

/** See the head of this file. */
export class ActiveTime {
  readonly cuts: readonly Cut[];
  /** All of the activity, in seconds. */
  readonly total: number;
  readonly #begins: readonly { readonly ms: number; readonly at: number }[];

  /** @param moments when anything was heard. Unix times in milliseconds. */
  constructor(moments: readonly number[]) {
    const sorted = [...moments].filter(Number.isFinite).sort((a, b) => a - b);
    const first = sorted[0] ?? 0;
    const begins = [{ ms: first, at: 0 }];
    const cuts: Cut[] = [];
    let last = { ms: first, at: 0 };
    for (const ms of sorted) {
      const gap = ms - last.ms;
      if (gap > PAUSE_MS) {
        cuts.push({ at: last.at + LEFT_SECONDS / 2, pauseSeconds: gap / 1000 });
        last = { ms, at: last.at + LEFT_SECONDS };
        begins.push(last);
      } else last = { ms, at: last.at + gap / 1000 };
    }
    this.#begins = begins;
    this.cuts = cuts;
    this.total = last.at;
  }

  /** The seconds of activity at a Unix time in milliseconds. */
  at(ms: number): number {
    const begin = this.#begins.findLast((one) => one.ms <= ms);
    if (begin === undefined) return 0;
    return Math.min(this.total, begin.at + (ms - begin.ms) / 1000);
  }
}
