/**
 * What a WebSocket close code means here: one number for each error code, on
 * the wire and therefore never changed, only added to.
 */
import { ERROR_CODES, MusterError, type ErrorCode } from '@muster/protocol';

/** Close codes 4000 to 4999 are an application's own (RFC 6455, 7.4.2). */
export const CLOSE_CODES: Readonly<Record<ErrorCode, number>> = {
  ERR_INTERNAL: 4000,
  ERR_CONFIG: 4001,
  ERR_DATASET_CORRUPT: 4002,
  ERR_DATASET_MISMATCH: 4003,
  ERR_MODEL_UNSUPPORTED: 4004,
  ERR_MODEL_MISMATCH: 4005,
  ERR_PROTOCOL_VERSION: 4006,
  ERR_UNAUTHORIZED: 4007,
  ERR_MALFORMED_MESSAGE: 4008,
  ERR_FRAME_TOO_LARGE: 4009,
  ERR_NOT_JOINED: 4010,
  ERR_REPLACED: 4011,
  ERR_QUARANTINED: 4012,
  ERR_DRAINING: 4013,
  ERR_REQUEST_TIMEOUT: 4014,
  ERR_CONNECTION_LOST: 4015,
  ERR_SERVER_UNREACHABLE: 4016,
  ERR_PORT_IN_USE: 4017,
  ERR_SHAPE_MISMATCH: 4018,
  ERR_NON_FINITE_GRADIENT: 4019,
  ERR_CHECKPOINT_CORRUPT: 4020,
  ERR_CHECKPOINT_MISMATCH: 4021,
  ERR_CHECKPOINT_WRITE: 4022,
  ERR_RUN_NOT_FOUND: 4023,
  ERR_NO_WORKERS: 4024,
  ERR_PROCESS_FAILED: 4025,
  ERR_BACKEND: 4026,
  ERR_NOT_PRIMARY: 4027,
  ERR_TLS: 4028,
};

/** Ends a connection whose work is done (RFC 6455, 7.4.1). */
export const NORMAL_CLOSE = 1000;
/** Ends the connections of a listener that closes. */
export const GOING_AWAY = 1001;

/** Codes of `ws` itself and of RFC 6455 that tell of a bad frame. */
const STANDARD_CODES: Readonly<Record<number, ErrorCode>> = {
  1002: 'ERR_MALFORMED_MESSAGE',
  1003: 'ERR_MALFORMED_MESSAGE',
  1007: 'ERR_MALFORMED_MESSAGE',
  1008: 'ERR_MALFORMED_MESSAGE',
  1009: 'ERR_FRAME_TOO_LARGE',
};

/** A close frame's reason may have 123 bytes of UTF-8 (RFC 6455, 5.5). */
const MAX_REASON_BYTES = 123;

/** The error a close code stands for; any other code is a lost connection. */
export function errorCodeOf(closeCode: number): ErrorCode {
  const own = ERROR_CODES.find((code) => CLOSE_CODES[code] === closeCode);
  return own ?? STANDARD_CODES[closeCode] ?? 'ERR_CONNECTION_LOST';
}

/**
 * Why a connection ended that the peer, or the network, has ended: undefined
 * after an orderly close (1000, or 1005: none given).
 */
export function closeError(
  remote: string,
  closeCode: number,
  reason: string,
): MusterError | undefined {
  if (closeCode === NORMAL_CLOSE || closeCode === 1005) return undefined;
  const how = reason === '' ? `close code ${closeCode}` : reason;
  return new MusterError(
    errorCodeOf(closeCode),
    closeCode === 1006
      ? `connection to ${remote} lost without a closing handshake`
      : `connection closed by ${remote}: ${how}`,
  );
}

/** A reason cut to what a close frame can hold. */
export function closeReason(text: string): string {
  let reason = text.slice(0, MAX_REASON_BYTES);
  while (Buffer.byteLength(reason) > MAX_REASON_BYTES) {
    reason = reason.slice(0, -1);
  }
  return reason;
}
