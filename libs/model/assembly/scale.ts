/** From the pixels of a data set to the numbers that a network is given. */
import { WIDTH } from './layout';

/** `to[i] = pixels[i] / 255`; a length that is a multiple of 4. */
export function scale(pixels: usize, to: usize, length: i32): void {
  const divisor = f32x4.splat(255);
  for (let i = 0; i < length; i += 4) {
    const bytes = v128.load32_zero(pixels + i);
    const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
    v128.store(to, f32x4.div(f32x4.convert_i32x4_s(words), divisor));
    to += WIDTH;
  }
}
