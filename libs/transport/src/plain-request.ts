/**
 * Plain HTTP at the door: whoever wants something below `/data/` shows the
 * token as for an upgrade; anything else is told to upgrade.
 */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { MusterError } from '@muster/protocol';
import type { TokenCheck } from './token.js';
import { browser, refusalBody, unauthorized, type Refusal } from './upgrade.js';

/** Whether a plain request may be somebody's to answer. */
export function isDataPath(url = ''): boolean {
  return url.startsWith('/data/');
}

/** Checks origin and token, in this order. */
export function checkRequest(
  headers: IncomingHttpHeaders,
  checkToken: TokenCheck,
): Refusal | undefined {
  if (headers.origin !== undefined) return browser();
  const token = checkToken(headers.authorization);
  return token === 'ok' ? undefined : unauthorized(token);
}

/** The answer to a request that nobody serves. */
export function notAnUpgrade(): Refusal {
  const message = 'this port speaks WebSocket: expected an upgrade request';
  const error = new MusterError('ERR_MALFORMED_MESSAGE', message);
  return { status: 426, error };
}

/** Answers with the refusal as JSON `{code, message}` and ends the socket. */
export function refuseRequest(
  response: ServerResponse,
  { status, error, seconds }: Refusal,
): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    ...(seconds !== undefined && { 'Retry-After': seconds }),
    ...(status === 426 && { Upgrade: 'websocket' }),
    Connection: 'close',
  });
  response.end(refusalBody(error));
}
