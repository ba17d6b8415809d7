/**
 * Addition, scaling and the norm over float32 vectors. Every function takes
 * addresses that are multiples of 16, and a length that is a multiple of 4:
 * the caller rounds up, and the elements beyond are scratch.
 */

/** Bytes of one v128: four float32 elements. */
const WIDTH: usize = 16;

/** Where the four float64 lanes of the norm are kept: 32 bytes. */
const LANES: usize = 0;

/** `target[i] = target[i] + source[i]` */
export function add(target: usize, source: usize, length: i32): void {
  const end = target + ((<usize>length) << 2);
  for (; target < end; target += WIDTH, source += WIDTH) {
    v128.store(target, f32x4.add(v128.load(target), v128.load(source)));
  }
}

/** `vector[i] = vector[i] * factor` */
export function multiply(vector: usize, length: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  const end = vector + ((<usize>length) << 2);
  for (; vector < end; vector += WIDTH) {
    v128.store(vector, f32x4.mul(v128.load(vector), factors));
  }
}

/** `vector[i] = vector[i] / divisor` */
export function divide(vector: usize, length: i32, divisor: f32): void {
  const divisors = f32x4.splat(divisor);
  const end = vector + ((<usize>length) << 2);
  for (; vector < end; vector += WIDTH) {
    v128.store(vector, f32x4.div(v128.load(vector), divisors));
  }
}

/** Begins a sum of squares. */
export function beginNorm(): void {
  v128.store(LANES, f64x2.splat(0));
  v128.store(LANES + WIDTH, f64x2.splat(0));
}

/** Adds the squares of element `i` to lane `i mod 4`, in float64. */
export function addSquares(vector: usize, length: i32): void {
  let low = v128.load(LANES);
  let high = v128.load(LANES + WIDTH);
  const end = vector + ((<usize>length) << 2);
  for (; vector < end; vector += WIDTH) {
    const x = v128.load(vector);
    const first = f64x2.promote_low_f32x4(x);
    const second = f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0));
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(second, second));
  }
  v128.store(LANES, low);
  v128.store(LANES + WIDTH, high);
}

/** `(lane0 + lane1) + (lane2 + lane3)` */
export function endNorm(): f64 {
  const low = load<f64>(LANES) + load<f64>(LANES, 8);
  const high = load<f64>(LANES, 16) + load<f64>(LANES, 24);
  return low + high;
}
