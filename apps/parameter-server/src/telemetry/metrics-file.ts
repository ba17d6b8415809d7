/**
 * `metrics.jsonl`: one line a step and two an epoch, for people and plots.
 */
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { rewoundLines } from './rewound-lines.js';
import type { DroppedSteps, RewindPoint } from './rewound-lines.js';

/** A step; by its `type` an epoch, the workers' phases, or a rewind. */
export type MetricsLine = { readonly step: number } & Readonly<
  Record<string, unknown>
>;

/** Who keeps the lines of a run. */
export interface LineFile {
  /**
   * Training goes on from here: see {@link RewindPoint}.
   * @returns which steps are done again, if any.
   */
  rewind(point: RewindPoint): DroppedSteps | undefined;
  /** Adds a line. */
  append(line: MetricsLine): void;
  /** Waits until all lines are written. */
  close(): Promise<void>;
}

/** The same lines for another one too; the first one says what was dropped. */
export function both(first: LineFile, other: LineFile | undefined): LineFile {
  if (other === undefined) return first;
  return {
    rewind: (point) => {
      other.rewind(point);
      return first.rewind(point);
    },
    append: (line) => {
      first.append(line);
      other.append(line);
    },
    close: async () => {
      await Promise.all([first.close(), other.close()]);
    },
  };
}

/**
 * Appends lines; those of steps that are done again are cut off. A line is
 * with the operating system when {@link append} comes back: some microseconds,
 * where a write by libuv's threads takes a processor from the training
 * (pino's files are written so, too), and a process that is killed takes no
 * line with it.
 */
export class MetricsFile implements LineFile {
  readonly #path: string;
  readonly #onFailed: (reason: string) => void;
  /** Its descriptor, from the first {@link rewind} on. */
  #file: number | undefined;
  #hasFailed = false;
  /** What was written last may be half a line. */
  #isTorn = false;

  /**
   * Nothing is written before the first {@link rewind}.
   * @param onFailed hears once why lines are being lost.
   */
  constructor(path: string, onFailed: (reason: string) => void) {
    this.#path = path;
    this.#onFailed = onFailed;
  }

  /**
   * Cuts off what is done again, in a new file with the old one's name: a
   * coordinator that was replaced and wakes up writes into the old one.
   */
  rewind(point: RewindPoint): DroppedSteps | undefined {
    this.#end();
    return this.#attempt(() => {
      const { text, dropped } = rewoundLines(this.#read(), point);
      const next = `${this.#path}.next`;
      writeFileSync(next, text);
      renameSync(next, this.#path);
      this.#file = openSync(this.#path, 'a');
      return dropped;
    });
  }

  /** Adds a line. */
  append(line: MetricsLine): void {
    const file = this.#file;
    if (file === undefined) return;
    const text = `${this.#isTorn ? '\n' : ''}${JSON.stringify(line)}\n`;
    this.#isTorn = true;
    this.#attempt(() => {
      appendFileSync(file, text);
      this.#isTorn = false;
    });
  }

  close(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  #read(): string {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }

  #end(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) this.#attempt(() => closeSync(file));
  }

  /** A full disk must not end a training. */
  #attempt<T>(write: () => T): T | undefined {
    try {
      return write();
    } catch (error) {
      if (!this.#hasFailed) this.#onFailed((error as Error).message);
      this.#hasFailed = true;
      return undefined;
    }
  }
}
