/** The gradient of forward.ts. */
import { WIDTH } from './layout';

/**
 * Adds to the gradients of kernel, [taps, filters], and bias, [filters]: the
 * caller has zeroed them. Each window's gradient goes to its phase's pixels.
 * A row of windows is summed first, by phase, and then joined.
 *
 * @param gradient - [windows, filters] float32, by the pooled outputs.
 * @param routed - scratch for one row: 64 bytes a window.
 */
export function backward(
  images: usize,
  gradient: usize,
  phases: usize,
  offsets: usize,
  routed: usize,
  kernelGradient: usize,
  biasGradient: usize,
  count: i32,
  imageBytes: usize,
  down: i32,
  across: i32,
  right: usize,
  below: usize,
  taps: i32,
  filters: i32,
): void {
  const perWindow = (<usize>filters) << 2;
  const stride = perWindow;
  for (let n = 0; n < count; n++) {
    for (let y = 0; y < down; y++) {
      const pixel = images + 2 * <usize>y * below;
      for (let f = 0; f < filters; f += 4) {
        const lane = (<usize>f) << 2;
        route(
          gradient + lane,
          phases + f,
          routed,
          biasGradient + lane,
          across,
          filters,
        );
        let into = kernelGradient + lane;
        for (let t = 0; t < taps; t++) {
          const first = pixel + load<u32>(offsets + ((<usize>t) << 2));
          v128.store(
            into,
            f32x4.add(
              v128.load(into),
              along(first, routed, across, right, below),
            ),
          );
          into += stride;
        }
      }
      gradient += <usize>across * perWindow;
      phases += <usize>across * <usize>filters;
    }
    images += imageBytes;
  }
}

/** Lays out one row's gradients by phase, zero where it was another one. */
function route(
  gradient: usize,
  phases: usize,
  routed: usize,
  biasGradient: usize,
  across: i32,
  filters: i32,
): void {
  let sum = f32x4.splat(0);
  for (let x = 0; x < across; x++) {
    const g = v128.load(gradient);
    sum = f32x4.add(sum, g);
    const phase = i32x4.extend_low_i16x8_u(
      i16x8.extend_low_i8x16_u(v128.load32_zero(phases)),
    );
    v128.store(routed, v128.and(g, i32x4.eq(phase, i32x4.splat(0))));
    v128.store(routed, v128.and(g, i32x4.eq(phase, i32x4.splat(1))), WIDTH);
    v128.store(routed, v128.and(g, i32x4.eq(phase, i32x4.splat(2))), 2 * WIDTH);
    v128.store(routed, v128.and(g, i32x4.eq(phase, i32x4.splat(3))), 3 * WIDTH);
    routed += 4 * WIDTH;
    gradient += (<usize>filters) << 2;
    phases += filters;
  }
  v128.store(biasGradient, f32x4.add(v128.load(biasGradient), sum));
}

/** One tap's sum along a row of windows, four filters. */
function along(
  first: usize,
  routed: usize,
  across: i32,
  right: usize,
  below: usize,
): v128 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  for (let x = 0; x < across; x++) {
    const second = first + below;
    sum0 = f32x4.add(
      sum0,
      f32x4.mul(v128.load32_splat(first), v128.load(routed)),
    );
    sum1 = f32x4.add(
      sum1,
      f32x4.mul(v128.load32_splat(first + right), v128.load(routed, WIDTH)),
    );
    sum2 = f32x4.add(
      sum2,
      f32x4.mul(v128.load32_splat(second), v128.load(routed, 2 * WIDTH)),
    );
    sum3 = f32x4.add(
      sum3,
      f32x4.mul(
        v128.load32_splat(second + right),
        v128.load(routed, 3 * WIDTH),
      ),
    );
    first += 2 * right;
    routed += 4 * WIDTH;
  }
  return f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3));
}
