import { describe, expect, it } from 'vitest';
import { judgeRefusal } from './refusal-policy.js';

describe('judgeRefusal', () => {
  it.each([
    // one worker, first and second time: it may be a passing fault
    [1, 1, 0, 'try-elsewhere'],
    [1, 2, 3, 'try-elsewhere'],
    // three times in a row, and others do well
    [1, 3, 1, 'quarantine'],
    // three times in a row, and nobody else to ask
    [1, 3, 0, 'fail-run'],
    // two workers come to the same
    [2, 1, 5, 'fail-run'],
  ] as const)(
    '%i workers failed, %i refusals in a row, %i others: %s',
    (numWorkersFailed, numRefusals, numOthers, verdict) => {
      const refused = { numWorkersFailed, numRefusals, numOthers };
      expect(judgeRefusal(refused)).toBe(verdict);
    },
  );
});
