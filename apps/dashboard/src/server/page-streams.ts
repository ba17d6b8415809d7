/**
 * All open pages. The feed is listened to only while there is one.
 */
import type { ServerResponse } from 'node:http';
import type { Feed } from '../feed.js';
import { refuse } from './answers.js';
import { encodeEvent } from './encode-event.js';
import { PageNews } from './page-news.js';
import { PageStream } from './page-stream.js';

/** Most pages at once. */
export const MAX_STREAMS = 200;
/** From one sign of life to the next; idle sockets end after 10 s. */
const BEAT_MS = 3000;

/** See the head of this file. */
export class PageStreams {
  readonly #feed: Feed;
  readonly #streams = new Set<PageStream>();
  readonly #news = new PageNews(
    (events, bytes) => {
      for (const stream of this.#streams) stream.send(events, bytes);
    },
    () => this.#streams.size,
  );
  #unsubscribe: (() => void) | undefined;
  #beats: NodeJS.Timeout | undefined;
  #onLastClosed: (() => void) | undefined;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  /** Pages that are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** Begins a stream, or says that there are too many; tells which. */
  open(response: ServerResponse): boolean {
    if (this.#streams.size >= MAX_STREAMS) {
      const message = `too many open pages: at most ${MAX_STREAMS}; close one and load this page again`;
      const error = { code: 'ERR_SERVER_UNREACHABLE', message } as const;
      refuse(response, 503, error, { 'retry-after': '5' });
      return false;
    }
    if (this.#streams.size === 0) this.#begin();
    const stream = new PageStream(response);
    const history = this.#feed.history().map(encodeEvent);
    // what is in there is no news to this page
    this.#news.flush();
    stream.open(history);
    this.#streams.add(stream);
    response.once('close', () => this.#closed(stream));
    return true;
  }

  /** Ends all, and resolves when each has read what was sent, or is gone. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#onLastClosed = resolve;
    });
    if (this.#streams.size === 0) this.#onLastClosed?.();
    this.#news.flush();
    for (const stream of this.#streams) stream.end();
    return closed;
  }

  #begin(): void {
    this.#unsubscribe = this.#feed.subscribe((news) => this.#news.add(news));
    this.#beats = setInterval(() => {
      for (const stream of this.#streams) stream.beat();
    }, BEAT_MS);
  }

  #closed(stream: PageStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#beats);
    this.#news.drop();
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#onLastClosed?.();
  }
}
