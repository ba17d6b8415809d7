import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PastVersions } from './past-versions.js';

/** Keeps versions 0 to `last`; the vector of version v holds v. */
function kept(size: number, last: number): PastVersions {
  const past = new PastVersions(size);
  const parameters = new Float32Array(3);
  for (let version = 0; version <= last; version++) {
    past.keep(version, parameters.fill(version));
  }
  return past;
}

describe('PastVersions', () => {
  it('holds the last ones, as many as its size', () => {
    const size = fc.integer({ min: 1, max: 5 });
    const law = (numKept: number, last: number) => {
      const past = kept(numKept, last);
      const oldest = Math.max(0, last - numKept + 1);
      expect(past.oldest).toBe(oldest);
      for (let version = 0; version <= last + 1; version++) {
        const isThere = version >= oldest && version <= last;
        const values = [version, version, version];
        const slice = past.get(version);
        expect(slice && [...slice]).toEqual(isThere ? values : undefined);
      }
    };
    fc.assert(fc.property(size, fc.integer({ min: 0, max: 12 }), law));
  });

  it('copies: what the vector becomes later is of no account', () => {
    const past = new PastVersions(1);
    const parameters = Float32Array.of(1, 2);
    past.keep(7, parameters);
    parameters.fill(9);
    expect([...past.get(7)!]).toEqual([1, 2]);
  });

  it('takes no new memory once it is full', () => {
    const buffers = new Set<ArrayBufferLike>();
    const past = new PastVersions(2);
    for (let version = 0; version < 9; version++) {
      past.keep(version, new Float32Array(3));
      buffers.add(past.get(version)!.buffer);
    }
    expect(buffers.size).toBe(2);
  });

  it('keeps nothing with size 0', () => {
    const past = kept(0, 3);
    expect(past.oldest).toBeUndefined();
    expect(past.get(3)).toBeUndefined();
  });
});
