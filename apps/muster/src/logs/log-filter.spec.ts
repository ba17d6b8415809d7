import { describe, expect, it } from 'vitest';
import { readLogsOptions } from './flags.js';
import { formatSince, isWanted, parseSince } from './log-filter.js';
import type { LogFilter } from './log-filter.js';
import { parseLogs } from './run-logs.js';

const START = Date.UTC(2026, 0, 1);

/** Which of some lines a filter lets through, by their events. */
function wanted(filter: LogFilter): string[] {
  const at = (ms: number, level: string, event: string, fields: object) =>
    JSON.stringify({
      ...{ level, time: new Date(START + ms).toISOString(), event, ...fields },
    });
  const lines = [
    ['worker-0', at(0, 'info', 'own', {})],
    ['worker-1', at(1000, 'debug', 'other', {})],
    ['server-0', at(2000, 'warn', 'of-worker', { workerId: 'worker-0' })],
    ['server-0', at(3000, 'error', 'of-shard', { shard: 1 })],
    ['standby-1', at(4000, 'info', 'standby', {})],
    ['muster', at(5000, 'warn', 'exit-0', { process: 'server' })],
    ['muster', at(6000, 'warn', 'exit-1', { process: 'server-1' })],
  ] as const;
  return lines
    .flatMap(([process, text]) => parseLogs(process, text).lines)
    .filter((line) => isWanted(line, filter, START))
    .map(({ event }) => event);
}

describe('isWanted', () => {
  it('lets everything through when nothing was asked for', () => {
    expect(wanted({})).toHaveLength(7);
  });

  it.each<[LogFilter, string[]]>([
    [{ worker: 'worker-0' }, ['own', 'of-worker']],
    [{ worker: 'worker-9' }, []],
    [{ server: 0 }, ['of-worker', 'of-shard', 'exit-0']],
    [{ server: 1 }, ['of-shard', 'standby', 'exit-1']],
    [{ level: 'warn' }, ['of-worker', 'of-shard', 'exit-0', 'exit-1']],
    [{ level: 'error' }, ['of-shard']],
    [{ sinceMs: 4000 }, ['standby', 'exit-0', 'exit-1']],
    [{ worker: 'worker-0', level: 'warn' }, ['of-worker']],
    [
      { worker: 'worker-1', server: 1 },
      ['other', 'of-shard', 'standby', 'exit-1'],
    ],
  ])('by %o lets through %o', (filter, events) => {
    expect(wanted(filter)).toEqual(events);
  });
});

describe('times since the start', () => {
  it.each([
    ['90', 90_000],
    ['1:30', 90_000],
    ['1:02:03', 3_723_000],
    ['0:01.250', 1250],
  ])('%s is %d ms', (text, ms) => {
    expect(parseSince(text)).toBe(ms);
  });

  it.each(['', 'x', '1:', '-5', '5m'])("refuses '%s'", (text) => {
    expect(() => parseSince(text)).toThrow(`got '${text}'`);
  });

  it.each([
    [0, '0:00.000'],
    [1250, '0:01.250'],
    [59_999.6, '1:00.000'],
    [3_723_004, '1:02:03.004'],
    // a clock that was set back shows no negative time
    [-5, '0:00.000'],
  ])('%d ms are shown as %s, and read again', (ms, text) => {
    expect(formatSince(ms)).toBe(text);
    expect(parseSince(text)).toBeCloseTo(Math.max(0, Math.round(ms)), 6);
  });
});

describe('readLogsOptions', () => {
  it('reads what was typed', () => {
    const flags = { worker: 'w', server: '1', level: 'warn', tail: '5' };
    expect(readLogsOptions({ ...flags, since: '10', follow: true })).toEqual({
      filter: { worker: 'w', server: 1, level: 'warn', sinceMs: 10_000 },
      ...{ tail: 5, isFollowed: true, isJson: false },
    });
  });

  it.each([
    [
      { level: 'loud' },
      "--level: expected debug, info, warn, error, got 'loud'",
    ],
    [{ tail: '-1' }, "--tail: expected a whole number of 0 or more, got '-1'"],
    [
      { server: 'x' },
      "--server: expected a whole number of 0 or more, got 'x'",
    ],
  ])('refuses %o', (flags, message) => {
    expect(() => readLogsOptions(flags)).toThrow(message);
  });
});
