/**
 * How the live page's server answers: the headers that keep a browser from
 * doing more for a page than ours needs, and errors as JSON.
 */
import type { ServerResponse } from 'node:http';
import type { ErrorCode } from '@muster/protocol';

/**
 * Nothing but this server's own scripts, styles and pictures; nobody may put
 * the page in a frame, and it may not ask anybody else.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(body);
}

/** Says no, and why: `{code, message}`. What is left unread is not read. */
export function refuse(
  response: ServerResponse,
  status: number,
  error: { readonly code: ErrorCode; readonly message: string },
  headers: Readonly<Record<string, string>> = {},
): void {
  const { code, message } = error;
  const closing = { connection: 'close', ...headers };
  sendJson(response, status, { code, message }, closing);
}
