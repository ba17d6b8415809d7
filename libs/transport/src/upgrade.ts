/**
 * The door: what an upgrade request must have before a WebSocket exists, and
 * how it is turned away. Whoever is refused here has cost no more than this.
 */
import { STATUS_CODES, type IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  MusterError,
  PROTOCOL_VERSION,
  type ErrorCode,
} from '@muster/protocol';
import { ENDPOINT_PATH } from './server-url.js';
import type { createTokenCheck } from './token.js';

/** The WebSocket subprotocol of this version; another is refused. */
export const SUBPROTOCOL = `muster.${PROTOCOL_VERSION}`;

/** Why a request is turned away. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  readonly error: MusterError;
}

/** What of a request is looked at. */
export interface UpgradeRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** Checks path, origin, version and token, in this order. */
export function checkUpgrade(
  { url, headers }: UpgradeRequest,
  checkToken: ReturnType<typeof createTokenCheck>,
): Refusal | undefined {
  if (url.split('?', 1)[0] !== ENDPOINT_PATH) return wrongPath();
  if (headers.origin !== undefined) return browser();
  const offered = headers['sec-websocket-protocol'];
  if (!isOffered(offered)) return wrongVersion(offered);
  const token = checkToken(headers.authorization);
  return token === 'ok' ? undefined : unauthorized(token);
}

/** A refusal for too many connections. */
export function tooMany(setting: string, limit: number): Refusal {
  const message = `too many connections: at most ${limit} (${setting})`;
  return refusal(503, 'ERR_SERVER_UNREACHABLE', message);
}

/** Answers with the refusal as JSON `{code, message}` and ends the socket. */
export function refuseUpgrade(
  socket: Duplex,
  { status, error }: Refusal,
): void {
  const body = refusalBody(error);
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

/** What goes over the wire of an error. */
export function refusalBody({ code, message }: MusterError): string {
  return JSON.stringify({ code, message });
}

function isOffered(header: string | undefined): boolean {
  const offers = header?.split(',') ?? [];
  return offers.some((offer) => offer.trim() === SUBPROTOCOL);
}

function wrongPath(): Refusal {
  const message = `nothing here: the endpoint is ${ENDPOINT_PATH}`;
  return refusal(404, 'ERR_MALFORMED_MESSAGE', message);
}

/** Only browsers send `Origin`; a page must not reach a local server. */
function browser(): Refusal {
  const message = 'a web page may not connect: expected no Origin header';
  return refusal(403, 'ERR_UNAUTHORIZED', message);
}

function wrongVersion(offered: string | undefined): Refusal {
  const theirs = offered ? `'${offered.slice(0, 80)}'` : 'no version';
  return refusal(
    426,
    'ERR_PROTOCOL_VERSION',
    `other protocol version: this server speaks '${SUBPROTOCOL}', the peer offers ${theirs}`,
  );
}

function unauthorized(token: 'missing' | 'wrong'): Refusal {
  const message = `token ${token}: expected the token that the server was started with`;
  return refusal(401, 'ERR_UNAUTHORIZED', message);
}

function refusal(status: number, code: ErrorCode, message: string): Refusal {
  return { status, error: new MusterError(code, message) };
}
