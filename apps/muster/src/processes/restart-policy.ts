/**
 * When a process that ended is started again, and when there were too many.
 * Pure: time comes in as an argument.
 */

/** Wait before the first restart: deaths of one moment are all seen by then. */
const FIRST_MS = 25;
/** Wait before the second restart; it doubles from one to the next. */
const BASE_MS = 100;
/** Longest wait. */
const CAP_MS = 5000;
/**
 * A process that has lived so long begins to be counted anew: it has loaded
 * and worked, so what ended it is not what would end it again at once.
 */
const LONG_LIFE_MS = 10_000;
/** The time in which the restarts of all processes are counted. */
const WINDOW_MS = 3_600_000;

/** A process that ended. */
export interface Death {
  readonly name: string;
  /** What is said of it: `worker-1 ended (SIGKILL)`. */
  readonly text: string;
  /** From its start to its end. */
  readonly livedMs: number;
  /** Any clock that rises, the same for all. */
  readonly nowMs: number;
}

/** What is to be done about it. */
export type RestartDecision =
  | { readonly isAllowed: true; readonly delayMs: number }
  /** `earliest` is the text of the first death that was counted. */
  | { readonly isAllowed: false; readonly earliest: string };

/**
 * Milliseconds before the nth restart of a process, from 1: 25, then
 * 100 2^(n - 2), at most 5000.
 */
export function restartDelayMs(n: number): number {
  return n <= 1 ? FIRST_MS : Math.min(CAP_MS, BASE_MS * 2 ** (n - 2));
}

/** Counts the restarts of one run. */
export class RestartPolicy {
  readonly #maxRestarts: number;
  /** Of the last hour, oldest first. */
  #deaths: Death[] = [];
  readonly #restartsOf = new Map<string, number>();

  /** @param maxRestarts in any hour, over all processes. */
  constructor(maxRestarts: number) {
    this.#maxRestarts = maxRestarts;
  }

  /** Decides about a death; a restart that is allowed is counted. */
  decide(death: Death): RestartDecision {
    const { name, livedMs, nowMs } = death;
    this.#deaths = this.#deaths.filter(
      (earlier) => nowMs - earlier.nowMs < WINDOW_MS,
    );
    const [earliest = death] = this.#deaths;
    if (this.#deaths.length >= this.#maxRestarts) {
      return { isAllowed: false, earliest: earliest.text };
    }
    this.#deaths.push(death);
    const before = livedMs < LONG_LIFE_MS ? this.#restartsOf.get(name) : 0;
    const n = (before ?? 0) + 1;
    this.#restartsOf.set(name, n);
    return { isAllowed: true, delayMs: restartDelayMs(n) };
  }
}
