/**
 * Files of JSON lines, of which a process that was killed may have left a
 * line half done.
 */

/** One line's object. */
export type JsonLine = Readonly<Record<string, unknown>>;

/** What a file holds. */
export interface JsonLines {
  readonly lines: readonly JsonLine[];
  /** Numbers of the lines that are none, from 1. */
  readonly damaged: readonly number[];
}

/** Reads a file's text; empty lines are passed over. */
export function parseJsonLines(text: string): JsonLines {
  const lines: JsonLine[] = [];
  const damaged: number[] = [];
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return;
    const value = objectOf(line);
    if (value === undefined) damaged.push(i + 1);
    else lines.push(value);
  });
  return { lines, damaged };
}

/** A number of a line; NaN where it is none, as a loss that was not one is. */
export function numberIn(line: JsonLine, name: string): number {
  const value = line[name];
  return typeof value === 'number' ? value : Number.NaN;
}

/** A text of a line; empty where it is none. */
export function textIn(line: JsonLine, name: string): string {
  const value = line[name];
  return typeof value === 'string' ? value : '';
}

function objectOf(text: string): JsonLine | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    const isObject = typeof value === 'object' && value !== null;
    return isObject && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
