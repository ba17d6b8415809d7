import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addInto } from './add-into.js';

const float32 = fc.float({ noNaN: true });

describe('addInto', () => {
  it('rounds each sum once to float32', () => {
    // 2^24 + 1 lies halfway between 2^24 and 2^24 + 2: ties go to even.
    const target = Float32Array.of(2 ** 24, 2 ** 24, 1);
    addInto(target, Float32Array.of(1, 3, -1));
    expect([...target]).toEqual([2 ** 24, 2 ** 24 + 4, 0]);
  });

  it('keeps denormals and adds zeros with their signs', () => {
    const tiny = 2 ** -149;
    const target = Float32Array.of(tiny, -0, -0);
    addInto(target, Float32Array.of(tiny, -0, 0));
    expect([...target]).toEqual([2 ** -148, -0, 0]);
  });

  it('is float64 addition rounded once, and leaves the source alone', () => {
    const pairs = fc.array(fc.tuple(float32, float32), { maxLength: 9 });
    fc.assert(
      fc.property(pairs, (values) => {
        const target = Float32Array.from(values, ([a]) => a);
        const source = Float32Array.from(values, ([, b]) => b);
        const before = source.slice();
        addInto(target, source);
        const expected = values.map(([a, b]) => Math.fround(a + b));
        expect([...target]).toEqual(expected);
        expect(source).toEqual(before);
      }),
    );
  });

  it('refuses slices of other lengths', () => {
    expect(() => addInto(new Float32Array(3), new Float32Array(2))).toThrow(
      new RangeError('sum of slices: expected 3 elements, got 2'),
    );
  });
});
