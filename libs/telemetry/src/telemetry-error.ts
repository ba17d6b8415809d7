/**
 * The error of this library: it imports nothing of ours, and carries a code
 * of the project's closed list on a class of its own.
 */

/**
 * - `ERR_PORT_IN_USE`: another process listens on the wanted port.
 * - `ERR_CONFIG`: an address cannot be listened on, or a log file not opened.
 */
export type TelemetryErrorCode = 'ERR_PORT_IN_USE' | 'ERR_CONFIG';

/** An error with a code that the rest of Muster knows. */
export class TelemetryError extends Error {
  override readonly name = 'TelemetryError';
  readonly code: TelemetryErrorCode;

  constructor(
    code: TelemetryErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
  }
}

/** Gives the system's code of an error (`EADDRINUSE`), or its message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string'
    ? error.code
    : error.message;
}
