/**
 * Which lines of a run's logs are wanted. Pure.
 */
import { MusterError } from '@muster/protocol';
import { LOG_LEVELS } from '@muster/telemetry';
import type { LogLevel } from '@muster/telemetry';
import type { RunLogLine } from './run-logs.js';

/** What was asked for; nothing means everything. */
export interface LogFilter {
  /** Lines of this worker, and of others about it. */
  readonly worker?: string | undefined;
  /** Lines of this server and its standby, and of others about them. */
  readonly server?: number | undefined;
  /** The least important ones. */
  readonly level?: LogLevel | undefined;
  /** From here on. Milliseconds after the run's start. */
  readonly sinceMs?: number | undefined;
}

/**
 * Whether a line is wanted.
 * @param startMs the run's start. Epoch milliseconds.
 */
export function isWanted(
  line: RunLogLine,
  filter: LogFilter,
  startMs: number,
): boolean {
  const { level, sinceMs = 0 } = filter;
  if (line.atMs - startMs < sinceMs) return false;
  if (level && rankOf(line.level) < rankOf(level)) return false;
  return isAbout(line, filter);
}

function rankOf(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level);
}

function isAbout(line: RunLogLine, { worker, server }: LogFilter): boolean {
  if (worker === undefined && server === undefined) return true;
  const { workerId, shard, process } = line.fields;
  const isOfWorker = line.process === worker || workerId === worker;
  const names = [`server-${server}`, `standby-${server}`];
  if (server === 0) names.push('server');
  const isOfServer =
    names.includes(line.process) ||
    shard === server ||
    (typeof process === 'string' && names.includes(process));
  return (
    (worker !== undefined && isOfWorker) || (server !== undefined && isOfServer)
  );
}

/** `90`, `1:30`, `1:02:03.5`: seconds, minutes and hours before them. */
const CLOCK = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$/;

/**
 * Reads a time since the run's start, as the lines show it. Milliseconds.
 * @throws MusterError `ERR_CONFIG`.
 */
export function parseSince(text: string): number {
  const [, hours = '0', minutes = '0', seconds] = CLOCK.exec(text) ?? [];
  if (seconds === undefined) {
    throw new MusterError(
      'ERR_CONFIG',
      `--since: expected a time since the run's start, as 90, 1:30 or 1:02:03, got '${text}'`,
    );
  }
  return 1000 * (3600 * Number(hours) + 60 * Number(minutes) + Number(seconds));
}

/** `0:01.250`, `1:02:03.004`: what {@link parseSince} reads. */
export function formatSince(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  const [hours, minutes] = [
    Math.floor(whole / 3_600_000),
    Math.floor(whole / 60_000) % 60,
  ];
  const seconds = ((whole % 60_000) / 1000).toFixed(3).padStart(6, '0');
  if (hours === 0) return `${minutes}:${seconds}`;
  return `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`;
}
