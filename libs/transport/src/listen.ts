/**
 * The listening side: one HTTP server for the upgrade to WebSocket, on a port
 * or on a unix socket, and for plain requests where somebody answers them.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { MusterError, toMusterError } from '@muster/protocol';
import { WebSocketServer, type ServerOptions } from 'ws';
import { bindServer, type ListenAddress } from './bind-server.js';
import { GOING_AWAY } from './close-codes.js';
import {
  SocketConnection,
  type Connection,
  type ConnectionHandlers,
} from './connection.js';
import { Door } from './door.js';
import { createHttpServer } from './http-server.js';
import {
  listenerLimits,
  type ListenerLimits,
  type Settings,
} from './limits.js';
import { peerCertificate, type PeerCertificate } from './peer-certificate.js';
import {
  checkRequest,
  isDataPath,
  notAnUpgrade,
  refuseRequest,
} from './plain-request.js';
import { hostAndPort, tcpUrl, unixUrl } from './server-url.js';
import {
  ACCEPTED,
  SHARED_MEMORY_HEADER,
  SharedMemory,
} from './shared-memory.js';
import { socketOptions, tuneSocket } from './socket-options.js';
import type { TlsOptions } from './tls-files.js';
import { requireUsableToken, type Tokens } from './token.js';
import { SUBPROTOCOL, refuseUpgrade } from './upgrade.js';

/** Where and for whom to listen. */
export type ListenOptions = ListenAddress & {
  /** Who connects must send this token; without it, anyone may. */
  readonly token?: string | undefined;
  /** Tokens of other roles, which do not pass; nor may they be the same. */
  readonly otherTokens?: Omit<Tokens, 'worker'> | undefined;
  /**
   * Speaks TLS, and nothing else, on a port; with a `ca` every peer has to
   * show a certificate. A unix socket does without.
   */
  readonly tls?: TlsOptions | undefined;
  /** Longest payload a peer may send, in bytes; see `FrameLimits`. */
  readonly maxPayloadBytes?: number | undefined;
  /** The other limits; each has a default. */
  readonly limits?: Settings<ListenerLimits> | undefined;
  /** A peer has passed the door: gives what to do with its packets. */
  readonly onConnection: (connection: Connection) => ConnectionHandlers;
  /**
   * Answers a plain HTTP request below `/data/` that showed the token and came
   * from no browser. Without it every plain request is told to upgrade.
   */
  readonly onRequest?:
    | ((request: IncomingMessage, response: ServerResponse) => void)
    | undefined;
  /** Someone was turned away, or could not even be accepted. */
  readonly onRefused?: (error: MusterError, remote: string) => void;
};

/** A listening server. */
export interface Listener extends AsyncDisposable {
  /** The port in use, also where 0 was asked for; 0 on a unix socket. */
  readonly port: number;
  /** What a worker on this machine dials. */
  readonly url: string;
  /**
   * Takes no more connections, closes those there are with code 1001, and
   * waits until all sockets are gone (within `closeTimeoutMs`). Idempotent.
   */
  close(): Promise<void>;
}

/**
 * Listens. Before a WebSocket exists, path, `Origin`, protocol version, token
 * and the number of connections are checked; the answer to whoever fails is
 * an HTTP status with `{code, message}`.
 *
 * With TLS, the certificate is looked at before anything of this.
 *
 * @throws MusterError ERR_PORT_IN_USE, ERR_CONFIG
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  requireUsableToken(options.token);
  const listener = new SocketListener(options);
  await listener.start();
  return listener;
}

class SocketListener implements Listener {
  port = 0;
  url = '';
  readonly #options: ListenOptions;
  readonly #limits: ListenerLimits;
  /** What it speaks; nothing where it does not speak TLS. */
  readonly #tls: TlsOptions | undefined;
  readonly #door: Door;
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  readonly #connections = new Set<SocketConnection>();
  /** Opened for requests that are being answered. */
  readonly #shared = new WeakMap<IncomingMessage, SharedMemory>();
  #closing: Promise<void> | undefined;

  constructor(options: ListenOptions) {
    const { maxPayloadBytes, limits, token, otherTokens } = options;
    this.#options = options;
    this.#limits = listenerLimits({ ...limits, maxPayloadBytes });
    this.#tls = 'path' in options ? undefined : options.tls;
    const isPlain = this.#tls === undefined;
    const tokens = { ...otherTokens, worker: token };
    const report = (error: MusterError, remote: string) =>
      this.#report(error, remote);
    this.#door = new Door(this.#limits, tokens, isPlain, report);
    this.#http = createHttpServer(this.#limits, this.#tls, report);
    this.#webSockets = new WebSocketServer(serverOptions(this.#limits));
  }

  async start(): Promise<void> {
    const http = this.#http;
    this.#door.guard(http);
    http.on('request', (request, response) => {
      this.#onRequest(request, response);
    });
    http.on('upgrade', (request, socket, head) => {
      this.#onUpgrade(request, socket, head);
    });
    this.#webSockets.on('headers', (headers, request) => {
      if (this.#share(request)) {
        headers.push(`${SHARED_MEMORY_HEADER}: ${ACCEPTED}`);
      }
    });
    await bindServer(http, this.#options);
    const bound = http.address();
    if (typeof bound === 'string') this.url = unixUrl(bound);
    else if (bound) this.#setAddress(bound);
    http.on('error', (error) => this.#report(toMusterError(error), 'network'));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const stopped = new Promise((resolve) => this.#http.close(resolve));
    this.#http.closeAllConnections();
    this.#door.close();
    const connections = [...this.#connections];
    for (const connection of connections) {
      connection.close(GOING_AWAY, 'the server stops listening');
    }
    await Promise.all(connections.map(({ closed }) => closed));
    await stopped;
  }

  #setAddress({ address, port }: AddressInfo): void {
    this.port = port;
    this.url = tcpUrl(address, port, this.#tls ? 'wss' : 'ws');
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const { onRequest } = this.#options;
    if (onRequest === undefined || !isDataPath(request.url)) {
      return refuseRequest(response, notAnUpgrade());
    }
    const { name, address } = remoteOf(request.socket);
    const refusal = this.#door.login(address, (checkToken) =>
      checkRequest(request.headers, checkToken),
    );
    if (refusal) {
      this.#report(refusal.error, name);
      return refuseRequest(response, refusal);
    }
    this.#door.admit(request.socket);
    onRequest(request, response);
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const remote = remoteOf(request.socket);
    const refusal = this.#door.check(request, remote.address);
    if (refusal) {
      this.#report(refusal.error, remote.name);
      return refuseUpgrade(socket, refusal);
    }
    tuneSocket(request.socket);
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { name, address } = remote;
      const certificate = this.#certificateOf(request);
      const connection = new SocketConnection(
        ...([webSocket, name, this.#limits, certificate] as const),
        this.#shared.get(request),
      );
      this.#door.admit(request.socket);
      const guest = { connection, webSocket, socket: request.socket };
      this.#door.watch(guest, address);
      this.#track(connection);
      connection.attach(this.#options.onConnection(connection));
    });
  }

  /** Opens what somebody on this machine offers; tells whether it could. */
  #share(request: IncomingMessage): boolean {
    const offer = request.headers[SHARED_MEMORY_HEADER];
    if (this.#tls || typeof offer !== 'string') return false;
    const shared = SharedMemory.open(offer);
    if (shared) this.#shared.set(request, shared);
    return shared !== undefined;
  }

  /** Only who has an accepted one comes here, where one is required. */
  #certificateOf({ socket }: IncomingMessage): PeerCertificate | undefined {
    if (this.#tls?.ca === undefined) return undefined;
    if (socket instanceof TLSSocket) {
      return peerCertificate(socket, this.#tls.fingerprint);
    }
    throw new MusterError('ERR_INTERNAL', 'a socket without TLS at its door');
  }

  #track(connection: SocketConnection): void {
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }

  #report(error: MusterError, remote: string): void {
    this.#options.onRefused?.(error, remote);
  }
}

function serverOptions(limits: ListenerLimits): ServerOptions {
  return {
    ...socketOptions(limits),
    noServer: true,
    clientTracking: false,
    handleProtocols: () => SUBPROTOCOL,
  };
}

function remoteOf(socket: Socket): { name: string; address: string } {
  const { remoteAddress: address, remotePort } = socket;
  if (address === undefined) return { name: 'unix', address: 'unix' };
  return { name: hostAndPort(address, remotePort ?? 0), address };
}
