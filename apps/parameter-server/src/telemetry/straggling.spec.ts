import { describe, expect, it } from 'vitest';
import { straggling, stragglerRatio } from './straggling.js';

const pacesOf = (paces: Record<string, number>) =>
  new Map(Object.entries(paces));

describe('straggling', () => {
  it('is the pace over the median one', () => {
    const ratios = straggling(pacesOf({ a: 10, b: 5, c: 40 }));
    expect([...ratios]).toEqual([
      ['a', 1],
      ['b', 0.5],
      ['c', 4],
    ]);
  });

  it('takes the faster of two in the middle', () => {
    expect(stragglerRatio(pacesOf({ a: 10, b: 30 }))).toBe(3);
    expect(stragglerRatio(pacesOf({ a: 10, b: 20, c: 40, d: 50 }))).toBe(2.5);
  });

  it('is 1 for who is alone, and nothing where nothing is known', () => {
    expect(stragglerRatio(pacesOf({ a: 7 }))).toBe(1);
    expect(stragglerRatio(new Map())).toBeUndefined();
    expect(stragglerRatio(pacesOf({ a: 0 }))).toBeUndefined();
  });
});
