/** For switches over the cases of a union. */
import { MusterError } from '@muster/protocol';

/**
 * The end of a switch that has every case, which the compiler checks.
 *
 * @throws MusterError ERR_INTERNAL
 */
export function unreachable(value: never): never {
  const what = JSON.stringify(value);
  throw new MusterError('ERR_INTERNAL', `a case was forgotten: ${what}`);
}
