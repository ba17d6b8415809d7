/**
 * Whether this process was stopped for a while (SIGSTOP, a laptop's lid): its
 * timers run before it has read what the others said meanwhile, so the first
 * tick after it must not take anybody for silent.
 */

/** Ticks closer than this are never a sleep. Milliseconds. */
const MIN_SLEEP_MS = 500;

/** Looks at the gaps between ticks. */
export class Sleep {
  #lastTickMs = 0;
  #wasWaking = false;

  /** The time of the first tick's predecessor. */
  begin(nowMs: number): void {
    this.#lastTickMs = nowMs;
  }

  /**
   * Takes a tick; tells whether it is the first one after a sleep. Never two
   * in a row: a process that is always late has to look at the time as well.
   * @param patienceMs silence that is judged; half of it is a sleep.
   */
  isWaking(nowMs: number, patienceMs: number): boolean {
    const sinceMs = nowMs - this.#lastTickMs;
    this.#lastTickMs = nowMs;
    const isLate = sinceMs > Math.max(MIN_SLEEP_MS, patienceMs / 2);
    this.#wasWaking = isLate && !this.#wasWaking;
    return this.#wasWaking;
  }
}
