/**
 * Tests of what a browser shows. Apart from `chromium.ts`, which programs
 * import that are no tests.
 */
import { describe } from 'vitest';
import { missingChromium } from './chromium.js';

/**
 * `describe` for what needs a browser: skipped, with the reason in its name,
 * where there is none.
 * @throws Error instead, where `REQUIRE_CHROMIUM=1` is set.
 */
export function describeInBrowser(name: string, body: () => void): void {
  const reason = missingChromium();
  if (reason === undefined) describe(name, body);
  else describe.skip(`${name} (skipped: ${reason})`, body);
}
