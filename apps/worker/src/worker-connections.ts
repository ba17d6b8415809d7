/**
 * A worker's connections, one a link: dials each at its addresses in turn,
 * for as long as the link is wanted, and hands on what is heard.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { toMusterError } from '@muster/protocol';
import type { MusterError, Packet } from '@muster/protocol';
import type { Logger, LogLevel } from '@muster/telemetry';
import { dialWithBackoff } from '@muster/transport';
import type { Connection, TlsOptions } from '@muster/transport';
import { reachableUrl } from './reachable-url.js';

/** The server is trusted; a network of 268 million parameters fits. */
const MAX_PAYLOAD_BYTES = 2 ** 30;
/** One attempt at one address. Milliseconds. */
const ATTEMPT_MS = 2000;
/** Waits between attempts: short, as a server is back within a second. */
const BACKOFF = { baseMs: 50, capMs: 500 };
/** A connection that ended earlier was refused: by a standby, as a rule. */
const SHORT_LIFE_MS = 250;
/** First wait after the second short life in a row, and the longest. */
const REFUSED = { baseMs: 10, capMs: 200 };

/** What connections need of the process around them. */
export interface WorkerConnectionsOptions {
  /** Where link 0 is looked for, beside what the servers say. */
  readonly urls: readonly string[];
  /** How long link 0 is looked for. Milliseconds. */
  readonly giveUpAfterMs: number;
  /** @throws MusterError `ERR_CONFIG`. */
  readonly readToken: () => Promise<string | undefined>;
  /** @throws MusterError `ERR_CONFIG`, `ERR_TLS`. */
  readonly readTls: () => TlsOptions | undefined;
  readonly log: Logger;
  readonly onConnected: (link: number) => void;
  readonly onPacket: (link: number, packet: Packet) => void;
  readonly onClosed: (link: number, error: MusterError | undefined) => void;
  /** Hears once of each connection that is not `open` any more. */
  readonly onEnded: (connection: Connection) => void;
  /** The coordinator was not found, or will not have this worker. */
  readonly onGivenUp: (error: MusterError) => void;
}

/** See the head of this file. */
export class WorkerConnections {
  readonly #options: WorkerConnectionsOptions;
  readonly #connections: (Connection | undefined)[] = [];
  /** Ends what a link dials; a new one for each time it does. */
  readonly #dials: (AbortController | undefined)[] = [];
  /** How often each link was dialled: the next time begins one further on. */
  readonly #numDials: number[] = [];
  readonly #connectedAtMs: number[] = [];
  /** Short lives in a row. */
  readonly #numShort: number[] = [];
  /** Where link 0 was reached. */
  #coordinator = '';
  /** Where the servers have said that link 0 is. */
  #told: readonly string[] = [];
  #isClosed = false;

  constructor(options: WorkerConnectionsOptions) {
    this.#options = options;
  }

  /** Connections that are there. */
  get open(): readonly Connection[] {
    return this.#connections.filter((one) => one !== undefined);
  }

  /** Where the coordinator may be: where it was, and where it was said to be. */
  get addresses(): readonly string[] {
    const told = this.#told.map((url) => reachableUrl(url, this.#coordinator));
    const all = [this.#coordinator, ...told, ...this.#options.urls];
    return [...new Set(all)].filter((url) => url !== '');
  }

  /** Hears where the coordinator and its standby are now. */
  told(urls: readonly string[]): void {
    this.#told = urls;
  }

  /** Sends on a link, if it is there. */
  send(link: number, packet: Packet): void {
    this.#connections[link]?.send(packet);
  }

  /** Destroys a link's connection. */
  terminate(link: number): void {
    this.#connections[link]?.terminate();
  }

  /** Gives up what the link was, and connects it anew. */
  dial(link: number, urls: readonly string[]): void {
    if (this.#isClosed) return;
    this.#dials[link]?.abort();
    const dialling = new AbortController();
    this.#dials[link] = dialling;
    const before = this.#connections[link];
    this.#connections[link] = undefined;
    if (before) this.#options.onEnded(before);
    before?.terminate();
    const own = link === 0 ? this.#options.urls : [];
    const there = urls.map((url) => reachableUrl(url, this.#coordinator));
    const all = [...new Set([...there, ...own])];
    // whoever is silent now is not asked first
    const turn = (this.#numDials[link] ?? 0) % Math.max(1, all.length);
    this.#numDials[link] = turn + 1;
    const turned = [...all.slice(turn), ...all.slice(0, turn)];
    void this.#dial(link, turned, this.#pauseMsOf(link), dialling.signal);
  }

  /** Ends all; resolves when every goodbye has left. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const dialling of this.#dials) dialling?.abort();
    const { open } = this;
    for (const connection of open) connection.close();
    await Promise.all(open.map(({ closed }) => closed));
  }

  /** Whoever ends connections at once is not asked again at once. */
  #pauseMsOf(link: number): number {
    const livedMs = performance.now() - (this.#connectedAtMs[link] ?? 0);
    const wasShort = (this.#numShort[link] ?? 0) + 1;
    const numShort = livedMs < SHORT_LIFE_MS ? wasShort : 0;
    this.#numShort[link] = numShort;
    if (numShort < 2) return 0;
    return Math.min(REFUSED.capMs, REFUSED.baseMs * 2 ** (numShort - 2));
  }

  async #dial(
    link: number,
    urls: readonly string[],
    pauseMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { giveUpAfterMs, log, readToken, readTls } = this.#options;
    let level: LogLevel = 'warn';
    try {
      if (pauseMs > 0) await pause(pauseMs, undefined, { signal });
      const token = await readToken();
      const connection = await dialWithBackoff({
        ...{ urls, token, signal, tls: readTls() },
        timeoutMs: ATTEMPT_MS,
        giveUpAfterMs: link === 0 ? giveUpAfterMs : Infinity,
        backoff: BACKOFF,
        random: Math.random,
        onRetry: ({ message }, delayMs) => {
          log[level]('retry', { link, message, delayMs });
          // one line an event: the same search is told once
          level = 'debug';
        },
        maxPayloadBytes: MAX_PAYLOAD_BYTES,
        handlers: {
          onPacket: (packet, from) => this.#onPacket(link, packet, from),
          onClosed: (error, from) => this.#onClosed(link, error, from),
        },
      });
      if (signal.aborted) return connection.terminate();
      this.#connections[link] = connection;
      if (link === 0) this.#coordinator = connection.remote;
      log.info('connected', { link, url: connection.remote });
      this.#options.onConnected(link);
    } catch (error) {
      if (signal.aborted) return;
      this.#options.onGivenUp(toMusterError(error));
    }
  }

  /** What comes on a connection that was given up is nobody's. */
  #onPacket(link: number, packet: Packet, from: Connection): void {
    if (this.#connections[link] !== from) return;
    this.#options.onPacket(link, packet);
  }

  #onClosed(
    link: number,
    error: MusterError | undefined,
    from: Connection,
  ): void {
    if (this.#connections[link] !== from) return;
    this.#connections[link] = undefined;
    this.#options.onEnded(from);
    this.#options.onClosed(link, error);
  }
}
