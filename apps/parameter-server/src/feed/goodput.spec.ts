import { describe, expect, it } from 'vitest';
import { Goodput } from './goodput.js';

describe('Goodput', () => {
  it('is nothing before the first step, and 1 without a loss', () => {
    const goodput = new Goodput();
    expect(goodput.ratio).toBeNull();
    goodput.resume(0, 0, 1000);
    expect(goodput.ratio).toBeNull();
    for (const version of [1, 2, 3]) goodput.applied(version, 1000 + version);
    expect(goodput.ratio).toBe(1);
  });

  it('counts neither what is done again nor the wait for it', () => {
    const goodput = new Goodput();
    goodput.resume(0, 0, 0);
    // steps of 100 ms; 3 and 4 are lost, and 300 ms until it goes on
    for (let version = 1; version <= 4; version++) {
      goodput.applied(version, 100 * version);
    }
    goodput.resume(2, 4, 700);
    goodput.applied(3, 800);
    // steps 1, 2 and 3 of 100 ms each, in 800 ms
    expect(goodput.ratio).toBe(300 / 800);
  });
});
