/**
 * The log lines of a run's processes, as one list in the order of time.
 */
import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** One line. */
export interface LogLine {
  /** Whose log it is in: `worker-0`, `server-1`. */
  readonly process: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly event: string;
  /** Everything that the line holds. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads `RUN/logs/*.log`. */
export async function readLogs(runFolder: string): Promise<LogLine[]> {
  const folder = join(runFolder, 'logs');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const texts = await Promise.all(
    files.map((name) => readFile(join(folder, name), 'utf8')),
  );
  const lines = files.flatMap((name, i) =>
    parseLog(basename(name, '.log'), texts[i] ?? ''),
  );
  return lines.sort((a, b) => a.atMs - b.atMs);
}

/**
 * The lines of one log. A line that is no JSON was cut off by a SIGKILL, and
 * is left out. A server without a number is the coordinator.
 */
export function parseLog(name: string, text: string): LogLine[] {
  const process = name === 'server' ? 'server-0' : name;
  return text.split('\n').flatMap((line) => {
    const fields = fieldsOf(line);
    const { time, event } = fields;
    if (typeof time !== 'string' || typeof event !== 'string') return [];
    return [{ process, atMs: Date.parse(time), event, fields }];
  });
}

function fieldsOf(line: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(line) as object) };
  } catch {
    return {};
  }
}
