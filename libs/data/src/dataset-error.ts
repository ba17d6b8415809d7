/**
 * The one error of this library. It carries a code of the system's list, so
 * that a process can turn it into its exit code without knowing this class.
 */

/**
 * What went wrong.
 *
 * - `ERR_DATASET_CORRUPT`: a data file or a picture is missing, truncated or
 *   inconsistent.
 * - `ERR_CONFIG`: an argument is out of range.
 */
export type DatasetErrorCode = 'ERR_DATASET_CORRUPT' | 'ERR_CONFIG';

/**
 * An error about data. The message is one lower-case line that names the file
 * or the argument, what was expected, and what was there.
 */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  readonly code: DatasetErrorCode;

  constructor(code: DatasetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Makes the error of a file that is not what it must be. */
export function corrupt(message: string, cause?: unknown): DatasetError {
  return new DatasetError(
    'ERR_DATASET_CORRUPT',
    message,
    cause === undefined ? undefined : { cause },
  );
}

/**
 * Checks that an argument is a whole number within a range.
 *
 * @throws DatasetError ERR_CONFIG that names the argument, the range and the
 *   value.
 */
export function checkWhole(
  name: string,
  value: number,
  low: number,
  high: number,
): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new DatasetError(
    'ERR_CONFIG',
    `${name}: expected a whole number from ${low} to ${high}, got ${value}`,
  );
}
