/**
 * One pass that tells both how long a gradient is and whether it is usable.
 */
import { kernels } from './kernels/index.js';

/**
 * Sums the squares of a vector. The square of a float32 is exact in float64
 * and its sum cannot overflow there, so the result is non-finite if and only
 * if some element is NaN or an infinity.
 *
 * The order is fixed: element `i` goes to lane `i mod 4`, and the result is
 * `(lane0 + lane1) + (lane2 + lane3)`, all in float64.
 *
 * @param vector - [length] float32; only read.
 * @returns float64, at least 0, or NaN or Infinity.
 */
export function squaredNorm(vector: Float32Array): number {
  return kernels.squaredNorm(vector);
}
