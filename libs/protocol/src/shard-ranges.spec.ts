import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MusterError } from './errors.js';
import { shardRanges } from './shard-ranges.js';

describe('shardRanges', () => {
  it('gives one server everything', () => {
    expect(shardRanges(607_394, 1)).toEqual([{ begin: 0, end: 607_394 }]);
  });

  it('cuts at multiples of 16: 33 are 3 blocks, 1 and then 2 of them', () => {
    expect(shardRanges(33, 2)).toEqual([
      { begin: 0, end: 16 },
      { begin: 16, end: 33 },
    ]);
  });

  it('covers everything once, in order, in parts equal up to a block', () => {
    const cases = fc
      .record({ servers: fc.integer({ min: 1, max: 32 }), more: fc.nat(5000) })
      .map(({ servers, more }) => ({
        servers,
        // so many that there is a block for each
        size: 16 * (servers - 1) + 1 + more,
      }));
    fc.assert(
      fc.property(cases, ({ servers, size }) => {
        const ranges = shardRanges(size, servers);
        expect(ranges).toHaveLength(servers);
        let at = 0;
        for (const { begin, end } of ranges) {
          expect(begin).toBe(at);
          expect(begin % 16).toBe(0);
          expect(end).toBeGreaterThan(begin);
          at = end;
        }
        expect(at).toBe(size);
        const sizes = ranges.map(({ begin, end }) => end - begin);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(16);
      }),
    );
  });

  it.each([
    [32, 3],
    [1, 2],
    [100, 0],
  ])('refuses %d parameters on %d servers, and names the setting', (n, k) => {
    expect(() => shardRanges(n, k)).toThrow(MusterError);
    expect(() => shardRanges(n, k)).toThrow(
      new RegExp(`^--servers: expected from 1 to .*got ${k}$`),
    );
  });
});
