/**
 * The convolution of index.ts for the commonest case, a 3x3 kernel over one
 * channel, unrolled: a window's 4x4 pixels are read once for its four phases
 * and nine taps. Twice as fast; the sums run over the taps in the same order.
 *
 * The kernel and its gradient are [filters / 4, 9, 4] here, so that all
 * addresses within a group of four filters are constant offsets.
 */

/** Bytes of one v128: four float32 elements. */
const WIDTH: usize = 16;
/** Bytes of one group: nine taps of four filters. */
const GROUP: usize = 9 * WIDTH;
/** Bytes of one window's pixels, 4x4. */
const PIXEL: usize = 4;

/** As `forward` of index.ts. @param below - bytes from a pixel to the one below. */
export function forward3x3(
  images: usize,
  kernel: usize,
  bias: usize,
  pooled: usize,
  phases: usize,
  count: i32,
  imageBytes: usize,
  down: i32,
  across: i32,
  below: usize,
  filters: i32,
): void {
  for (let n = 0; n < count; n++) {
    for (let y = 0; y < down; y++) {
      let pixel = images + 2 * <usize>y * below;
      for (let x = 0; x < across; x++) {
        let weights = kernel;
        for (let f = 0; f < filters; f += 4) {
          window(
            pixel,
            below,
            weights,
            bias + ((<usize>f) << 2),
            pooled,
            phases,
          );
          weights += GROUP;
          pooled += WIDTH;
          phases += 4;
        }
        pixel += 2 * PIXEL;
      }
    }
    images += imageBytes;
  }
}

/** One window, four filters. */
function window(
  pixel: usize,
  below: usize,
  kernel: usize,
  bias: usize,
  pooled: usize,
  phases: usize,
): void {
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  const end = kernel + GROUP;
  // one row of taps at a time: each tap is a step to the right
  while (kernel < end) {
    const low = pixel + below;
    const x0 = v128.load32_splat(pixel);
    const x1 = v128.load32_splat(pixel, PIXEL);
    const y0 = v128.load32_splat(low);
    const y1 = v128.load32_splat(low, PIXEL);
    const k00 = v128.load(kernel);
    a0 = f32x4.add(a0, f32x4.mul(x0, k00));
    a1 = f32x4.add(a1, f32x4.mul(x1, k00));
    a2 = f32x4.add(a2, f32x4.mul(y0, k00));
    a3 = f32x4.add(a3, f32x4.mul(y1, k00));
    const x2 = v128.load32_splat(pixel, 2 * PIXEL);
    const y2 = v128.load32_splat(low, 2 * PIXEL);
    const k01 = v128.load(kernel, WIDTH);
    a0 = f32x4.add(a0, f32x4.mul(x1, k01));
    a1 = f32x4.add(a1, f32x4.mul(x2, k01));
    a2 = f32x4.add(a2, f32x4.mul(y1, k01));
    a3 = f32x4.add(a3, f32x4.mul(y2, k01));
    const x3 = v128.load32_splat(pixel, 3 * PIXEL);
    const y3 = v128.load32_splat(low, 3 * PIXEL);
    const k02 = v128.load(kernel, 2 * WIDTH);
    a0 = f32x4.add(a0, f32x4.mul(x2, k02));
    a1 = f32x4.add(a1, f32x4.mul(x3, k02));
    a2 = f32x4.add(a2, f32x4.mul(y2, k02));
    a3 = f32x4.add(a3, f32x4.mul(y3, k02));
    kernel += 3 * WIDTH;
    pixel = low;
  }
  storeGreatest(a0, a1, a2, a3, bias, pooled, phases);
}

/** One window, eight filters: their sums hide each other's waiting. */
function windowPair(
  pixel: usize,
  below: usize,
  kernel: usize,
  bias: usize,
  pooled: usize,
  phases: usize,
): void {
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let b2 = f32x4.splat(0);
  let b3 = f32x4.splat(0);
  const end = kernel + GROUP;
  // one row of taps at a time: each tap is a step to the right
  while (kernel < end) {
    const second = kernel + GROUP;
    const low = pixel + below;
    const x0 = v128.load32_splat(pixel);
    const x1 = v128.load32_splat(pixel, PIXEL);
    const y0 = v128.load32_splat(low);
    const y1 = v128.load32_splat(low, PIXEL);
    const k00 = v128.load(kernel);
    a0 = f32x4.add(a0, f32x4.mul(x0, k00));
    a1 = f32x4.add(a1, f32x4.mul(x1, k00));
    a2 = f32x4.add(a2, f32x4.mul(y0, k00));
    a3 = f32x4.add(a3, f32x4.mul(y1, k00));
    const k10 = v128.load(second);
    b0 = f32x4.add(b0, f32x4.mul(x0, k10));
    b1 = f32x4.add(b1, f32x4.mul(x1, k10));
    b2 = f32x4.add(b2, f32x4.mul(y0, k10));
    b3 = f32x4.add(b3, f32x4.mul(y1, k10));
    const x2 = v128.load32_splat(pixel, 2 * PIXEL);
    const y2 = v128.load32_splat(low, 2 * PIXEL);
    const k01 = v128.load(kernel, WIDTH);
    a0 = f32x4.add(a0, f32x4.mul(x1, k01));
    a1 = f32x4.add(a1, f32x4.mul(x2, k01));
    a2 = f32x4.add(a2, f32x4.mul(y1, k01));
    a3 = f32x4.add(a3, f32x4.mul(y2, k01));
    const k11 = v128.load(second, WIDTH);
    b0 = f32x4.add(b0, f32x4.mul(x1, k11));
    b1 = f32x4.add(b1, f32x4.mul(x2, k11));
    b2 = f32x4.add(b2, f32x4.mul(y1, k11));
    b3 = f32x4.add(b3, f32x4.mul(y2, k11));
    const x3 = v128.load32_splat(pixel, 3 * PIXEL);
    const y3 = v128.load32_splat(low, 3 * PIXEL);
    const k02 = v128.load(kernel, 2 * WIDTH);
    a0 = f32x4.add(a0, f32x4.mul(x2, k02));
    a1 = f32x4.add(a1, f32x4.mul(x3, k02));
    a2 = f32x4.add(a2, f32x4.mul(y2, k02));
    a3 = f32x4.add(a3, f32x4.mul(y3, k02));
    const k12 = v128.load(second, 2 * WIDTH);
    b0 = f32x4.add(b0, f32x4.mul(x2, k12));
    b1 = f32x4.add(b1, f32x4.mul(x3, k12));
    b2 = f32x4.add(b2, f32x4.mul(y2, k12));
    b3 = f32x4.add(b3, f32x4.mul(y3, k12));
    kernel += 3 * WIDTH;
    pixel = low;
  }
  storeGreatest(a0, a1, a2, a3, bias, pooled, phases);
  storeGreatest(b0, b1, b2, b3, bias + WIDTH, pooled + WIDTH, phases + 4);
}

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

/**
 * As `backward` of index.ts: adds to the gradients. An image's windows are
 * summed first, tap by tap, the four phases of a window in their order.
 */
export function backward3x3(
  images: usize,
  gradient: usize,
  phases: usize,
  kernelGradient: usize,
  biasGradient: usize,
  count: i32,
  imageBytes: usize,
  down: i32,
  across: i32,
  below: usize,
  filters: i32,
): void {
  const perImage = <usize>(down * across * filters);
  for (let n = 0; n < count; n++) {
    let into = kernelGradient;
    for (let f = 0; f < filters; f += 4) {
      const lane = (<usize>f) << 2;
      addTo(
        biasGradient + lane,
        sumOfWindows(gradient + lane, down * across, filters),
      );
      image(
        images,
        gradient + lane,
        phases + f,
        into,
        down,
        across,
        below,
        filters,
      );
      into += GROUP;
    }
    gradient += perImage << 2;
    phases += perImage;
    images += imageBytes;
  }
}

/** One image, four filters: nine sums stay in registers. */
function image(
  pixels: usize,
  gradient: usize,
  phases: usize,
  into: usize,
  down: i32,
  across: i32,
  below: usize,
  filters: i32,
): void {
  let t0 = f32x4.splat(0);
  let t1 = f32x4.splat(0);
  let t2 = f32x4.splat(0);
  let t3 = f32x4.splat(0);
  let t4 = f32x4.splat(0);
  let t5 = f32x4.splat(0);
  let t6 = f32x4.splat(0);
  let t7 = f32x4.splat(0);
  let t8 = f32x4.splat(0);
  const stride = (<usize>filters) << 2;
  for (let y = 0; y < down; y++) {
    let row0 = pixels + 2 * <usize>y * below;
    let row1 = row0 + below;
    let row2 = row1 + below;
    let row3 = row2 + below;
    for (let x = 0; x < across; x++) {
      const g = v128.load(gradient);
      const phase = i32x4.extend_low_i16x8_u(
        i16x8.extend_low_i8x16_u(v128.load32_zero(phases)),
      );
      const g0 = v128.and(g, i32x4.eq(phase, i32x4.splat(0)));
      const g1 = v128.and(g, i32x4.eq(phase, i32x4.splat(1)));
      const g2 = v128.and(g, i32x4.eq(phase, i32x4.splat(2)));
      const g3 = v128.and(g, i32x4.eq(phase, i32x4.splat(3)));

      let p = v128.load32_splat(row0);
      t0 = f32x4.add(t0, f32x4.mul(p, g0));
      p = v128.load32_splat(row0, PIXEL);
      t0 = f32x4.add(t0, f32x4.mul(p, g1));
      t1 = f32x4.add(t1, f32x4.mul(p, g0));
      p = v128.load32_splat(row0, 2 * PIXEL);
      t1 = f32x4.add(t1, f32x4.mul(p, g1));
      t2 = f32x4.add(t2, f32x4.mul(p, g0));
      p = v128.load32_splat(row0, 3 * PIXEL);
      t2 = f32x4.add(t2, f32x4.mul(p, g1));

      p = v128.load32_splat(row1);
      t0 = f32x4.add(t0, f32x4.mul(p, g2));
      t3 = f32x4.add(t3, f32x4.mul(p, g0));
      p = v128.load32_splat(row1, PIXEL);
      t0 = f32x4.add(t0, f32x4.mul(p, g3));
      t1 = f32x4.add(t1, f32x4.mul(p, g2));
      t3 = f32x4.add(t3, f32x4.mul(p, g1));
      t4 = f32x4.add(t4, f32x4.mul(p, g0));
      p = v128.load32_splat(row1, 2 * PIXEL);
      t1 = f32x4.add(t1, f32x4.mul(p, g3));
      t2 = f32x4.add(t2, f32x4.mul(p, g2));
      t4 = f32x4.add(t4, f32x4.mul(p, g1));
      t5 = f32x4.add(t5, f32x4.mul(p, g0));
      p = v128.load32_splat(row1, 3 * PIXEL);
      t2 = f32x4.add(t2, f32x4.mul(p, g3));
      t5 = f32x4.add(t5, f32x4.mul(p, g1));

      p = v128.load32_splat(row2);
      t3 = f32x4.add(t3, f32x4.mul(p, g2));
      t6 = f32x4.add(t6, f32x4.mul(p, g0));
      p = v128.load32_splat(row2, PIXEL);
      t3 = f32x4.add(t3, f32x4.mul(p, g3));
      t4 = f32x4.add(t4, f32x4.mul(p, g2));
      t6 = f32x4.add(t6, f32x4.mul(p, g1));
      t7 = f32x4.add(t7, f32x4.mul(p, g0));
      p = v128.load32_splat(row2, 2 * PIXEL);
      t4 = f32x4.add(t4, f32x4.mul(p, g3));
      t5 = f32x4.add(t5, f32x4.mul(p, g2));
      t7 = f32x4.add(t7, f32x4.mul(p, g1));
      t8 = f32x4.add(t8, f32x4.mul(p, g0));
      p = v128.load32_splat(row2, 3 * PIXEL);
      t5 = f32x4.add(t5, f32x4.mul(p, g3));
      t8 = f32x4.add(t8, f32x4.mul(p, g1));

      p = v128.load32_splat(row3);
      t6 = f32x4.add(t6, f32x4.mul(p, g2));
      p = v128.load32_splat(row3, PIXEL);
      t6 = f32x4.add(t6, f32x4.mul(p, g3));
      t7 = f32x4.add(t7, f32x4.mul(p, g2));
      p = v128.load32_splat(row3, 2 * PIXEL);
      t7 = f32x4.add(t7, f32x4.mul(p, g3));
      t8 = f32x4.add(t8, f32x4.mul(p, g2));
      p = v128.load32_splat(row3, 3 * PIXEL);
      t8 = f32x4.add(t8, f32x4.mul(p, g3));

      row0 += 2 * PIXEL;
      row1 += 2 * PIXEL;
      row2 += 2 * PIXEL;
      row3 += 2 * PIXEL;
      gradient += stride;
      phases += filters;
    }
  }
  addTo(into, t0);
  addTo(into + WIDTH, t1);
  addTo(into + 2 * WIDTH, t2);
  addTo(into + 3 * WIDTH, t3);
  addTo(into + 4 * WIDTH, t4);
  addTo(into + 5 * WIDTH, t5);
  addTo(into + 6 * WIDTH, t6);
  addTo(into + 7 * WIDTH, t7);
  addTo(into + 8 * WIDTH, t8);
}

function addTo(address: usize, sum: v128): void {
  v128.store(address, f32x4.add(v128.load(address), sum));
}

/** Of one image, four filters. */
function sumOfWindows(gradient: usize, windows: i32, filters: i32): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < windows; i++) {
    sum = f32x4.add(sum, v128.load(gradient));
    gradient += (<usize>filters) << 2;
  }
  return sum;
}
