/**
 * `metrics.jsonl`: one line a step and two an epoch, for people and plots.
 */
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';

/** One line: a step, an epoch with its evaluation, or the workers' phases. */
export type MetricsLine = { readonly step: number } & Readonly<
  Record<string, unknown>
>;

/** Steps whose lines were cut off. */
export interface DroppedSteps {
  readonly count: number;
  /** When the last of them was applied. Unix time in milliseconds. */
  readonly lastAtMs: number;
}

/** Appends lines; those of steps that are done again are cut off. */
export class MetricsFile {
  readonly #path: string;
  #stream: WriteStream | undefined;
  /** What is to be done, one after the other. */
  #queue: Promise<void> = Promise.resolve();

  /** Nothing is written before the first {@link rewind}. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Drops lines of steps above `version`: they will be done (again).
   * @returns which those were, if there were any.
   */
  rewind(version: number): Promise<DroppedSteps | undefined> {
    const rewound = this.#queue.then(() => this.#rewind(version));
    this.#queue = rewound.then(() => undefined);
    return rewound;
  }

  /** Adds a line. */
  append(line: MetricsLine): void {
    const text = `${JSON.stringify(line)}\n`;
    this.#queue = this.#queue.then(() => void this.#stream?.write(text));
  }

  /** Waits until all lines are written. */
  async close(): Promise<void> {
    await this.#queue;
    await this.#end();
  }

  async #rewind(version: number): Promise<DroppedSteps | undefined> {
    await this.#end();
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    const lines = text.split('\n').flatMap((line) => parsed(line));
    const kept = lines.filter(({ step }) => step <= version);
    const rest = kept.map(({ text: line }) => `${line}\n`).join('');
    await writeFile(this.#path, rest);
    this.#stream = createWriteStream(this.#path, { flags: 'a' });
    return droppedOf(lines.filter(({ step }) => step > version));
  }

  async #end(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#stream = undefined;
    stream.end();
    await finished(stream);
  }
}

interface ParsedLine {
  readonly text: string;
  readonly step: number;
  readonly type?: unknown;
  readonly atMs?: unknown;
}

/** A line's fields; nothing of a line that was torn off. */
function parsed(text: string): ParsedLine[] {
  try {
    const fields = JSON.parse(text) as Record<string, unknown>;
    const { step, type, atMs } = fields;
    return typeof step === 'number' ? [{ text, step, type, atMs }] : [];
  } catch {
    return [];
  }
}

function droppedOf(lines: readonly ParsedLine[]): DroppedSteps | undefined {
  const steps = lines.filter(({ type }) => type === undefined);
  const lastAtMs = Number(steps.at(-1)?.atMs);
  if (!Number.isFinite(lastAtMs)) return undefined;
  return { count: steps.length, lastAtMs };
}
