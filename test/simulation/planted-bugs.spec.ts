/**
 * The checker is checked: every planted bug has to be found, and soon.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { findPlanted, PLANTED_BUGS } from './find-planted.js';

/** Within so many seeds; what needs two faults at once takes the longest. */
const MAX_SEEDS = 400;

describe('a planted bug', () => {
  const lines: string[] = [];

  afterAll(() => {
    console.log(['seeds needed to find a planted bug', ...lines].join('\n'));
  });

  it('is one of at least 30', () => {
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(30);
    const names = PLANTED_BUGS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(PLANTED_BUGS)('is found: $name', (bug) => {
    const found = findPlanted(bug, MAX_SEEDS);
    expect(found, `not found within ${MAX_SEEDS} seeds`).toBeDefined();
    const [violation = ''] = found?.violation.split('\n') ?? [];
    lines.push(
      `${found?.numSeeds}`.padStart(5) + `  ${bug.name} (${violation})`,
    );
  });
});
