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
import { namedLimit, type ListenerLimits } from './limits.js';
import type { TokenCheck, TokenVerdict } from './token.js';

/** The WebSocket subprotocol of this version; another is refused. */
export const SUBPROTOCOL = `muster.${PROTOCOL_VERSION}`;

/** Why a request is turned away. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  readonly error: MusterError;
  /** When to come again, for `Retry-After`. */
  readonly seconds?: number;
  /** Whether it counts as a failed login. */
  readonly isFailedLogin?: boolean;
}

/** What of a request is looked at. */
export interface UpgradeRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** Checks path, origin, version and token, in this order. */
export function checkUpgrade(
  { url, headers }: UpgradeRequest,
  checkToken: TokenCheck,
): Refusal | undefined {
  if (url.split('?', 1)[0] !== ENDPOINT_PATH) return wrongPath();
  if (headers.origin !== undefined) return browser();
  const offered = headers['sec-websocket-protocol'];
  if (!isOffered(offered)) return wrongVersion(offered);
  const token = checkToken(headers.authorization);
  return token === 'ok' ? undefined : unauthorized(token);
}

/** A refusal for too many connections. */
export function tooMany(name: keyof ListenerLimits, limit: number): Refusal {
  const message = `too many connections: at most ${limit} (${namedLimit(name)})`;
  return refusal(503, 'ERR_SERVER_UNREACHABLE', message);
}

/** A refusal for too many tokens that were none. */
export function tooManyFailed(limit: number, waitMs: number): Refusal {
  const seconds = Math.ceil(waitMs / 1000);
  const message = `too many logins of this address have failed: at most ${limit} (${namedLimit('maxFailedLogins')}); again in ${seconds} s`;
  return { ...refusal(429, 'ERR_SERVER_UNREACHABLE', message), seconds };
}

/** Answers with the refusal as JSON `{code, message}` and ends the socket. */
export function refuseUpgrade(
  socket: Duplex,
  { status, error, seconds }: Refusal,
): void {
  const body = refusalBody(error);
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/json',
      ...(seconds === undefined ? [] : [`Retry-After: ${seconds}`]),
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
export function browser(): Refusal {
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

/** A refusal of whoever did not show the server's token. */
export function unauthorized(token: Exclude<TokenVerdict, 'ok'>): Refusal {
  if (token === 'other-role') {
    const message = 'token of another role: expected a token for workers';
    return refusal(403, 'ERR_UNAUTHORIZED', message);
  }
  const message = `token ${token}: expected the token that the server was started with`;
  const failed = refusal(401, 'ERR_UNAUTHORIZED', message);
  return { ...failed, isFailedLogin: true };
}

function refusal(status: number, code: ErrorCode, message: string): Refusal {
  return { status, error: new MusterError(code, message) };
}
