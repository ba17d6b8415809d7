/**
 * The HTTP server of a door with TLS. Who speaks no TLS, or has no accepted
 * certificate where one is required, is told so and reaches nothing more:
 *
 *     socket -- first byte --> TLS handshake -- certificate --> HTTP, upgrade
 *                   |                               |
 *              no TLS: 426                   not accepted: 403
 */
import { constants } from 'node:crypto';
import type { ServerOptions } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { MusterError } from '@muster/protocol';
import { hostAndPort } from './server-url.js';
import { TLS_VERSIONS } from './socket-options.js';
import { clientCertificateError } from './tls-errors.js';
import type { TlsOptions } from './tls-files.js';
import { refuseUpgrade, type Refusal } from './upgrade.js';

/** The first byte of a TLS handshake record (RFC 8446, 5.1). */
const HANDSHAKE = 0x16;

/** What a door with TLS needs beside Node's options of an HTTP server. */
export interface TlsServerOptions {
  readonly http: ServerOptions;
  /** With a `ca`, every peer has to show a certificate that it has signed. */
  readonly tls: TlsOptions;
  /** From the connection to the end of the TLS handshake. Milliseconds. */
  readonly handshakeTimeoutMs: number;
  readonly onRefused: (error: MusterError, remote: string) => void;
}

/**
 * Makes a server that does not listen yet. Who hangs in a handshake is the
 * caller's to destroy.
 * @throws MusterError ERR_CONFIG without a certificate.
 */
export function createTlsServer(options: TlsServerOptions): Server {
  const { tls, handshakeTimeoutMs } = options;
  if (tls.cert === undefined || tls.key === undefined) {
    throw new MusterError(
      'ERR_CONFIG',
      'a server with --tls-ca needs a certificate of its own: expected --tls-cert and --tls-key',
    );
  }
  const isMutual = tls.ca !== undefined;
  const server = createServer({
    ...options.http,
    ...TLS_VERSIONS,
    honorCipherOrder: true,
    ...{ cert: tls.cert, key: tls.key, ca: tls.ca },
    handshakeTimeout: handshakeTimeoutMs,
    requestCert: isMutual,
    // the peer is to hear why: `#onSecure` lets nobody past
    rejectUnauthorized: false,
    // a session that is taken up again has shown no certificate
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
  const gate = new Gate(server, options, isMutual);
  gate.open();
  return server;
}

/** Stands between the port and the HTTP server. */
class Gate {
  readonly #server: Server;
  readonly #options: TlsServerOptions;
  readonly #isMutual: boolean;
  readonly #startTls: (socket: Socket) => void;
  readonly #startHttp: (socket: Socket) => void;

  constructor(server: Server, options: TlsServerOptions, isMutual: boolean) {
    this.#server = server;
    this.#options = options;
    this.#isMutual = isMutual;
    this.#startTls = takeListener(server, 'connection');
    this.#startHttp = takeListener(server, 'secureConnection');
  }

  open(): void {
    const server = this.#server;
    server.on('connection', (socket: Socket) => this.#onConnection(socket));
    server.on('secureConnection', (socket) => this.#onSecure(socket));
    server.on('tlsClientError', (error, socket) => {
      const { code = 'failed' } = error as NodeJS.ErrnoException;
      const message = `TLS handshake not finished: ${code}`;
      this.#report(new MusterError('ERR_TLS', message), socket);
      socket.destroy();
    });
  }

  /** TLS begins with a byte that no HTTP request begins with. */
  #onConnection(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.once('readable', () => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return void socket.destroy();
      if (chunk[0] !== HANDSHAKE) return this.#refusePlain(socket);
      socket.unshift(chunk);
      this.#startTls(socket);
    });
  }

  #onSecure(socket: TLSSocket): void {
    if (!this.#isMutual) return this.#startHttp(socket);
    const hasOne = Object.keys(socket.getPeerCertificate()).length > 0;
    const isNew = !socket.isSessionReused();
    if (socket.authorized && hasOne && isNew) return this.#startHttp(socket);
    // Node gives the code as text, though its type says an error
    const why = socket.authorizationError as unknown as string;
    const error = clientCertificateError(hasOne ? why : undefined);
    this.#report(error, socket);
    socket.on('error', () => socket.destroy());
    // an answer before the question is none
    socket.once('data', () => refuse(socket, { status: 403, error }));
  }

  #refusePlain(socket: Socket): void {
    const message =
      'this server speaks TLS: expected wss://, got ws:// (--server)';
    const error = new MusterError('ERR_TLS', message);
    this.#report(error, socket);
    refuse(socket, { status: 426, error });
  }

  #report(error: MusterError, socket: Socket): void {
    this.#options.onRefused(error, remoteOf(socket));
  }
}

function remoteOf({ remoteAddress = 'gone', remotePort = 0 }: Socket): string {
  return hostAndPort(remoteAddress, remotePort);
}

/** What is still to come is read, so that the answer is not lost. */
function refuse(socket: Socket, refusal: Refusal): void {
  socket.resume();
  refuseUpgrade(socket, refusal);
}

/** Takes the one listener away that Node has set, and gives it. */
function takeListener(
  server: Server,
  event: 'connection' | 'secureConnection',
): (socket: Socket) => void {
  const listeners = server.listeners(event) as ((socket: Socket) => void)[];
  const [listener] = listeners;
  if (listener === undefined || listeners.length > 1) {
    throw new MusterError('ERR_INTERNAL', `not one listener of '${event}'`);
  }
  server.removeAllListeners(event);
  return (socket) => listener.call(server, socket);
}
