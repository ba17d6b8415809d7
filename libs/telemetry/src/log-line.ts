/**
 * A line of a log, read back.
 */
import { LOG_LEVELS } from './logger.js';
import type { LogLevel } from './logger.js';

/** A line as its fields. */
export interface LogLine {
  /** When it was written. Epoch milliseconds. */
  readonly atMs: number;
  readonly level: LogLevel;
  /** What happened: `worker-joined`. */
  readonly event: string;
  /** Everything that the line holds, these three too. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** How our lines begin. */
const BEGINNING = '{"level":"';

/**
 * Reads a line; undefined when it is none of a log. A process that was killed
 * may leave half a line, and its next life goes on right behind it: then the
 * whole line at the end is given.
 */
export function parseLogLine(text: string): LogLine | undefined {
  const begin = text.lastIndexOf(BEGINNING);
  if (begin < 0) return undefined;
  // a message may hold a line of a log itself: the longest that can be read
  const line = lineOf(text);
  return line ?? (begin > 0 ? lineOf(text.slice(begin)) : undefined);
}

function lineOf(text: string): LogLine | undefined {
  const fields = fieldsOf(text);
  const { time, event, level } = fields ?? {};
  const atMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (fields === undefined || Number.isNaN(atMs)) return undefined;
  if (typeof event !== 'string' || !isLevel(level)) return undefined;
  return { atMs, level, event, fields };
}

function isLevel(value: unknown): value is LogLevel {
  return (LOG_LEVELS as readonly unknown[]).includes(value);
}

function fieldsOf(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
