/**
 * Conversions to the two 16-bit formats in plain JavaScript, on the bits:
 * rounded to the nearest, ties to even; NaN stays NaN. Same results as
 * assembly/half-precision.ts.
 */
const EXPONENT_32 = 0x7f80_0000;
const SIGN_32 = 0x8000_0000;
const QUIET_NAN_32 = 0x0040_0000;
const INFINITY_16 = 0x7c00;
const QUIET_NAN_16 = 0x7e00;

/** The bits of a vector, in place. */
function bitsOf({ buffer, byteOffset, length }: Float32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length);
}

/** The nearest bfloat16 as float32 bits; an int32. */
function roundBits(bits: number): number {
  const size = bits & 0x7fff_ffff;
  if (size > EXPONENT_32) return (bits | QUIET_NAN_32) & 0xffff_0000;
  const odd = (bits >>> 16) & 1;
  return (bits + 0x7fff + odd) & 0xffff_0000;
}

/** As `Kernels.roundToBfloat16`. @param vector - [length] float32, changed. */
export function roundToBfloat16(vector: Float32Array): void {
  const bits = bitsOf(vector);
  for (let i = 0; i < bits.length; i++) bits[i] = roundBits(bits[i] as number);
}

/** As `Kernels.encodeBfloat16`: [length] float32 to as many bfloat16. */
export function encodeBfloat16(from: Float32Array, to: Uint16Array): void {
  const bits = bitsOf(from);
  for (let i = 0; i < bits.length; i++) {
    to[i] = roundBits(bits[i] as number) >>> 16;
  }
}

/** As `Kernels.decodeBfloat16`: [length] bfloat16 to as many float32. */
export function decodeBfloat16(from: Uint16Array, to: Float32Array): void {
  const bits = bitsOf(to);
  for (let i = 0; i < bits.length; i++) bits[i] = (from[i] as number) << 16;
}

/** Steps of the subnormal float16, and of float32 at 1/2. */
const SUBNORMAL_STEPS = 2 ** 24;
const LEAST_NORMAL_16 = 0x3880_0000;
const BEYOND_16 = 0x4780_0000;

/** As `Kernels.encodeFloat16`: [length] float32 to as many float16. */
export function encodeFloat16(from: Float32Array, to: Uint16Array): void {
  const bits = bitsOf(from);
  for (let i = 0; i < bits.length; i++) {
    to[i] = encodeOne(bits[i] as number, from[i] as number);
  }
}

function encodeOne(bits: number, value: number): number {
  const sign = (bits & SIGN_32) >>> 16;
  const size = bits & 0x7fff_ffff;
  if (size > EXPONENT_32) return sign | QUIET_NAN_16;
  if (size >= BEYOND_16) return sign | INFINITY_16;
  if (size < LEAST_NORMAL_16) {
    return sign | roundToEven(Math.abs(value) * SUBNORMAL_STEPS);
  }
  // The exponent's bias goes from 127 to 15; a carry of the rounding belongs
  // into the exponent.
  const odd = (size >>> 13) & 1;
  return sign | ((size - (112 << 23) + 0xfff + odd) >>> 13);
}

/** @param value - at least 0, below 2^11: exact in float64. */
function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below + (below & 1);
  return rest < 0.5 ? below : below + 1;
}

/** As `Kernels.decodeFloat16`: [length] float16 to as many float32. */
export function decodeFloat16(from: Uint16Array, to: Float32Array): void {
  const bits = bitsOf(to);
  for (let i = 0; i < bits.length; i++) {
    const half = from[i] as number;
    const exponent = half & INFINITY_16;
    const sign = (half & 0x8000) << 16;
    const moved = (half & 0x7fff) << 13;
    if (exponent === INFINITY_16) bits[i] = sign | (moved + (224 << 23));
    else if (exponent !== 0) bits[i] = sign | (moved + (112 << 23));
    else {
      const value = (half & 0x3ff) / SUBNORMAL_STEPS;
      to[i] = sign === 0 ? value : -value;
    }
  }
}
