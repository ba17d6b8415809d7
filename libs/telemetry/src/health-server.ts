/**
 * What a monitoring system asks a process: `/metrics`, whether it is alive
 * (`/healthz`) and whether it can do its work (`/readyz`).
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Registry } from 'prom-client';
import type { Logger } from './logger.js';
import { checkLogin, checkOrigin } from './request-check.js';
import type { Answer, RequestPolicy } from './request-check.js';
import { TelemetryError, reasonOf } from './telemetry-error.js';

/** Whether a process can do its work, and why (not). */
export interface Readiness {
  readonly ready: boolean;
  /** A few words: `training`, `waiting for a worker`. */
  readonly reason: string;
}

/** How a health server is made. */
export interface HealthServerOptions extends RequestPolicy {
  /** 0 takes a free one. */
  readonly port: number;
  readonly registry: Registry;
  /** Asked at each `/readyz`. */
  readonly ready: () => Readiness;
  readonly log?: Logger;
  /** The setting that gave the address, for messages. Default `--metrics-listen`. */
  readonly setting?: string;
}

/** A listening health server. */
export interface HealthServer {
  readonly port: number;
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Stops listening and ends open connections. Idempotent. */
  close(): Promise<void>;
}

/** Longest time a request may take to arrive, in milliseconds. */
const REQUEST_TIMEOUT_MS = 2000;
/** Longest time without a byte in either direction, in milliseconds. */
const IDLE_TIMEOUT_MS = 10_000;
/** Bytes of a request and its headers. */
const MAX_REQUEST_BYTES = 8192;
const MAX_REQUEST_HEADERS = 64;
/** Sockets in all; where one comes too many, the oldest goes. */
const MAX_SOCKETS = 128;

/**
 * Listens; resolves once it does.
 *
 * @throws {@link TelemetryError} `ERR_PORT_IN_USE`, or `ERR_CONFIG` where the
 *   address cannot be listened on for another reason.
 */
export async function startHealthServer(
  options: HealthServerOptions,
): Promise<HealthServer> {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: REQUEST_TIMEOUT_MS / 4,
      maxHeaderSize: MAX_REQUEST_BYTES,
    },
    (request, response) => {
      void respond(options, request, response);
    },
  );
  server.maxHeadersCount = MAX_REQUEST_HEADERS;
  server.timeout = IDLE_TIMEOUT_MS;
  boundSockets(server);
  const port = await listen(server, options);
  server.on('error', (error) => options.log?.error('health-failed', { error }));
  let closing: Promise<void> | undefined;
  return {
    port,
    url: `http://${bracketed(options.host)}:${port}`,
    close: () => (closing ??= closeServer(server)),
  };
}

/** A flood displaces itself: whoever asks has an answer within milliseconds. */
function boundSockets(server: Server): void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const [oldest] = sockets;
    if (sockets.size <= MAX_SOCKETS || oldest === undefined) return;
    sockets.delete(oldest);
    oldest.destroy();
  });
}

function listen(server: Server, options: HealthServerOptions): Promise<number> {
  const { host, port } = options;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, options)));
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function listenError(error: unknown, options: HealthServerOptions) {
  const { host, port, setting = '--metrics-listen' } = options;
  const address = `${bracketed(host)}:${port}`;
  const reason = reasonOf(error);
  return reason === 'EADDRINUSE'
    ? new TelemetryError(
        'ERR_PORT_IN_USE',
        `cannot serve metrics on ${address}: another process listens there; choose another port with ${setting} (0 takes a free one)`,
        { cause: error },
      )
    : new TelemetryError(
        'ERR_CONFIG',
        `cannot serve metrics on ${address}: ${reason}; choose another address with ${setting}`,
        { cause: error },
      );
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function respond(
  options: HealthServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = await answerTo(options, request).catch((error: unknown) => {
    options.log?.error('health-request-failed', {
      error: error instanceof Error ? error : String(error),
    });
    return { status: 500, body: 'internal error, see the log\n' };
  });
  response.writeHead(answer.status, headersOf(answer));
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

function headersOf({ status, type, body }: Answer): Record<string, string> {
  return {
    'content-type': type ?? 'text/plain; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  };
}

async function answerTo(
  options: HealthServerOptions,
  request: IncomingMessage,
): Promise<Answer> {
  const { registry, ready } = options;
  const foreign = checkOrigin(options, request);
  if (foreign) return foreign;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, body: 'only GET and HEAD\n' };
  }
  const [path = ''] = (request.url ?? '').split('?', 1);
  switch (path) {
    case '/metrics': {
      const refused = checkLogin(options, request);
      if (refused) return refused;
      const body = await registry.metrics();
      return { status: 200, type: registry.contentType, body };
    }
    case '/healthz':
      return { status: 200, body: 'alive\n' };
    case '/readyz': {
      const { ready: isReady, reason } = ready();
      return isReady
        ? { status: 200, body: `ready: ${reason}\n` }
        : { status: 503, body: `not ready: ${reason}\n` };
    }
    default:
      return { status: 404, body: 'try /metrics, /healthz or /readyz\n' };
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
