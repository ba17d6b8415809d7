/**
 * Whether bytes move fast enough while they have to. Pure: looked at from
 * time to time, with the time.
 */

/** What is looked at. */
export interface Flow {
  /**
   * Names what has to move: a message that has begun, bytes that wait.
   * Undefined while nothing has to.
   */
  readonly of: number | undefined;
  /** Bytes moved so far, in all. */
  readonly bytes: number;
}

interface Start {
  readonly of: number;
  readonly bytes: number;
  readonly atMs: number;
}

/** One direction of one connection. */
export class RateWindow {
  readonly #minBytesPerSecond: number;
  readonly #windowMs: number;
  #start: Start | undefined;
  #lookedAtMs = -Infinity;

  /** @param minBytesPerSecond 0 takes any speed. */
  constructor(minBytesPerSecond: number, windowMs: number) {
    this.#minBytesPerSecond = minBytesPerSecond;
    this.#windowMs = windowMs;
  }

  /**
   * Looks; gives the speed of the window that has just ended if it was too
   * slow, in bytes a second.
   *
   * A look that comes late, by half a window, says that this process was held
   * up itself: what the peer has sent meanwhile was not read yet, so the
   * window begins anew.
   */
  look({ of, bytes }: Flow, nowMs: number): number | undefined {
    const isLate = nowMs - this.#lookedAtMs > this.#windowMs / 2;
    this.#lookedAtMs = nowMs;
    const start = this.#start;
    if (of === undefined) this.#start = undefined;
    else if (isLate || start?.of !== of)
      this.#start = { of, bytes, atMs: nowMs };
    else if (nowMs - start.atMs >= this.#windowMs) {
      this.#start = { of, bytes, atMs: nowMs };
      const seconds = (nowMs - start.atMs) / 1000;
      const speed = (bytes - start.bytes) / seconds;
      return speed < this.#minBytesPerSecond ? speed : undefined;
    }
    return undefined;
  }
}
