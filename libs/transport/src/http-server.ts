/**
 * The HTTP server below a listener, with or without TLS, and the limits that
 * Node itself keeps for it.
 */
import {
  createServer,
  type Server,
  type ServerOptions as HttpServerOptions,
} from 'node:http';
import type { MusterError } from '@muster/protocol';
import type { ListenerLimits } from './limits.js';
import type { TlsOptions } from './tls-files.js';
import { createTlsServer } from './tls-server.js';

/** How long a plain answer may lie unread, in windows of the slow. */
const UNREAD_WINDOWS = 3;

/**
 * Makes a server that does not listen yet.
 * @param tls what it speaks; nothing for plain HTTP.
 * @param onRefused hears of whoever TLS has turned away.
 * @throws MusterError ERR_CONFIG for TLS without a certificate
 */
export function createHttpServer(
  limits: ListenerLimits,
  tls: TlsOptions | undefined,
  onRefused: (error: MusterError, remote: string) => void,
): Server {
  const { handshakeTimeoutMs, maxRequestHeaders, slowWindowMs } = limits;
  const http = httpOptions(limits);
  const server = tls
    ? createTlsServer({ http, tls, handshakeTimeoutMs, onRefused })
    : createServer(http);
  server.maxHeadersCount = maxRequestHeaders;
  // who has sent its request and reads no answer; `ws` takes it off
  server.timeout = UNREAD_WINDOWS * slowWindowMs;
  return server;
}

/**
 * The deadline that counts is the door's. Node's own are there in case
 * something slips past it; Node looks for late requests at an interval.
 */
function httpOptions(limits: ListenerLimits): HttpServerOptions {
  const { handshakeTimeoutMs, maxRequestBytes } = limits;
  return {
    headersTimeout: handshakeTimeoutMs,
    requestTimeout: handshakeTimeoutMs,
    keepAliveTimeout: handshakeTimeoutMs,
    connectionsCheckingInterval: handshakeTimeoutMs,
    maxHeaderSize: maxRequestBytes,
  };
}
