/**
 * The logs of a run's processes as one list in the order of time.
 */
import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { numberIn, parseJsonLines, textIn } from './json-lines.js';
import type { JsonLine } from './json-lines.js';

/** One line of a log. */
export interface LogLine {
  /** Whose log it is in: `server-0`, `worker-1`, `muster` of the launcher. */
  readonly process: string;
  /** Unix time in milliseconds. */
  readonly atMs: number;
  readonly event: string;
  /** Everything that the line holds. */
  readonly fields: JsonLine;
}

/** The lines of all logs. */
export interface Logs {
  /** In the order of time. */
  readonly lines: readonly LogLine[];
  /** Lines that could not be read: a SIGKILL cuts one off. */
  readonly numDamaged: number;
}

/** Reads `*.log` of a folder; a folder that is not there has none. */
export async function readLogs(folder: string): Promise<Logs> {
  const all = await readdir(folder).catch(() => []);
  const names = all.filter((name) => name.endsWith('.log')).sort();
  const logs = await Promise.all(
    names.map(async (name) =>
      parseLog(
        basename(name, '.log'),
        await readFile(join(folder, name), 'utf8').catch(() => ''),
      ),
    ),
  );
  const lines = logs.flatMap((log) => log.lines);
  return {
    lines: lines.sort((a, b) => a.atMs - b.atMs),
    numDamaged: logs.reduce((sum, log) => sum + log.numDamaged, 0),
  };
}

/** Reads the text of one log. */
export function parseLog(process: string, text: string): Logs {
  const { lines, damaged } = parseJsonLines(text);
  return {
    numDamaged: damaged.length,
    lines: lines.flatMap((fields) => {
      const atMs = Date.parse(textIn(fields, 'time'));
      const event = textIn(fields, 'event');
      if (Number.isNaN(atMs) || event === '') return [];
      return [{ process, atMs, event, fields }];
    }),
  };
}

/** What a process is, by its name. */
export function kindOf(process: string): 'server' | 'worker' | 'launcher' {
  if (process === 'muster' || process === 'launcher') return 'launcher';
  return /^(server|standby)(-\d+)?$/.test(process) ? 'server' : 'worker';
}

/** A text or a number of a line, as text. */
export function fieldOf({ fields }: LogLine, name: string): string {
  const number = numberIn(fields, name);
  return Number.isNaN(number) ? textIn(fields, name) : String(number);
}
