/**
 * How long to wait before the next try.
 */

/** The first wait is up to this. Milliseconds. */
const FIRST_MS = 500;
/** No wait is longer. Milliseconds. */
const LONGEST_MS = 10_000;

/**
 * Exponential, with half of it left to chance, so that many pages don't come
 * back at one moment.
 * @param attempt from 0.
 * @param random 0 to 1.
 * @returns milliseconds.
 */
export function backoffMs(attempt: number, random: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return whole * (0.5 + 0.5 * random);
}
