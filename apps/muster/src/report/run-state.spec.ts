import { describe, expect, it } from 'vitest';
import type { Summary } from '../run/summary.js';
import { stateOf } from './run-state.js';
import { logLine, recordOf } from './testing-record.js';

const summary = (outcome: Summary['outcome']) =>
  ({ outcome, steps: 3 }) as Summary;
const started = (seconds: number) => logLine(seconds, 'muster', 'run-started');
const failed = { code: 'ERR_NO_WORKERS', message: 'every worker has ended' };

describe('stateOf', () => {
  it.each([
    [
      'finished',
      summary('finished'),
      [started(0), logLine(9, 'muster', 'run-ended')],
    ],
    [
      'stopped',
      summary('drained'),
      [started(0), logLine(9, 'muster', 'run-ended')],
    ],
    [
      'failed',
      undefined,
      [started(0), logLine(9, 'muster', 'run-failed', failed)],
    ],
    // the summary is that of the life before
    [
      'failed',
      summary('drained'),
      [started(0), started(5), logLine(9, 'muster', 'run-failed', failed)],
    ],
    [
      'unfinished',
      summary('drained'),
      [started(0), logLine(3, 'muster', 'run-ended'), started(5)],
    ],
    ['unfinished', undefined, []],
    // without a launcher's log, by the servers'
    [
      'finished',
      summary('finished'),
      [
        logLine(0, 'server', 'process-started'),
        logLine(9, 'server', 'ended', { outcome: 'finished' }),
      ],
    ],
    [
      'failed',
      undefined,
      [
        logLine(0, 'server', 'process-started'),
        logLine(9, 'server', 'ended', { outcome: 'failed', ...failed }),
      ],
    ],
    ['unfinished', undefined, [logLine(0, 'server', 'process-started')]],
  ] as const)('is %s by %o and %o', (word, known, logs) => {
    const state = stateOf(recordOf({ summary: known, logs }));
    expect(state.word).toBe(word);
    expect(state.steps).toBe(3);
    if (word === 'failed') {
      expect(state.text).toContain('every worker has ended (ERR_NO_WORKERS)');
    }
    if (word !== 'finished') expect(state.text).toContain('--resume /runs/r1');
  });

  it('counts the lives of a run that was gone on with', () => {
    const logs = [started(0), started(5), logLine(9, 'muster', 'run-ended')];
    const state = stateOf(recordOf({ summary: summary('finished'), logs }));
    expect(state.lives).toBe(2);
    expect(state.text).toContain('2 lives');
  });
});
