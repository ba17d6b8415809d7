import { describe, expect, it } from 'vitest';
import { sparkline } from './sparkline.js';

describe('sparkline', () => {
  it('has a block a value, from the least to the greatest', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([3, 3])).toBe('▁▁');
    expect(sparkline([])).toBe('');
  });

  it('is 60 characters long at most, each a mean', () => {
    const values = Array.from({ length: 120 }, (_, i) => Math.floor(i / 2) % 2);
    // pairs of equal values: 0 0 1 1 0 0 1 1 …
    expect(sparkline(values)).toBe('▁█'.repeat(30));
  });

  it('leaves a blank where nothing is a number', () => {
    expect(sparkline([0, Number.NaN, 1])).toBe('▁ █');
  });
});
