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

  /** Drops lines of steps above `version`: they will be done (again). */
  rewind(version: number): void {
    this.#queue = this.#queue.then(() => this.#rewind(version));
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

  async #rewind(version: number): Promise<void> {
    await this.#end();
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    const kept = text.split('\n').filter((line) => isUpTo(line, version));
    await writeFile(this.#path, kept.map((line) => `${line}\n`).join(''));
    this.#stream = createWriteStream(this.#path, { flags: 'a' });
  }

  async #end(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#stream = undefined;
    stream.end();
    await finished(stream);
  }
}

function isUpTo(line: string, version: number): boolean {
  try {
    const { step } = JSON.parse(line) as { step?: unknown };
    return typeof step === 'number' && step <= version;
  } catch {
    return false;
  }
}
