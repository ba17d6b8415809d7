/**
 * What goes out to all open pages together. Every write to a page takes a
 * little of the training's processors, so what happens all the time is
 * gathered for the next write, and the more pages there are the longer it
 * waits. What is rare goes out at once, and takes along what waits.
 */
import type { FeedMessage } from '../feed.js';
import { encodeEvent } from './encode-event.js';
import type { EncodedEvent } from './encode-event.js';

/** Each open page puts the next write off by so much: 50 a second for all. */
export const PER_PAGE_MS = 20;
/** What happens all the time. */
const ROUTINE: ReadonlySet<FeedMessage['type']> = new Set(['points', 'state']);

/** Writes events to all pages; `bytes` are those of all of them. */
export type SendNews = (events: readonly EncodedEvent[], bytes: Buffer) => void;

/** See the head of this file. */
export class PageNews {
  readonly #send: SendNews;
  readonly #numPages: () => number;
  #waiting: EncodedEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sentMs = -Infinity;

  /** @param numPages how many are open at this moment. */
  constructor(send: SendNews, numPages: () => number) {
    this.#send = send;
    this.#numPages = numPages;
  }

  /** Takes a message; of those that the next one replaces only the last. */
  add(message: FeedMessage): void {
    const event = encodeEvent(message);
    if (event.isReplaced) {
      this.#waiting = this.#waiting.filter(({ type }) => type !== event.type);
    }
    this.#waiting.push(event);
    if (!ROUTINE.has(event.type)) return this.flush();
    const dueMs = this.#sentMs + PER_PAGE_MS * this.#numPages();
    // not at once: a state comes right after the points of its moment
    const inMs = Math.max(0, dueMs - performance.now());
    this.#timer ??= setTimeout(() => this.flush(), inMs);
  }

  /** Sends what waits, now. */
  flush(): void {
    const waiting = this.drop();
    if (waiting.length === 0) return;
    this.#sentMs = performance.now();
    this.#send(waiting, Buffer.concat(waiting.map(({ bytes }) => bytes)));
  }

  /** Gives up what waits, and gives it. */
  drop(): readonly EncodedEvent[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}
