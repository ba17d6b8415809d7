/**
 * The stream of one open page. A page that reads slowly costs nothing but its
 * own news: while its socket is full, of what each new one replaces only the
 * newest is kept, the rest waits up to a limit, and beyond it the stream ends,
 * so that the page comes again and is told everything at once.
 */
import type { ServerResponse } from 'node:http';
import { SECURITY_HEADERS } from './answers.js';
import type { EncodedEvent } from './encode-event.js';

/** Most that waits for one page, beside what its socket holds. Bytes. */
export const MAX_WAITING_BYTES = 256 * 1024;

/** A comment: it says that the connection lives. */
const BEAT = Buffer.from(':\n\n');

/** See the head of this file. */
export class PageStream {
  readonly #response: ServerResponse;
  #isFull = false;
  #waiting: EncodedEvent[] = [];
  #waitingBytes = 0;

  /** @param response belongs to this stream from now on. */
  constructor(response: ServerResponse) {
    this.#response = response;
    response.on('drain', () => this.#drained());
    response.on('error', () => response.destroy());
  }

  /** Begins with what happened so far. */
  open(history: readonly EncodedEvent[]): void {
    this.#response.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'close',
      // a proxy in front must not gather it
      'x-accel-buffering': 'no',
    });
    this.#write(Buffer.concat(history.map(({ bytes }) => bytes)));
  }

  /**
   * Sends events, now or when the page has read what came before.
   * @param bytes of all of them; shared, never changed.
   */
  send(events: readonly EncodedEvent[], bytes: Buffer): void {
    if (!this.#isFull) return this.#write(bytes);
    for (const event of events) this.#keep(event);
  }

  #keep(event: EncodedEvent): void {
    if (event.isReplaced) this.#drop(event.type);
    this.#waiting.push(event);
    this.#waitingBytes += event.bytes.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#response.destroy();
  }

  /** Shows that the connection lives, where it is not known to be full. */
  beat(): void {
    if (!this.#isFull) this.#write(BEAT);
  }

  /** Ends it; what was sent still arrives. */
  end(): void {
    this.#response.end();
  }

  #drop(type: EncodedEvent['type']): void {
    const older = this.#waiting.findIndex((event) => event.type === type);
    if (older < 0) return;
    const [event] = this.#waiting.splice(older, 1);
    this.#waitingBytes -= event?.bytes.length ?? 0;
  }

  #drained(): void {
    this.#isFull = false;
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#write(Buffer.concat(waiting.map(({ bytes }) => bytes)));
  }

  #write(bytes: Buffer): void {
    if (this.#response.destroyed) return;
    this.#isFull = !this.#response.write(bytes);
  }
}
