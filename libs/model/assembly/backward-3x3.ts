/** The gradient of forward-3x3.ts: nine taps stay in registers. */
import { GROUP, PIXEL, WIDTH } from './layout';

/**
 * As `backward` of backward.ts: adds to the gradients. An image's windows are
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
