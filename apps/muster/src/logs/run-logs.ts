/**
 * The logs of a run as one list of lines in the order of time. Pure.
 */
import { parseLogLine } from '@muster/telemetry';
import type { LogLine } from '@muster/telemetry';

/** A line, and whose it is. */
export interface RunLogLine extends LogLine {
  /** Name of the log: `worker-0`, `server-0`, `standby-0`, `muster`. */
  readonly process: string;
}

/** What a piece of a log holds. */
export interface LogPart {
  readonly lines: readonly RunLogLine[];
  /** Lines that could not be read. */
  readonly numDamaged: number;
}

/** The name of a process by its file: a server without a number is the first. */
export function processOf(file: string): string {
  const name = file.replace(/\.log$/, '');
  return name === 'server' ? 'server-0' : name;
}

/** Reads whole lines of one log. */
export function parseLogs(process: string, text: string): LogPart {
  const texts = text.split('\n').filter((line) => line !== '');
  const lines = texts.flatMap((one) => {
    const line = parseLogLine(one);
    return line === undefined ? [] : [{ ...line, process }];
  });
  const numDamaged = texts.filter((one) => !isWhole(one)).length;
  return { lines, numDamaged };
}

/** A line that has the beginning of another in front of it is damaged too. */
function isWhole(text: string): boolean {
  if (parseLogLine(text) === undefined) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Merges logs by time. The lines of one log keep their order, also when its
 * machine's clock was set back meanwhile.
 */
export function mergeLogs(parts: readonly LogPart[]): RunLogLine[] {
  const keyed = parts.flatMap(({ lines }) => {
    let latestMs = -Infinity;
    return lines.map((line) => {
      latestMs = Math.max(latestMs, line.atMs);
      return { line, key: latestMs };
    });
  });
  // the sort is stable: equal times keep the order of the logs
  return keyed.sort((a, b) => a.key - b.key).map(({ line }) => line);
}
