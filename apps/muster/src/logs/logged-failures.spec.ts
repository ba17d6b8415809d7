import { describe, expect, it } from 'vitest';
import { earliestText } from '../processes/run-failure.js';
import { LoggedFailures } from './logged-failures.js';
import { parseLogs } from './run-logs.js';

const START = Date.UTC(2026, 0, 1);

/** A log's name, seconds after the start, event, fields. */
type Told = readonly [string, number, string, object?];

/** What a run's logs say that hold these lines. */
function heard(...told: readonly Told[]): LoggedFailures {
  const failures = new LoggedFailures();
  for (const [process, seconds, event, fields] of told) {
    const time = new Date(START + 1000 * seconds).toISOString();
    const line = { level: 'info', time, event, ...fields };
    const { lines } = parseLogs(process, JSON.stringify(line));
    for (const one of lines) failures.add(one);
  }
  return failures;
}

const exit = (
  process: string,
  seconds: number,
  fields: object = { signal: 'SIGKILL' },
): Told => [
  ...(['muster', seconds, 'process-exited'] as const),
  { process, exitCode: null, signal: null, verdict: 'restart', ...fields },
];
const BEGIN: Told = ['muster', 0, 'run-started', { pid: 1, host: 'h' }];
const failedAt = (seconds: number): Told => ['muster', seconds, 'run-failed'];

describe('LoggedFailures', () => {
  it('finds the first death of a process that died again and again', () => {
    const { cause } = heard(
      BEGIN,
      ['worker-1', 1, 'working'],
      exit('worker-1', 60),
      ['worker-1', 62, 'working'],
      exit('worker-1', 120),
      ['worker-1', 122, 'working'],
      exit('worker-1', 180, { signal: 'SIGKILL', verdict: 'fail' }),
      failedAt(180),
    );
    expect(cause).toMatchObject({
      ...{ who: 'worker-1', atMs: START + 60_000 },
      message: 'worker-1 ended (SIGKILL)',
    });
  });

  it("prefers a process's own words, which come before its end", () => {
    const lastLine = 'muster worker: x: expected 9 bytes (ERR_DATASET_CORRUPT)';
    const words = {
      code: 'ERR_DATASET_CORRUPT',
      message: 'x: expected 9 bytes',
    };
    const { cause, startMs } = heard(
      BEGIN,
      ['worker-0', 1, 'stopped', { level: 'error', ...words }],
      exit('worker-0', 1.1, { exitCode: 2, verdict: 'fail', lastLine }),
      failedAt(1.1),
    );
    expect(cause && earliestText(cause, startMs)).toBe(
      'earliest cause: 1.0 s after the start, worker-0: x: expected 9 bytes (ERR_DATASET_CORRUPT); what to do: get the file again (muster doctor tries the data), then go on with --resume',
    );
  });

  it('takes the code out of the last words of a process without a log', () => {
    const lastLine = 'muster server: no (ERR_BACKEND)';
    const { cause } = heard(
      BEGIN,
      exit('server', 1, { exitCode: 1, verdict: 'fail', lastLine }),
      failedAt(1),
    );
    expect(cause).toMatchObject({ who: 'server-0', code: 'ERR_BACKEND' });
  });

  it('does not take a loss that the run has lived with', () => {
    const { cause } = heard(
      BEGIN,
      exit('worker-1', 10),
      ['worker-1', 12, 'working'],
      exit('server', 15, { signal: 'SIGKILL', verdict: 'fail' }),
      failedAt(15),
    );
    expect(cause?.who).toBe('server-0');
  });

  it('takes nothing that came after the failure', () => {
    const { cause } = heard(
      BEGIN,
      exit('server', 10, { signal: 'SIGKILL', verdict: 'fail' }),
      failedAt(10),
      ['worker-0', 11, 'stopped', { level: 'error', message: 'gone' }],
    );
    expect(cause?.who).toBe('server-0');
  });

  it('has no cause while a run goes on, nor of one that has ended well', () => {
    const running = heard(BEGIN, exit('worker-1', 1));
    expect(running).toMatchObject({ state: 'running', cause: undefined });
    expect(running.launcher).toEqual({ pid: 1, host: 'h' });
    const ended = heard(BEGIN, exit('worker-1', 1), ['muster', 2, 'run-ended']);
    expect(ended).toMatchObject({ state: 'ended', cause: undefined });
  });

  it('begins anew with each life of a run', () => {
    const again = heard(
      BEGIN,
      exit('server', 1, { signal: 'SIGKILL', verdict: 'fail' }),
      failedAt(1),
      ['muster', 2, 'run-started', { pid: 2, host: 'h' }],
      exit('worker-0', 3, { signal: 'SIGSEGV', verdict: 'fail' }),
      failedAt(3),
    );
    expect(again.cause?.message).toBe('worker-0 ended (SIGSEGV)');
  });

  it('takes ends that were asked for, and ends with 0, for no failure', () => {
    const { cause } = heard(
      BEGIN,
      exit('worker-0', 1, { exitCode: 0, verdict: 'leave' }),
      exit('worker-1', 1, { signal: 'SIGTERM', verdict: 'expected' }),
      failedAt(2),
    );
    expect(cause).toBeUndefined();
  });
});
