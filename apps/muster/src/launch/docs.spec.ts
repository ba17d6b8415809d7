/**
 * docs/launch.md says of every flag what it means.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LAUNCH_FLAGS } from './launch-options.js';
import { ROOT } from './plan.js';

describe('docs/launch.md', () => {
  const text = readFileSync(join(ROOT, 'docs/launch.md'), 'utf8');

  it('has a row for each flag, and for no others', () => {
    const inTable = [
      ...text.matchAll(/^\| `(-[^`]+)`(?:, `(--[^`]+)`)?/gm),
    ].map(([, first = '', second]) => (second ?? first).split(' ')[0]);
    const flags = LAUNCH_FLAGS.map(
      ({ flags: words }) => /--[a-z-]+/.exec(words)?.[0],
    );
    expect(inTable).toEqual(flags);
  });
});
