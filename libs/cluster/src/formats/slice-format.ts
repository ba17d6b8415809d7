/**
 * The numbers of a pushed slice, in the run's format: how a sum is rounded so
 * that nothing is lost on the way, and how it becomes bytes and numbers again.
 */
import { kernels } from '@muster/optimizer';
import {
  bfloat16Payload,
  float32Payload,
  payloadAsBfloat16,
  payloadAsFloat32,
} from '@muster/protocol';
import type { WireFormat } from '@muster/protocol';

/**
 * What rounds a node of the sum tree to a format, in place; nothing where its
 * numbers are those of the sum. NaN and infinities stay what they are; beyond
 * the greatest bfloat16, about 3.39e38, a number becomes an infinity.
 * @returns takes float32 `[length]`.
 */
export function rounderOf(
  wire: WireFormat,
): ((slice: Float32Array) => void) | undefined {
  if (wire === 'float32') return undefined;
  return (slice) => {
    kernels.roundToBfloat16(slice);
  };
}

/**
 * A sum's slice as payload: in `float32` a view that shares its memory, in
 * `bf16` bytes of its own, of the same numbers if the slice was rounded.
 * @param slice float32 `[length]`, only read.
 */
export function encodeSlice(slice: Float32Array, wire: WireFormat): Uint8Array {
  if (wire === 'float32') return float32Payload(slice);
  const halves = new Uint16Array(slice.length);
  kernels.encodeBfloat16(slice, halves);
  return bfloat16Payload(halves);
}

/**
 * A payload's numbers: in `float32` a view where that can be, in `bf16` a
 * vector of its own. Either way the caller's, if the frame is.
 * @param length elements that are expected.
 * @returns float32 `[length]`
 * @throws MusterError `ERR_SHAPE_MISMATCH`
 */
export function decodeSlice(
  payload: Uint8Array | undefined,
  length: number,
  wire: WireFormat,
): Float32Array {
  if (wire === 'float32') return payloadAsFloat32(payload, length);
  const slice = new Float32Array(length);
  kernels.decodeBfloat16(payloadAsBfloat16(payload, length), slice);
  return slice;
}
