/**
 * The flags of `muster logs`.
 */
import { MusterError } from '@muster/protocol';
import { LOG_LEVELS } from '@muster/telemetry';
import { parseSince } from './log-filter.js';
import type { LogFilter } from './log-filter.js';

/** In the order of the help. */
export const LOGS_FLAGS = [
  {
    flags: '--worker <NAME>',
    help: 'lines of this worker, and of others about it',
  },
  {
    flags: '--server <NUMBER>',
    help: 'lines of this server and its standby, and of others about them',
  },
  {
    flags: '--level <LEVEL>',
    help: `least important lines: ${LOG_LEVELS.join(', ')}`,
  },
  {
    flags: '--since <TIME>',
    help: "lines from here on, after the run's start: 90, 1:30 or 1:02:03",
  },
  { flags: '--tail <N>', help: 'the last N of these lines' },
  { flags: '--follow', help: 'goes on until the run has ended' },
  { flags: '--json', help: 'the lines as JSON, each with its log' },
] as const;

/** What `muster logs` was asked for. */
export interface LogsOptions {
  readonly filter: LogFilter;
  /** Lines, from the end; all of them when it is undefined. */
  readonly tail: number | undefined;
  readonly isFollowed: boolean;
  readonly isJson: boolean;
}

/**
 * Reads what commander made of the flags.
 * @throws MusterError `ERR_CONFIG`.
 */
export function readLogsOptions(
  flags: Readonly<Record<string, unknown>>,
): LogsOptions {
  const { worker, server, level, since, tail } = flags;
  return {
    filter: {
      worker: textOf(worker),
      server: numberOf('--server', server),
      level: levelOf(level),
      sinceMs: typeof since === 'string' ? parseSince(since) : undefined,
    },
    tail: numberOf('--tail', tail),
    isFollowed: flags['follow'] === true,
    isJson: flags['json'] === true,
  };
}

function levelOf(value: unknown): LogFilter['level'] {
  const level = LOG_LEVELS.find((one) => one === value);
  if (value === undefined || level !== undefined) return level;
  throw wrong('--level', LOG_LEVELS.join(', '), value);
}

function numberOf(flag: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^\d{1,9}$/.test(value)) {
    return Number(value);
  }
  throw wrong(flag, 'a whole number of 0 or more', value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function wrong(flag: string, expected: string, got: unknown): MusterError {
  const text = `${flag}: expected ${expected}, got '${String(got)}'`;
  return new MusterError('ERR_CONFIG', text);
}
