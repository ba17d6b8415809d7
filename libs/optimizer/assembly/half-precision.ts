/**
 * Conversions between float32 and the two 16-bit formats, rounded to the
 * nearest, ties to even. A length is a multiple of 8 here; addresses are
 * multiples of 16. The branch-free forms for float16 are those of F. Giesen,
 * "Float->half conversions" (float_to_half_fast3_rtne, half_to_float_fast5).
 */

/** Bytes of one v128. */
const WIDTH: usize = 16;

/** float32 bits rounded to the upper 16, the lower ones zero; NaN stays NaN. */
function roundBits(bits: v128): v128 {
  const odd = v128.and(i32x4.shr_u(bits, 16), i32x4.splat(1));
  const rounded = i32x4.add(i32x4.add(bits, i32x4.splat(0x7fff)), odd);
  const quiet = v128.or(bits, i32x4.splat(0x0040_0000));
  const isNumber = f32x4.eq(bits, bits);
  const chosen = v128.bitselect(rounded, quiet, isNumber);
  return v128.and(chosen, i32x4.splat(0xffff_0000));
}

/** Rounds each element to the nearest bfloat16, in place. */
export function roundToBfloat16(vector: usize, length: i32): void {
  const end = vector + ((<usize>length) << 2);
  for (; vector < end; vector += WIDTH) {
    v128.store(vector, roundBits(v128.load(vector)));
  }
}

/** float32 to bfloat16. */
export function encodeBfloat16(from: usize, to: usize, length: i32): void {
  const end = from + ((<usize>length) << 2);
  for (; from < end; from += 2 * WIDTH, to += WIDTH) {
    const low = i32x4.shr_u(roundBits(v128.load(from)), 16);
    const high = i32x4.shr_u(roundBits(v128.load(from, WIDTH)), 16);
    v128.store(to, i16x8.narrow_i32x4_u(low, high));
  }
}

/** bfloat16 to float32; exact. */
export function decodeBfloat16(from: usize, to: usize, length: i32): void {
  const end = to + ((<usize>length) << 2);
  for (; to < end; from += WIDTH, to += 2 * WIDTH) {
    const halves = v128.load(from);
    v128.store(to, i32x4.shl(i32x4.extend_low_i16x8_u(halves), 16));
    v128.store(to, i32x4.shl(i32x4.extend_high_i16x8_u(halves), 16), WIDTH);
  }
}

/** Four float32 to float16, each in the lower half of its 32 bits. */
function toHalf(bits: v128): v128 {
  const sign = v128.and(bits, i32x4.splat(0x8000_0000));
  const size = v128.xor(bits, sign);
  // 0.5: added as a number, it shifts a subnormal's bits to their place.
  const half = i32x4.splat(0x3f00_0000);
  const small = i32x4.sub(f32x4.add(size, half), half);
  const odd = v128.and(i32x4.shr_u(size, 13), i32x4.splat(1));
  const shifted = i32x4.add(size, i32x4.splat(0xc800_0fff));
  const normal = i32x4.shr_u(i32x4.add(shifted, odd), 13);
  const isNaN = i32x4.gt_s(size, i32x4.splat(0x7f80_0000));
  const special = v128.bitselect(
    i32x4.splat(0x7e00),
    i32x4.splat(0x7c00),
    isNaN,
  );
  const isSmall = i32x4.lt_s(size, i32x4.splat(0x3880_0000));
  const isLarge = i32x4.ge_s(size, i32x4.splat(0x4780_0000));
  const finite = v128.bitselect(small, normal, isSmall);
  const chosen = v128.bitselect(special, finite, isLarge);
  return v128.or(chosen, i32x4.shr_u(sign, 16));
}

/** float32 to float16. */
export function encodeFloat16(from: usize, to: usize, length: i32): void {
  const end = from + ((<usize>length) << 2);
  for (; from < end; from += 2 * WIDTH, to += WIDTH) {
    const low = toHalf(v128.load(from));
    const high = toHalf(v128.load(from, WIDTH));
    v128.store(to, i16x8.narrow_i32x4_u(low, high));
  }
}

/** Four float16, each in the lower half of its 32 bits, to float32. */
function fromHalf(halves: v128): v128 {
  const greatest = i32x4.splat(0x0f80_0000);
  const moved = i32x4.shl(v128.and(halves, i32x4.splat(0x7fff)), 13);
  const exponent = v128.and(moved, greatest);
  const normal = i32x4.add(moved, i32x4.splat(0x3800_0000));
  const special = i32x4.add(normal, i32x4.splat(0x3800_0000));
  const least = i32x4.splat(0x3880_0000);
  const small = f32x4.sub(i32x4.add(normal, i32x4.splat(0x0080_0000)), least);
  const isSpecial = i32x4.eq(exponent, greatest);
  const isSmall = i32x4.eq(exponent, i32x4.splat(0));
  const finite = v128.bitselect(small, normal, isSmall);
  const chosen = v128.bitselect(special, finite, isSpecial);
  const sign = v128.and(halves, i32x4.splat(0x8000));
  return v128.or(chosen, i32x4.shl(sign, 16));
}

/** float16 to float32; exact. */
export function decodeFloat16(from: usize, to: usize, length: i32): void {
  const end = to + ((<usize>length) << 2);
  for (; to < end; from += WIDTH, to += 2 * WIDTH) {
    const halves = v128.load(from);
    v128.store(to, fromHalf(i32x4.extend_low_i16x8_u(halves)));
    v128.store(to, fromHalf(i32x4.extend_high_i16x8_u(halves)), WIDTH);
  }
}
