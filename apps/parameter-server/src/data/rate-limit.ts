/**
 * How fast bytes may leave, over all who want some: each books its piece, and
 * waits its turn. Time is passed in.
 */

/** Unused time that may be made up for, as timers wake late. Milliseconds. */
const CREDIT_MS = 50;

/** See the head of this file. */
export class RateLimit {
  readonly #msPerByte: number;
  /** When everything that was booked has left. */
  #freeAtMs = -Infinity;

  /** @param bytesPerSecond above 0. */
  constructor(bytesPerSecond: number) {
    this.#msPerByte = 1000 / bytesPerSecond;
  }

  /**
   * Books a piece, behind those before it.
   * @param nowMs monotone.
   * @returns how long to wait before it is sent. Milliseconds, from 0.
   */
  book(numBytes: number, nowMs: number): number {
    const beginMs = Math.max(this.#freeAtMs, nowMs - CREDIT_MS);
    this.#freeAtMs = beginMs + numBytes * this.#msPerByte;
    return Math.max(0, beginMs - nowMs);
  }
}
