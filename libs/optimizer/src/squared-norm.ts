/**
 * One pass that tells both how long a gradient is and whether it is usable.
 */

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
  const { length } = vector;
  const whole = length - (length % 4);
  let lane0 = 0;
  let lane1 = 0;
  let lane2 = 0;
  let lane3 = 0;
  for (let i = 0; i < whole; i += 4) {
    const a = vector[i] as number;
    const b = vector[i + 1] as number;
    const c = vector[i + 2] as number;
    const d = vector[i + 3] as number;
    lane0 += a * a;
    lane1 += b * b;
    lane2 += c * c;
    lane3 += d * d;
  }
  // At most three are left; a missing one adds the square of 0.
  const a = vector[whole] ?? 0;
  const b = vector[whole + 1] ?? 0;
  const c = vector[whole + 2] ?? 0;
  lane0 += a * a;
  lane1 += b * b;
  lane2 += c * c;
  return lane0 + lane1 + (lane2 + lane3);
}
