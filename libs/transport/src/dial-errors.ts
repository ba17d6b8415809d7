/**
 * What went wrong while dialling, in the words of the settings.
 */
import { ERROR_CODES, MusterError, type ErrorCode } from '@muster/protocol';
import { dialTlsError } from './tls-errors.js';
import { SUBPROTOCOL } from './upgrade.js';

const MAX_QUOTED_CHARACTERS = 300;

/** Nobody listens there, TLS has failed, or it is no WebSocket server. */
export function unreachableError(server: string, cause: Error): MusterError {
  const tlsError = dialTlsError(server, cause);
  if (tlsError !== undefined) return tlsError;
  const { code } = cause as NodeJS.ErrnoException;
  const why = code ?? (cause.message || cause.name);
  return new MusterError(
    'ERR_SERVER_UNREACHABLE',
    `no parameter server at ${server}: ${why} (--server)`,
    { cause },
  );
}

/** The attempt took too long. */
export function lateError(server: string, timeoutMs: number): MusterError {
  return new MusterError(
    'ERR_REQUEST_TIMEOUT',
    `no answer from ${server} within ${timeoutMs} ms (timeoutMs)`,
  );
}

/** A WebSocket server that does not speak our protocol at all. */
export function versionError(
  server: string,
  spoken: string | undefined,
): MusterError {
  return new MusterError(
    'ERR_PROTOCOL_VERSION',
    `${server} speaks another protocol: expected '${SUBPROTOCOL}', got ${spoken ?? 'none'}`,
  );
}

/** The server answered, and not with an upgrade. */
export function refusedError(
  server: string,
  status: number,
  body: string,
): MusterError {
  const { code, message: said } = quoted(body);
  if (code === 'ERR_TLS') {
    const message = `${server} refused the connection: ${said}`;
    return new MusterError('ERR_TLS', message);
  }
  if (status === 401) {
    return new MusterError(
      'ERR_UNAUTHORIZED',
      `${server} refused the connection: ${said} (--token-file or MUSTER_TOKEN_FILE)`,
    );
  }
  if (status === 426) {
    return new MusterError(
      'ERR_PROTOCOL_VERSION',
      `${server} refused the connection: ${said}; this side speaks '${SUBPROTOCOL}'`,
    );
  }
  return new MusterError(
    'ERR_SERVER_UNREACHABLE',
    `no parameter server at ${server}: HTTP status ${status}, ${said} (--server)`,
  );
}

/** The server did not give what a plain request asked for. */
export function answerError(
  server: string,
  path: string,
  status: number,
  body: string,
): MusterError {
  const { code, message } = quoted(body);
  const known = ERROR_CODES.find((one): one is ErrorCode => one === code);
  if (status === 401 || known === undefined || known === 'ERR_TLS') {
    return refusedError(server, status, body);
  }
  return new MusterError(known, `no ${path} at ${server}: ${message}`);
}

/** A body `{code, message}`: the message cut, in visible characters. */
function quoted(body: string): { code?: unknown; message: string } {
  try {
    const { code, message } = JSON.parse(body) as Record<string, unknown>;
    if (typeof message !== 'string') return { message: 'no reason given' };
    const visible = message.replaceAll(/[^\x20-\x7e]/g, '?');
    return { code, message: visible.slice(0, MAX_QUOTED_CHARACTERS) };
  } catch {
    return { message: 'no reason given' };
  }
}
