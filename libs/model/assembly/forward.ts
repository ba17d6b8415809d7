/** The pooled convolution, for a kernel of any size over any channels. */
import { storeGreatest } from './greatest-phase';
import { WIDTH } from './layout';

/**
 * The pooled outputs plus bias, [windows, filters] float32, and for each the
 * phase it came from, [windows, filters] uint8.
 *
 * @param offsets - by tap, in bytes: from a window's first pixel.
 * @param right - bytes from a pixel to the one on its right.
 * @param below - bytes from a pixel to the one below.
 */
export function forward(
  images: usize,
  kernel: usize,
  bias: usize,
  offsets: usize,
  pooled: usize,
  phases: usize,
  count: i32,
  imageBytes: usize,
  down: i32,
  across: i32,
  right: usize,
  below: usize,
  taps: i32,
  filters: i32,
): void {
  for (let n = 0; n < count; n++) {
    for (let y = 0; y < down; y++) {
      let pixel = images + 2 * <usize>y * below;
      for (let x = 0; x < across; x++) {
        for (let f = 0; f < filters; f += 4) {
          const lane = (<usize>f) << 2;
          window(
            pixel,
            kernel + lane,
            bias + lane,
            offsets,
            pooled,
            phases,
            right,
            below,
            taps,
            filters,
          );
          pooled += WIDTH;
          phases += 4;
        }
        pixel += 2 * right;
      }
    }
    images += imageBytes;
  }
}

/** One window, four filters. */
function window(
  pixel: usize,
  kernel: usize,
  bias: usize,
  offsets: usize,
  pooled: usize,
  phases: usize,
  right: usize,
  below: usize,
  taps: i32,
  filters: i32,
): void {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  const stride = (<usize>filters) << 2;
  const end = offsets + ((<usize>taps) << 2);
  for (let at = offsets; at < end; at += 4) {
    const first = pixel + load<u32>(at);
    const second = first + below;
    const weights = v128.load(kernel);
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load32_splat(first), weights));
    sum1 = f32x4.add(
      sum1,
      f32x4.mul(v128.load32_splat(first + right), weights),
    );
    sum2 = f32x4.add(sum2, f32x4.mul(v128.load32_splat(second), weights));
    sum3 = f32x4.add(
      sum3,
      f32x4.mul(v128.load32_splat(second + right), weights),
    );
    kernel += stride;
  }
  storeGreatest(sum0, sum1, sum2, sum3, bias, pooled, phases);
}
