/**
 * The one error of the whole system: a closed list of codes, what each means,
 * and what a process exits with.
 */

/**
 * What went wrong. Each code has one sentence here, and in `docs/errors.md`.
 *
 * - `ERR_CONFIG`: a setting is unknown, out of range, or contradicts another.
 * - `ERR_DATASET_CORRUPT`: a data file is missing, truncated or inconsistent.
 * - `ERR_DATASET_MISMATCH`: a worker's data is not the run's data.
 * - `ERR_MODEL_UNSUPPORTED`: the network holds a layer that cannot be trained reproducibly.
 * - `ERR_MODEL_MISMATCH`: a worker's network is not the run's network.
 * - `ERR_PROTOCOL_VERSION`: the peer speaks another protocol version.
 * - `ERR_UNAUTHORIZED`: the token is missing or wrong.
 * - `ERR_TLS`: a certificate is missing or not accepted, or only one of two sides speaks TLS.
 * - `ERR_MALFORMED_MESSAGE`: a frame is not a valid message.
 * - `ERR_FRAME_TOO_LARGE`: a frame is larger than this run's frames can be.
 * - `ERR_NOT_JOINED`: a message came before `join`, or from an unknown session.
 * - `ERR_REPLACED`: a newer incarnation of the same worker has joined, or another server has taken over.
 * - `ERR_NOT_PRIMARY`: this server is a standby that has not taken over: ask its primary.
 * - `ERR_QUARANTINED`: the worker was refused too often and may not come back.
 * - `ERR_DRAINING`: the peer is stopping and takes no new work.
 * - `ERR_REQUEST_TIMEOUT`: an answer did not come in time.
 * - `ERR_CONNECTION_LOST`: the connection ended before the answer.
 * - `ERR_SERVER_UNREACHABLE`: nobody listens at the server's address.
 * - `ERR_PORT_IN_USE`: another process listens on the wanted port.
 * - `ERR_SHAPE_MISMATCH`: a slice has another length, key range or number format than the shard's.
 * - `ERR_NON_FINITE_GRADIENT`: a gradient holds NaN or an infinity.
 * - `ERR_CHECKPOINT_CORRUPT`: a checkpoint's checksum, size or manifest is wrong.
 * - `ERR_CHECKPOINT_MISMATCH`: a checkpoint belongs to another configuration.
 * - `ERR_CHECKPOINT_WRITE`: a checkpoint could not be written (training goes on).
 * - `ERR_RUN_NOT_FOUND`: there is no such run, or it has nothing to go on from.
 * - `ERR_NO_WORKERS`: every worker of the run has ended.
 * - `ERR_PROCESS_FAILED`: a process of the cluster ended unexpectedly.
 * - `ERR_BACKEND`: the asked-for TensorFlow.js backend cannot be loaded here.
 * - `ERR_INTERNAL`: a broken invariant: a defect in Muster.
 */
export const ERROR_CODES = [
  'ERR_CONFIG',
  'ERR_DATASET_CORRUPT',
  'ERR_DATASET_MISMATCH',
  'ERR_MODEL_UNSUPPORTED',
  'ERR_MODEL_MISMATCH',
  'ERR_PROTOCOL_VERSION',
  'ERR_UNAUTHORIZED',
  'ERR_TLS',
  'ERR_MALFORMED_MESSAGE',
  'ERR_FRAME_TOO_LARGE',
  'ERR_NOT_JOINED',
  'ERR_REPLACED',
  'ERR_NOT_PRIMARY',
  'ERR_QUARANTINED',
  'ERR_DRAINING',
  'ERR_REQUEST_TIMEOUT',
  'ERR_CONNECTION_LOST',
  'ERR_SERVER_UNREACHABLE',
  'ERR_PORT_IN_USE',
  'ERR_SHAPE_MISMATCH',
  'ERR_NON_FINITE_GRADIENT',
  'ERR_CHECKPOINT_CORRUPT',
  'ERR_CHECKPOINT_MISMATCH',
  'ERR_CHECKPOINT_WRITE',
  'ERR_RUN_NOT_FOUND',
  'ERR_NO_WORKERS',
  'ERR_PROCESS_FAILED',
  'ERR_BACKEND',
  'ERR_INTERNAL',
] as const;

/** One code of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Codes that mean "what you gave me is wrong": exit code 2. */
const BAD_INPUT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ERR_CONFIG',
  'ERR_DATASET_CORRUPT',
  'ERR_DATASET_MISMATCH',
  'ERR_MODEL_UNSUPPORTED',
  'ERR_MODEL_MISMATCH',
  'ERR_RUN_NOT_FOUND',
  'ERR_CHECKPOINT_MISMATCH',
  'ERR_TLS',
]);

/** Codes after which trying again can help. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ERR_CONNECTION_LOST',
  'ERR_REQUEST_TIMEOUT',
  'ERR_SERVER_UNREACHABLE',
  'ERR_NOT_PRIMARY',
]);

/**
 * An error with a code. The message is lower case and names what was being
 * done, what was expected and got, and the setting to turn.
 */
export class MusterError extends Error {
  override readonly name = 'MusterError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Whether doing the same again can succeed. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

function hasKnownCode(error: unknown): error is Error & { code: ErrorCode } {
  return (
    error instanceof Error &&
    'code' in error &&
    (ERROR_CODES as readonly unknown[]).includes(error.code)
  );
}

/**
 * Gives any thrown value as a {@link MusterError}: libraries that import
 * nothing of ours carry a code of the list on their own error class.
 */
export function toMusterError(error: unknown): MusterError {
  if (error instanceof MusterError) return error;
  if (hasKnownCode(error)) {
    return new MusterError(error.code, error.message, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new MusterError('ERR_INTERNAL', message, { cause: error });
}

/** The exit code of a process that ends with this error: 2 bad input, 1 other. */
export function exitCodeOf(code: ErrorCode): 1 | 2 {
  return BAD_INPUT.has(code) ? 2 : 1;
}
