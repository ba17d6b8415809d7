import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permutation } from './permutation.js';

const uint32 = fc.nat({ max: 0xffffffff });

describe('permutation', () => {
  it('holds each number once', () => {
    fc.assert(
      fc.property(uint32, uint32, fc.nat({ max: 300 }), (seed, epoch, n) => {
        const sorted = [...permutation(seed, epoch, n)].sort((a, b) => a - b);
        expect(sorted).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  it('is the same for the same seed and epoch, another for others', () => {
    // Two orders of 50 numbers are equal with probability 1 / 50! = 3e-65.
    fc.assert(
      fc.property(uint32, uint32, uint32, (seed, epoch, other) => {
        fc.pre(other !== epoch && other !== seed);
        const order = permutation(seed, epoch, 50);
        expect(permutation(seed, epoch, 50)).toEqual(order);
        expect(permutation(seed, other, 50)).not.toEqual(order);
        expect(permutation(other, epoch, 50)).not.toEqual(order);
      }),
    );
  });

  it('brings every number to every place about as often', () => {
    const counts = new Array<number>(16).fill(0);
    for (let epoch = 0; epoch < 4000; epoch += 1) {
      permutation(1, epoch, 4).forEach((value, place) => {
        counts[4 * place + value]! += 1;
      });
    }
    // Chi squared of a doubly constrained 4 x 4 table: 9 degrees of freedom,
    // above 27.88 once in 1000 seeds.
    const chi = counts.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect((chi * 3) / 4).toBeLessThan(27.88);
  });

  it('stays what it is: a change would change every run', () => {
    expect([...permutation(7, 0, 10)]).toEqual([7, 4, 3, 1, 0, 6, 8, 9, 5, 2]);
    expect([...permutation(7, 1, 10)]).toEqual([1, 4, 2, 5, 7, 9, 3, 8, 6, 0]);
  });

  it('refuses a length that no array has', () => {
    expect(() => permutation(1, 0, -1)).toThrow(
      'length of a permutation: expected a whole number from 0 to 4294967295,' +
        ' got -1',
    );
  });
});
