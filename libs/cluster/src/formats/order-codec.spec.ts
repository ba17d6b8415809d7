import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeOrder, encodeOrder } from './order-codec.js';

describe('the order of application', () => {
  it('takes one byte for each small number', () => {
    // step 3, leaf 1; version 10 from slices of 8 and 11: 2 -> 4, -1 -> 1
    const entry = { step: 3, leaf: 1, bases: [8, 11] };
    expect(encodeOrder(entry, 10)).toEqual([3, 1, 4, 1]);
    // 300 = 2 * 128 + 44
    expect(encodeOrder({ step: 300, leaf: 0, bases: [9] }, 9)).toEqual([
      0xac, 0x02, 0, 0,
    ]);
  });

  it('comes back whole, and without a torn last entry', () => {
    const number = fc.nat(1_000_000);
    const bases = fc.array(number, { minLength: 2, maxLength: 2 });
    const entries = fc.array(fc.record({ step: number, leaf: number, bases }));
    fc.assert(
      fc.property(entries, number, (given, from) => {
        const rows = given.map((one, i) => encodeOrder(one, from + i + 1));
        const bytes = Uint8Array.from(rows.flat());
        expect(decodeOrder(bytes, from, 2)).toEqual(given);
        const torn = bytes.subarray(0, Math.max(0, bytes.length - 1));
        expect(decodeOrder(torn, from, 2)).toEqual(given.slice(0, -1));
      }),
    );
  });
});
