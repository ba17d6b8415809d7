import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandomStream, type RandomStream } from './random-stream.js';

const times = (count: number, draw: () => number): number[] =>
  Array.from({ length: count }, draw);

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const words = (random: RandomStream, count = 8): number[] =>
  times(count, () => random.nextUint32());

const keys = fc.array(fc.nat({ max: 0xffffffff }), {
  minLength: 1,
  maxLength: 6,
});

describe('createRandomStream', () => {
  it('gives equal streams for equal keys', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(words(createRandomStream(...key))).toEqual(
          words(createRandomStream(...key)),
        );
      }),
    );
  });

  it('gives another stream for another key, also for one 0 more', () => {
    fc.assert(
      fc.property(keys, keys, (key, other) => {
        fc.pre(key.join() !== other.join());
        expect(words(createRandomStream(...key))).not.toEqual(
          words(createRandomStream(...other)),
        );
      }),
    );
    expect(words(createRandomStream(1))).not.toEqual(
      words(createRandomStream(1, 0)),
    );
  });

  it.each([
    [[]],
    [[1, 2, 3, 4, 5, 6, 7]],
    [[-1]],
    [[2 ** 32]],
    [[0.5]],
    [[NaN]],
  ])('refuses the key %j', (key) => {
    expect(() => createRandomStream(...key)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG' }),
    );
  });

  it('stays what it is: a change would change every run', () => {
    expect(words(createRandomStream(7), 3)).toEqual([
      2446623861, 4290675769, 3243697793,
    ]);
  });
});

describe('RandomStream', () => {
  it('draws floats that float32 holds, 24 bits of one word', () => {
    const random = createRandomStream(1);
    const same = createRandomStream(1);
    for (const value of times(2000, () => random.nextFloat())) {
      expect(value).toBe(Math.floor(same.nextUint32() / 256) / 2 ** 24);
      expect(value).toBe(Math.fround(value));
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
    }
  });

  it('fills arrays with what single draws give, from any position', () => {
    const lengths = fc.array(fc.nat({ max: 1500 }), { maxLength: 4 });
    fc.assert(
      fc.property(keys, fc.nat({ max: 1100 }), lengths, (key, skip, parts) => {
        const bulk = createRandomStream(...key);
        const single = createRandomStream(...key);
        words(bulk, skip);
        words(single, skip);
        for (const length of parts) {
          const into = new Float32Array(length);
          bulk.fillFloats(into);
          expect([...into]).toEqual(times(length, () => single.nextFloat()));
        }
        expect(bulk.nextUint32()).toBe(single.nextUint32());
      }),
      { numRuns: 30 },
    );
  });

  it('draws below a bound, each number about as often', () => {
    const random = createRandomStream(2);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 7000; i += 1) counts[random.nextBelow(7)]! += 1;
    // Chi squared with 6 degrees of freedom exceeds 22.46 once in 1000 seeds.
    const chi = counts.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(chi).toBeLessThan(22.46);
  });

  it('keeps to every bound from 1 to 2^32', () => {
    const random = createRandomStream(3);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (bound) => {
        const value = random.nextBelow(bound);
        expect(Number.isInteger(value) && value >= 0).toBe(true);
        expect(value).toBeLessThan(bound);
      }),
    );
    expect(random.nextBelow(1)).toBe(0);
    expect(() => random.nextBelow(0)).toThrow('bound: expected');
  });

  it('draws normal numbers with the right moments', () => {
    const random = createRandomStream(4);
    const values = times(40_000, () => random.nextNormal());
    // Standard errors: 0.005 of the mean, 0.0071 of the variance, 0.0245 of
    // the fourth moment's square root of 96 / n = 0.049; four of each.
    expect(Math.abs(mean(values))).toBeLessThan(0.02);
    expect(Math.abs(mean(values.map((z) => z ** 2)) - 1)).toBeLessThan(0.029);
    expect(Math.abs(mean(values.map((z) => z ** 4)) - 3)).toBeLessThan(0.2);
  });

  it('draws the same normal bits on every engine', () => {
    // Seen on Node 20.20, 22.23 and 24.21; the continuous integration runs
    // this on all of them.
    const random = createRandomStream(1, 2, 3);
    const values = Float64Array.from(times(10_000, () => random.nextNormal()));
    const bytes = new Uint8Array(values.buffer);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      '080514c03af59968ee77067a1cebc05f72b1ed2a8e7e248b4b00f4d9a8391690',
    );
  });

  it('cuts truncated normal numbers at two deviations', () => {
    const random = createRandomStream(5);
    const same = createRandomStream(5);
    const cut = times(20_000, () => random.nextTruncatedNormal());
    const kept = times(21_500, () => same.nextNormal()).filter(
      (z) => Math.abs(z) <= 2,
    );
    expect(cut).toEqual(kept.slice(0, 20_000));
    // Variance 1 - 4 phi(2) / (2 Phi(2) - 1) = 0.7737, error 0.0053.
    expect(Math.abs(mean(cut.map((z) => z ** 2)) - 0.7737)).toBeLessThan(0.022);
  });
});
