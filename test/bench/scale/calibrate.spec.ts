import { describe, expect, it } from 'vitest';
import { PUSH_BYTES } from '../wire-words.js';
import { restsOfServer } from './calibrate.js';

describe('restsOfServer', () => {
  it('finds what a step, a push and its bytes have left over', () => {
    // s = 1, f = 0.5, b = 0.25
    const [alone, many, parts] = [1.75, 1 + 2 + 1, 1 + 2 + 0.25];
    const { restOfStep, restOfPush } = restsOfServer(alone, many, parts);
    expect(restOfStep.fixedMs).toBeCloseTo(1, 12);
    expect(restOfPush.fixedMs).toBeCloseTo(0.5, 12);
    expect(restOfPush.msPerByte * PUSH_BYTES).toBeCloseTo(0.25, 12);
  });

  it('finds nothing below 0', () => {
    const { restOfStep, restOfPush } = restsOfServer(1, 0.5, 2);
    expect(restOfStep.fixedMs).toBe(1);
    expect(restOfPush).toEqual({ fixedMs: 0, msPerByte: 0 });
  });
});
