/**
 * Waiting for what other processes do: a condition with a deadline.
 */
import { setTimeout as pause } from 'node:timers/promises';

/** How often a condition is looked at. Milliseconds. */
const POLL_MS = 10;

/** What a condition gives while it does not hold. */
type NotYet = undefined | false;

/**
 * Looks at a condition until it gives something, and gives that.
 * @param what completes "waited for ..." in the error.
 * @param deadlineMs end of the wait, milliseconds.
 * @param explain says more in the error, such as a process's output.
 * @throws Error when the deadline has passed; whatever `probe` throws.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | NotYet | Promise<T | NotYet>,
  deadlineMs = 60_000,
  explain: () => string = () => '',
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) {
      throw new Error(`waited ${deadlineMs} ms for ${what}${explain()}`);
    }
    await pause(POLL_MS);
  }
}
