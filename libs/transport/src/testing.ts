/**
 * What the specs of this library share: a server that writes down what
 * happens to it, and a queue to wait on instead of sleeping.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { MusterError, Packet } from '@muster/protocol';
import { WebSocket } from 'ws';
import type { Connection, ConnectionHandlers } from './connection.js';
import { listen, type ListenOptions, type Listener } from './listen.js';
import { ENDPOINT_PATH } from './server-url.js';
import { SUBPROTOCOL } from './upgrade.js';

/** Values in the order they came; `next` waits for one. */
export class Inbox<T> {
  readonly #values: T[] = [];
  readonly #waiting: ((value: T) => void)[] = [];

  readonly put = (value: T): void => {
    const next = this.#waiting.shift();
    if (next) next(value);
    else this.#values.push(value);
  };

  /** Takes the oldest value; waits until there is one. */
  next(): Promise<T> {
    if (this.#values.length > 0) {
      return Promise.resolve(this.#values.shift() as T);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Values that nobody has taken. */
  get length(): number {
    return this.#values.length;
  }
}

/** Handlers that write down what happens on one end. */
export class Recorder implements ConnectionHandlers {
  readonly packets = new Inbox<Packet>();
  readonly ends = new Inbox<MusterError | undefined>();
  readonly onPacket = (packet: Packet) => this.packets.put(packet);
  readonly onClosed = (error: MusterError | undefined) => this.ends.put(error);
}

/** A server on a free port of loopback; all its connections share a recorder. */
export class RecordingServer extends Recorder implements AsyncDisposable {
  readonly connections = new Inbox<Connection>();
  readonly refusals = new Inbox<MusterError>();
  #listener: Listener | undefined;

  static async start(
    options: Partial<ListenOptions> = {},
  ): Promise<RecordingServer> {
    const server = new RecordingServer();
    const address = { host: '127.0.0.1', port: 0 };
    server.#listener = await listen({
      ...address,
      ...options,
      onConnection: (connection) => server.#accept(connection),
      onRefused: (error) => server.refusals.put(error),
    });
    return server;
  }

  get url(): string {
    return this.#listener?.url ?? '';
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(connection: Connection): ConnectionHandlers {
    this.connections.put(connection);
    return this;
  }
}

/** A WebSocket that is none of ours, so that it can misbehave. */
export function strangeClient(
  server: { readonly port: number },
  headers: Record<string, string> = {},
): WebSocket {
  const url = `ws://127.0.0.1:${server.port}${ENDPOINT_PATH}`;
  return new WebSocket(url, [SUBPROTOCOL], { headers });
}

/** The code and reason a strange client's connection was closed with. */
export function closeOf(
  client: WebSocket,
): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) => {
    client.once('close', (code: number, reason: Buffer) => {
      resolve({ code, reason: reason.toString() });
    });
  });
}

/** Lets any server listen on a free port, and ends it with all its sockets. */
export async function onFreePort(server: Server) {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const dispose = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  const url = `ws://127.0.0.1:${port}`;
  return { url, server, [Symbol.asyncDispose]: dispose };
}

/** A URL where nobody listens any more. */
export async function deadUrl(): Promise<string> {
  await using server = await onFreePort(createServer());
  return server.url;
}

/** Mappings of memory that connections share, in this process. */
export function numMapped(): number {
  const maps = readFileSync('/proc/self/maps', 'utf8');
  return maps.split('memfd:muster-').length - 1;
}
