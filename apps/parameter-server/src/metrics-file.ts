/**
 * `metrics.jsonl`: one line a step and one an epoch, for people and plots.
 */
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';

/** One line: a step, or an epoch with its evaluation. */
export type MetricsLine = { readonly step: number } & Readonly<
  Record<string, number | string>
>;

/** Appends lines; those beyond the version a run resumes from are cut off. */
export class MetricsFile {
  readonly #stream: WriteStream;

  private constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  /**
   * Opens the file and drops lines of steps above `version`, which a resumed
   * run will do again.
   */
  static async open(path: string, version: number): Promise<MetricsFile> {
    const text = await readFile(path, 'utf8').catch(() => '');
    const kept = text.split('\n').filter((line) => isUpTo(line, version));
    await writeFile(path, kept.map((line) => `${line}\n`).join(''));
    return new MetricsFile(createWriteStream(path, { flags: 'a' }));
  }

  /** Adds a line. */
  append(line: MetricsLine): void {
    this.#stream.write(`${JSON.stringify(line)}\n`);
  }

  /** Waits until all lines are written. */
  async close(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream);
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
