/**
 * Powers with the same bits on every engine: ECMAScript leaves `Math.pow` and
 * `**` implementation-approximated, and V8 has changed them between versions.
 */

/**
 * Raises to a whole power by squaring, with float64 multiplications only (each
 * correctly rounded by IEEE 754, so that every engine gives the same bits).
 * Exponent bits are taken from the lowest upward.
 *
 * @param exponent - a whole number from 0.
 */
export function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
