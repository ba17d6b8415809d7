/**
 * A file of events that TensorBoard reads while it grows.
 */
import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { restartEvent, summaryEvent, versionEvent } from './events.js';
import type { EventPlace, EventValue } from './events.js';

/** How long events may wait before they are written. */
const FLUSH_MS = 1000;
/** As many bytes are written at once without waiting for more. */
const FLUSH_BYTES = 65_536;
/** What is kept while the disk takes nothing; more events are dropped. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Appends events; a call returns before they are written. */
export class EventFile {
  readonly #folder: string;
  readonly #onFailed: (reason: string) => void;
  #waiting: Buffer[] = [];
  #numWaiting = 0;
  #file: FileHandle | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What is to be written, one after the other. */
  #queue: Promise<void> = Promise.resolve();
  #hasFailed = false;

  /**
   * The file is made in this folder when there is a first event.
   * @param onFailed hears once why events are being lost.
   */
  constructor(folder: string, onFailed: (reason: string) => void) {
    this.#folder = folder;
    this.#onFailed = onFailed;
  }

  /** Adds an event with values. */
  add(place: EventPlace, values: readonly EventValue[]): void {
    this.#append(summaryEvent(place, values));
  }

  /** Makes what was added of this step and later ones void: it comes again. */
  restart(place: EventPlace): void {
    this.#append(restartEvent(place));
  }

  /** Writes what waits, without waiting for it. */
  flush(): void {
    this.#flush();
  }

  /** Writes what waits and closes the file. Nothing may be added after it. */
  async close(): Promise<void> {
    this.#flush();
    await this.#queue;
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
  }

  #append(event: Buffer): void {
    if (this.#numWaiting + event.length > MAX_WAITING_BYTES) {
      return this.#failed('the disk does not keep up');
    }
    this.#waiting.push(event);
    this.#numWaiting += event.length;
    if (this.#numWaiting >= FLUSH_BYTES) this.#flush();
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const events = this.#waiting;
    if (events.length === 0) return;
    this.#waiting = [];
    const bytes = Buffer.concat(events);
    this.#queue = this.#queue
      .then(() => this.#write(bytes))
      .catch((error: unknown) => {
        this.#failed(error instanceof Error ? error.message : String(error));
      })
      .finally(() => {
        this.#numWaiting -= bytes.length;
      });
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#file === undefined) {
      await mkdir(this.#folder, { recursive: true });
      this.#file = await open(join(this.#folder, fileName()), 'wx');
      await this.#file.write(versionEvent(Date.now()));
    }
    await this.#file.write(bytes);
  }

  #failed(reason: string): void {
    if (!this.#hasFailed) this.#onFailed(reason);
    this.#hasFailed = true;
  }
}

/** TensorBoard reads a folder's files in the order of their names. */
function fileName(): string {
  const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
  const thousandths = String(Date.now() % 1000).padStart(3, '0');
  return `events.out.tfevents.${seconds}.${thousandths}.${hostname()}.${process.pid}`;
}
