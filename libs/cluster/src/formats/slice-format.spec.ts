import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSlice, encodeSlice, rounderOf } from './slice-format.js';
import { nearestBfloat16 } from '../testing-bfloat16.js';

const slices = fc.float32Array({ maxLength: 40 });

/** A copy, rounded. */
function rounded(slice: Float32Array): Float32Array {
  const copy = slice.slice();
  rounderOf('bf16')?.(copy);
  return copy;
}

describe('a slice in bf16', () => {
  it('is rounded to the nearest, halves to the even one, NaN to NaN', () => {
    fc.assert(
      fc.property(slices, (slice) => {
        expect(rounded(slice)).toEqual(slice.map(nearestBfloat16));
      }),
    );
  });

  it('comes back as it was when it was rounded', () => {
    fc.assert(
      fc.property(slices, (slice) => {
        const sent = rounded(slice);
        const payload = encodeSlice(sent, 'bf16');
        expect(payload.byteLength).toBe(2 * slice.length);
        expect(decodeSlice(payload, slice.length, 'bf16')).toEqual(sent);
      }),
    );
  });

  it('is the upper half of a float32, little-endian', () => {
    // 1 is 3f800000, -2 is c0000000
    const payload = encodeSlice(Float32Array.of(1, -2), 'bf16');
    expect(Buffer.from(payload).toString('hex')).toBe('803f00c0');
  });

  it.each([NaN, Infinity, -Infinity])(
    'keeps that it is not finite: %d',
    (x) => {
      expect([...rounded(Float32Array.of(x))]).toEqual([x]);
      const payload = encodeSlice(Float32Array.of(x), 'bf16');
      expect([...decodeSlice(payload, 1, 'bf16')]).toEqual([x]);
    },
  );

  it('becomes an infinity above the greatest bfloat16', () => {
    // (2 - 2^-7) 2^127 and half a step of 2^120 more, which is odd: up
    const greatest = (2 - 2 ** -7) * 2 ** 127;
    const slice = Float32Array.of(greatest, greatest + 2 ** 119, -3.4e38);
    expect([...rounded(slice)]).toEqual([greatest, Infinity, -Infinity]);
  });

  it('has memory of its own, on both sides', () => {
    const slice = Float32Array.of(1, 2);
    const payload = encodeSlice(slice, 'bf16');
    const arrived = decodeSlice(payload, 2, 'bf16');
    slice.fill(9);
    expect([...decodeSlice(payload, 2, 'bf16')]).toEqual([1, 2]);
    payload.fill(255);
    expect([...arrived]).toEqual([1, 2]);
  });
});

describe('a slice in float32', () => {
  it('is not rounded, and not copied', () => {
    expect(rounderOf('float32')).toBeUndefined();
    const slice = Float32Array.of(1 / 3, NaN);
    const payload = encodeSlice(slice, 'float32');
    expect(payload.buffer).toBe(slice.buffer);
    const arrived = decodeSlice(payload, 2, 'float32');
    expect(arrived).toEqual(slice);
    expect(arrived.buffer).toBe(slice.buffer);
  });
});

it.each([
  ['float32', 8],
  ['bf16', 4],
] as const)('a payload in %s of another length is refused', (wire, size) => {
  const decode = (numBytes: number) =>
    decodeSlice(new Uint8Array(numBytes), 2, wire);
  expect(decode(size)).toHaveLength(2);
  for (const other of [0, size - 2, size + 2, 12 - size]) {
    expect(() => decode(other)).toThrow(
      expect.objectContaining({ code: 'ERR_SHAPE_MISMATCH' }) as Error,
    );
  }
});
