import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StepNorms } from './step-norms.js';

describe('StepNorms', () => {
  it('gives the length when the last server has spoken', () => {
    const norms = new StepNorms(3);
    expect(norms.add(1, 0, 4)).toBeUndefined();
    expect(norms.add(1, 1, 4)).toBeUndefined();
    // sqrt(4 + 4 + 1)
    expect(norms.add(1, 2, 1)).toBe(3);
  });

  it('gives the same bits in whatever order the servers speak', () => {
    const parts = [0.1, 0.2, 0.3, 0.4];
    const expected = Math.sqrt(0.1 + 0.2 + 0.3 + 0.4);
    const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
    const law = (servers: number[]) => {
      const norms = new StepNorms(4);
      const told = servers.map((server) =>
        norms.add(1, server, parts[server]!),
      );
      expect(told).toEqual([undefined, undefined, undefined, expected]);
    };
    fc.assert(fc.property(order, law));
  });

  it('keeps versions apart: a server may be ahead', () => {
    const norms = new StepNorms(2);
    norms.add(1, 0, 9);
    norms.add(2, 0, 16);
    expect(norms.add(1, 1, 0)).toBe(3);
    expect(norms.add(2, 1, 0)).toBe(4);
  });

  it('takes the newer word of a server that has done a step again', () => {
    const norms = new StepNorms(2);
    norms.add(1, 0, 9);
    norms.add(1, 0, 16);
    expect(norms.add(1, 1, 9)).toBe(5);
  });

  it('begins anew with a version that was told: it is done again', () => {
    const norms = new StepNorms(2);
    norms.add(1, 0, 9);
    norms.add(1, 1, 16);
    expect(norms.add(1, 0, 9)).toBeUndefined();
    expect(norms.add(1, 1, 0)).toBe(3);
  });

  it('forgets all that waits when steps are done again', () => {
    const norms = new StepNorms(2);
    norms.add(1, 0, 9);
    norms.clear();
    expect(norms.add(1, 1, 16)).toBeUndefined();
  });

  it('remembers 64 versions of which a server does not speak', () => {
    const norms = new StepNorms(2);
    for (let version = 0; version <= 64; version++) norms.add(version, 0, 9);
    // version 0 has made room for version 64
    expect(norms.add(1, 1, 16)).toBe(5);
    expect(norms.add(64, 1, 16)).toBe(5);
    expect(norms.add(0, 1, 16)).toBeUndefined();
  });
});
