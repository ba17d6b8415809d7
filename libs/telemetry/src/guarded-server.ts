/**
 * An HTTP server for people and monitoring systems beside a training: with
 * limits so narrow that no flood and no dawdler costs it anything.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { TelemetryError, reasonOf } from './telemetry-error.js';

/** Longest time a request may take to arrive, in milliseconds. */
const REQUEST_TIMEOUT_MS = 2000;
/** Longest time without a byte in either direction, in milliseconds. */
const IDLE_TIMEOUT_MS = 10_000;
/** Bytes of a request and its headers. */
const MAX_REQUEST_BYTES = 8192;
const MAX_REQUEST_HEADERS = 64;
/** Sockets in all; where one comes too many, the oldest goes. */
const MAX_SOCKETS = 128;

/** How a guarded server is made. */
export interface GuardedServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What is served, for messages: `metrics`. */
  readonly what: string;
  /** The setting that gave the address, for messages. */
  readonly setting: string;
  /**
   * Answers a request.
   * @param keep takes its socket out of those of which the oldest goes where
   *   there are too many: the caller counts it from then on.
   */
  readonly respond: (
    request: IncomingMessage,
    response: ServerResponse,
    keep: () => void,
  ) => void;
  /** Hears of what went wrong beside any request. */
  readonly onError: (error: Error) => void;
}

/** A listening server. */
export interface GuardedServer {
  readonly port: number;
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Stops listening and ends open connections. Idempotent. */
  close(): Promise<void>;
}

/**
 * Listens; resolves once it does.
 *
 * @throws {@link TelemetryError} `ERR_PORT_IN_USE`, or `ERR_CONFIG` where the
 *   address cannot be listened on for another reason.
 */
export async function startGuardedServer(
  options: GuardedServerOptions,
): Promise<GuardedServer> {
  const server = createServer({
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: REQUEST_TIMEOUT_MS / 4,
    maxHeaderSize: MAX_REQUEST_BYTES,
  });
  const sockets = boundSockets(server);
  server.on('request', (request, response) => {
    const keep = () => void sockets.delete(request.socket);
    options.respond(request, response, keep);
  });
  server.maxHeadersCount = MAX_REQUEST_HEADERS;
  server.timeout = IDLE_TIMEOUT_MS;
  const port = await listen(server, options);
  server.on('error', options.onError);
  let closing: Promise<void> | undefined;
  return {
    port,
    url: `http://${bracketed(options.host)}:${port}`,
    close: () => (closing ??= closeServer(server)),
  };
}

/** A flood displaces itself: whoever asks has an answer within milliseconds. */
function boundSockets(server: Server): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const [oldest] = sockets;
    if (sockets.size <= MAX_SOCKETS || oldest === undefined) return;
    sockets.delete(oldest);
    oldest.destroy();
  });
  return sockets;
}

function listen(
  server: Server,
  options: GuardedServerOptions,
): Promise<number> {
  const { host, port } = options;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, options)));
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function listenError(error: unknown, options: GuardedServerOptions) {
  const { host, port, what, setting } = options;
  const address = `${bracketed(host)}:${port}`;
  const reason = reasonOf(error);
  return reason === 'EADDRINUSE'
    ? new TelemetryError(
        'ERR_PORT_IN_USE',
        `cannot serve ${what} on ${address}: another process listens there; choose another port with ${setting} (0 takes a free one)`,
        { cause: error },
      )
    : new TelemetryError(
        'ERR_CONFIG',
        `cannot serve ${what} on ${address}: ${reason}; choose another address with ${setting}`,
        { cause: error },
      );
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
