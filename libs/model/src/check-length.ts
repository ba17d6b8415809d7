/** The one check of what a caller hands in as an array. */
import { MusterError } from '@muster/protocol';

/**
 * Checks an array's length.
 *
 * @throws MusterError ERR_SHAPE_MISMATCH that names the array and both lengths
 */
export function checkLength(name: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new MusterError(
    'ERR_SHAPE_MISMATCH',
    `'${name}' has ${got} elements, expected ${expected}`,
  );
}
