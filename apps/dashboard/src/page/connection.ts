/**
 * The page's end of the stream: opens it, reads it, and opens it again when it
 * is lost. `EventSource` can't send a token, so it is read by hand.
 */
import type { FeedMessage } from '../feed.js';
import { backoffMs } from './backoff.js';
import { EventStream } from './event-stream.js';
import type { TokenStore } from './token.js';

/**
 * Where the connection stands. `waiting` ends with the next try after `ms`;
 * `refused` ends when somebody gives a token; `over` is the end: the run has
 * ended and its server has gone.
 */
export type ConnectionStatus =
  | { readonly is: 'connecting' | 'live' | 'over' }
  | { readonly is: 'waiting'; readonly ms: number; readonly why: string }
  | { readonly is: 'refused'; readonly hadToken: boolean };

/** What a connection tells of. */
export interface ConnectionEvents {
  message(message: FeedMessage): void;
  status(status: ConnectionStatus): void;
  /** Whether the run has ended, as far as the page knows. */
  isEnded(): boolean;
}

/**
 * Silence after which a stream is taken for dead; the server says something
 * every three seconds. Milliseconds.
 */
const SILENCE_MS = 20_000;

/** One page's stream; `run` it once. */
export class FeedConnection {
  readonly #tokens: TokenStore;
  readonly #events: ConnectionEvents;
  #attempt = 0;
  #tokenGiven: (() => void) | undefined;

  constructor(tokens: TokenStore, events: ConnectionEvents) {
    this.#tokens = tokens;
    this.#events = events;
  }

  /** Listens until the run has ended and its server is gone. */
  async run(): Promise<void> {
    for (;;) {
      this.#events.status({ is: 'connecting' });
      const why = await this.#listen();
      if (this.#events.isEnded()) {
        this.#events.status({ is: 'over' });
        return;
      }
      if (why === 'refused') await this.#untilToken();
      else await this.#untilNextTry(why);
    }
  }

  /** Takes the token that a person has given and tries again. */
  useToken(token: string): void {
    this.#tokens.set(token);
    this.#tokenGiven?.();
  }

  /** Reads one stream to its end. @returns why it ended, in words. */
  async #listen(): Promise<string> {
    const stop = new AbortController();
    const watch = new Watch(SILENCE_MS, () => stop.abort());
    try {
      const response = await fetch('/api/events', {
        headers: { ...this.#tokens.headers(), accept: 'text/event-stream' },
        signal: stop.signal,
        cache: 'no-store',
      });
      if (response.status === 401) return 'refused';
      if (!response.ok || !response.body) {
        return `the server answered ${response.status}`;
      }
      this.#events.status({ is: 'live' });
      await this.#read(response.body, watch);
      return 'the connection was lost';
    } catch {
      return stop.signal.aborted
        ? 'the server fell silent'
        : 'the server is out of reach';
    } finally {
      watch.end();
    }
  }

  async #read(body: ReadableStream<Uint8Array>, watch: Watch): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const stream = new EventStream();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      watch.heard();
      for (const { data } of stream.push(
        decoder.decode(value, { stream: true }),
      )) {
        this.#attempt = 0;
        this.#events.message(JSON.parse(data) as FeedMessage);
      }
    }
  }

  #untilToken(): Promise<void> {
    const { isKnown } = this.#tokens;
    this.#events.status({ is: 'refused', hadToken: isKnown });
    return new Promise((resolve) => {
      this.#tokenGiven = resolve;
    });
  }

  #untilNextTry(why: string): Promise<void> {
    const ms = backoffMs(this.#attempt, Math.random());
    this.#attempt += 1;
    this.#events.status({ is: 'waiting', ms, why });
    return new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
  }
}

/** Calls back when nothing was heard for a while. */
class Watch {
  readonly #ms: number;
  readonly #silent: () => void;
  #timer: ReturnType<typeof setTimeout>;

  constructor(ms: number, silent: () => void) {
    this.#ms = ms;
    this.#silent = silent;
    this.#timer = setTimeout(silent, ms);
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#silent, this.#ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
