/**
 * For specs: bfloat16 by its definition, number by number.
 */

/** Distance of the smallest numbers. */
const LEAST_STEP = 2 ** -133;
/** A number holds so many steps at most: 8 bits. */
const STEPS = 256;

/** The number of 8 significant bits that is nearest, halves to the even one. */
export function nearestBfloat16(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const size = Math.abs(value);
  let step = LEAST_STEP;
  while (size >= step * STEPS) step *= 2;
  // a power of two divides exactly
  const steps = size / step;
  const below = Math.floor(steps);
  const rest = steps - below;
  const isUp = rest > 0.5 || (rest === 0.5 && below % 2 === 1);
  // 2^128 is beyond float32
  const rounded = Math.fround((isUp ? below + 1 : below) * step);
  return Math.sign(value) * rounded;
}
