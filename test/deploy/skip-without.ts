/**
 * What a test needs and this machine may lack: the test is skipped with the
 * reason, or fails with it where `REQUIRE_ENGINES=1` says that nothing may be
 * skipped, as CI does.
 */
import type { TestContext } from 'vitest';

/**
 * Ends the test here when something is missing.
 * @param reason what is missing and how to get it; undefined if nothing is.
 */
export function skipWithout(
  test: Pick<TestContext, 'skip'>,
  reason: string | undefined,
): void {
  if (reason !== undefined && process.env['REQUIRE_ENGINES'] === '1') {
    throw new Error(`${reason} (REQUIRE_ENGINES=1)`);
  }
  test.skip(reason !== undefined, reason);
}
