/** The pooling: what is kept of a window's four phases. */

/** The first of the greatest phases, plus bias; and which one it was. */
export function storeGreatest(
  sum0: v128,
  sum1: v128,
  sum2: v128,
  sum3: v128,
  bias: usize,
  pooled: usize,
  phases: usize,
): void {
  // pmax gives its first argument where both are equal; a mask is -1
  const upper = f32x4.pmax(sum0, sum1);
  const lower = f32x4.pmax(sum2, sum3);
  const isLower = f32x4.gt(lower, upper);
  const inUpper = i32x4.neg(f32x4.gt(sum1, sum0));
  const inLower = i32x4.sub(i32x4.splat(2), f32x4.gt(sum3, sum2));
  const phase = v128.bitselect(inLower, inUpper, isLower);
  const greatest = f32x4.pmax(upper, lower);
  v128.store(pooled, f32x4.add(greatest, v128.load(bias)));
  const words = i16x8.narrow_i32x4_u(phase, phase);
  v128.store32_lane(phases, i8x16.narrow_i16x8_u(words, words), 0);
}
