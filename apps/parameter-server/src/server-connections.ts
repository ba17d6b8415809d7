/**
 * The connections of a server by the number that the brain knows them by:
 * those that came in, and those that it makes itself.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { encodeFrame, MusterError, toMusterError } from '@muster/protocol';
import type { Packet } from '@muster/protocol';
import type { ServerEffect, ServerEvent, ServerLink } from '@muster/cluster';
import { dial } from '@muster/transport';
import type {
  Connection,
  ConnectionHandlers,
  TlsOptions,
} from '@muster/transport';
import { certificateRefusal } from './certificate-refusal.js';

/** How long one attempt at one address may take. Milliseconds. */
const DIAL_TIMEOUT_MS = 1000;
/**
 * When the next address is tried as well. A process that is frozen accepts
 * connections and says nothing: whoever has taken over is behind it.
 */
const HEAD_START_MS = 150;

/** What connections need of the process around them. */
export interface ConnectionsOptions {
  readonly token: string | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Longest payload that another server may send. Bytes. */
  readonly maxPayloadBytes: number;
  /** Addresses of each link, the likeliest first. */
  readonly addresses: Readonly<Record<ServerLink, readonly string[]>>;
  readonly handle: (event: ServerEvent) => void;
  readonly onClosed: (connection: Connection, error?: MusterError) => void;
  /** What somebody said does not go with the certificate that it showed. */
  readonly onRefused?: (error: MusterError, remote: string) => void;
  readonly onRetry: (link: ServerLink, url: string, reason: string) => void;
}

/** See the head of this file. */
export class ServerConnections {
  readonly #options: ConnectionsOptions;
  readonly #connections = new Map<number, Connection>();
  readonly #abort = new AbortController();
  /** Where the next attempt of a link begins. */
  readonly #attempts = { coordinator: 0, primary: 0 };
  #nextId = 1;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** All that are there. */
  get all(): Connection[] {
    return [...this.#connections.values()];
  }

  /** A connection by its number, while it is there. */
  get(id: number): Connection | undefined {
    return this.#connections.get(id);
  }

  /** The same packet to several: encoded once. */
  broadcast({
    connections,
    packet,
  }: Extract<ServerEffect, { type: 'broadcast' }>): void {
    if (connections.length === 0) return;
    const frame = encodeFrame(packet);
    for (const id of connections) this.get(id)?.sendEncoded(frame);
  }

  /** Takes one in that somebody else has made. */
  accept(connection: Connection): ConnectionHandlers {
    const id = this.#add(connection);
    this.#options.handle({ type: 'connected', connection: id });
    const { onPacket, ...handlers } = this.#handlersOf(id, () => connection);
    const { certificate } = connection;
    if (certificate === undefined) return { onPacket, ...handlers };
    return {
      ...handlers,
      onPacket: (packet, from) => {
        const refusal = certificateRefusal(certificate, packet.message);
        if (refusal === undefined) onPacket(packet, from);
        else this.#refuse(connection, refusal);
      },
    };
  }

  /** Tries each address of a link once; an event tells what came of it. */
  async dial(link: ServerLink): Promise<void> {
    const { addresses, handle } = this.#options;
    const urls = addresses[link];
    const turn = this.#attempts[link]++ % Math.max(1, urls.length);
    const turned = [...urls.slice(turn), ...urls.slice(0, turn)];
    const connection = await this.#firstOf(link, turned);
    if (this.#abort.signal.aborted) return;
    handle(
      connection === undefined
        ? { type: 'unreachable', link }
        : { type: 'linked', link, connection },
    );
  }

  /** Stops dialling. */
  stop(): void {
    this.#abort.abort();
  }

  /** Who answers first, if anybody does. */
  async #firstOf(
    link: ServerLink,
    urls: readonly string[],
  ): Promise<number | undefined> {
    const race = new AbortController();
    const signal = AbortSignal.any([race.signal, this.#abort.signal]);
    let turn = Promise.resolve();
    const attempts = urls.map((url) => {
      const attempt = turn.then(() => this.#tryDial(link, url, signal));
      const headStart = turn.then(() =>
        pause(HEAD_START_MS, undefined, { signal }),
      );
      turn = Promise.race([attempt, headStart]).then(
        () => undefined,
        () => undefined,
      );
      return attempt.then((connection) => {
        race.abort();
        return connection;
      });
    });
    return Promise.any(attempts).catch(() => undefined);
  }

  /** @throws what has ended the attempt. */
  async #tryDial(
    link: ServerLink,
    url: string,
    signal: AbortSignal,
  ): Promise<number> {
    const { token, tls, maxPayloadBytes } = this.#options;
    const id = this.#nextId++;
    let connection: Connection | undefined;
    try {
      connection = await dial({
        ...{ url, token, tls, maxPayloadBytes, signal },
        timeoutMs: DIAL_TIMEOUT_MS,
        handlers: this.#handlersOf(id, () => connection),
      });
    } catch (error) {
      if (!signal.aborted) {
        this.#options.onRetry(link, url, toMusterError(error).message);
      }
      throw error;
    }
    if (signal.aborted) connection.terminate();
    signal.throwIfAborted();
    this.#connections.set(id, connection);
    return id;
  }

  #refuse(connection: Connection, message: string): void {
    const error = new MusterError('ERR_TLS', message);
    const { code } = error;
    connection.send({ message: { type: 'refused', code, message } });
    connection.fail(error);
    this.#options.onRefused?.(error, connection.remote);
  }

  #add(connection: Connection): number {
    const id = this.#nextId++;
    this.#connections.set(id, connection);
    return id;
  }

  #handlersOf(
    id: number,
    connectionOf: () => Connection | undefined,
  ): ConnectionHandlers {
    const { handle, onClosed } = this.#options;
    return {
      onPacket: (packet: Packet) => {
        handle({ type: 'packet', connection: id, packet });
      },
      onClosed: (error) => {
        const connection = connectionOf();
        this.#connections.delete(id);
        if (connection) onClosed(connection, error);
        handle({ type: 'disconnected', connection: id });
      },
    };
  }
}
