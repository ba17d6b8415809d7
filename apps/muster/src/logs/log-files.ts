/**
 * The log files of a run, read as far as they are written: again and again
 * while the run goes on.
 */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLogs, processOf } from './run-logs.js';
import type { LogPart } from './run-logs.js';

const LINE_FEED = 10;

/** How far a file was read. */
interface Place {
  offset: number;
  /** The beginning of a line whose end was not there yet. */
  rest: Buffer;
}

/** See the head of this file. */
export class LogFiles {
  readonly #folder: string;
  readonly #places = new Map<string, Place>();

  /** @param folder the run's `logs/`. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Names of the logs that there are, sorted. */
  async names(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => name.endsWith('.log')).sort();
  }

  /**
   * Gives what is new in every log.
   * @param isLast takes the beginning of a line for damaged: no more comes.
   */
  async read(isLast: boolean): Promise<LogPart[]> {
    const names = await this.names();
    return Promise.all(names.map((name) => this.#readOne(name, isLast)));
  }

  async #readOne(name: string, isLast: boolean): Promise<LogPart> {
    const place = this.#places.get(name) ?? { offset: 0, rest: Buffer.of() };
    this.#places.set(name, place);
    const bytes = Buffer.concat([place.rest, await this.#new(name, place)]);
    const end = isLast ? bytes.length : bytes.lastIndexOf(LINE_FEED) + 1;
    place.rest = bytes.subarray(end);
    return parseLogs(processOf(name), bytes.toString('utf8', 0, end));
  }

  /** What was written since the last time. */
  async #new(name: string, place: Place): Promise<Buffer> {
    await using file = await open(join(this.#folder, name));
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(0, size - place.offset));
    const at = { position: place.offset, length: bytes.length };
    const { bytesRead } = await file.read(bytes, at);
    place.offset += bytesRead;
    return bytes.subarray(0, bytesRead);
  }
}
