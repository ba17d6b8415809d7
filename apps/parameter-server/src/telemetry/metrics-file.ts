/**
 * `metrics.jsonl`: one line a step and two an epoch, for people and plots.
 */
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';

/** A step; by its `type` an epoch, the workers' phases, or a rewind. */
export type MetricsLine = { readonly step: number } & Readonly<
  Record<string, unknown>
>;

/** Steps whose lines were cut off. */
export interface DroppedSteps {
  readonly count: number;
  /** When the last of them was applied. Unix time in milliseconds. */
  readonly lastAtMs: number;
}

/** Who keeps the lines of a run. */
export interface LineFile {
  /**
   * What was said of steps above `version` is void: they are done (again).
   * @param atMs Unix time in milliseconds.
   * @param numEpochs whose evaluation counts: a later one comes again.
   * @returns which steps those were, if there were any.
   */
  rewind(
    version: number,
    atMs: number,
    numEpochs: number,
  ): Promise<DroppedSteps | undefined>;
  /** Adds a line. */
  append(line: MetricsLine): void;
  /** Waits until all lines are written. */
  close(): Promise<void>;
}

/** The same lines for another one too; the first one says what was dropped. */
export function both(first: LineFile, other: LineFile | undefined): LineFile {
  if (other === undefined) return first;
  return {
    rewind: (...to) => {
      void other.rewind(...to);
      return first.rewind(...to);
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

/** Appends lines; those of steps that are done again are cut off. */
export class MetricsFile implements LineFile {
  readonly #path: string;
  #stream: WriteStream | undefined;
  /** What is to be done, one after the other. */
  #queue: Promise<void> = Promise.resolve();

  /** Nothing is written before the first {@link rewind}. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Drops lines of steps above `version`, and evaluations that come again.
   * Where there were such steps, a line says so, which stays.
   */
  rewind(
    version: number,
    atMs: number,
    numEpochs: number,
  ): Promise<DroppedSteps | undefined> {
    const rewound = this.#queue.then(() =>
      this.#rewind(version, atMs, numEpochs),
    );
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

  async #rewind(
    version: number,
    atMs: number,
    numEpochs: number,
  ): Promise<DroppedSteps | undefined> {
    await this.#end();
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    const lines = text.split('\n').flatMap((line) => parsed(line));
    const kept = lines.filter(
      ({ step, type, epoch }) =>
        type === 'rewind' ||
        (step <= version && !(type === 'epoch' && Number(epoch) > numEpochs)),
    );
    const dropped = lines.filter(
      ({ step, type }) => step > version && type === undefined,
    );
    const from = dropped.at(-1)?.step;
    const note = { step: version, type: 'rewind', atMs, from };
    const texts = kept.map(({ text: line }) => line);
    if (from !== undefined) texts.push(JSON.stringify(note));
    await writeFile(this.#path, texts.map((line) => `${line}\n`).join(''));
    this.#stream = createWriteStream(this.#path, { flags: 'a' });
    return droppedOf(dropped);
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
  readonly epoch?: unknown;
  readonly atMs?: unknown;
}

/** A line's fields; nothing of a line that was torn off. */
function parsed(text: string): ParsedLine[] {
  try {
    const fields = JSON.parse(text) as Record<string, unknown>;
    const { step, ...more } = fields;
    return typeof step === 'number' ? [{ ...more, text, step }] : [];
  } catch {
    return [];
  }
}

function droppedOf(steps: readonly ParsedLine[]): DroppedSteps | undefined {
  const lastAtMs = Number(steps.at(-1)?.atMs);
  if (!Number.isFinite(lastAtMs)) return undefined;
  return { count: steps.length, lastAtMs };
}
