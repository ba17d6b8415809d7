import { describe, expect, it } from 'vitest';
import { PUSH_BYTES } from '../wire-words.js';
import { restsOfServer } from './calibrate.js';

describe('restsOfServer', () => {
  it('finds what a step, a push and its bytes have left over', () => {
    // f = 0.5, b = 0.25, c = 2
    const { restOfPush, restOfCrowdedPush } = restsOfServer({
      alone: 0.5 + 0.25,
      quarters: 16 * 0.5 + 4 * 0.25,
      whole: 16 * 0.5 + 16 * 2,
    });
    expect(restOfPush.fixedMs).toBeCloseTo(0.5, 12);
    expect(restOfPush.msPerByte * PUSH_BYTES).toBeCloseTo(0.25, 12);
    expect(restOfCrowdedPush.fixedMs).toBeCloseTo(0.5, 12);
    expect(restOfCrowdedPush.msPerByte * PUSH_BYTES).toBeCloseTo(2, 12);
  });

  it('finds nothing below 0', () => {
    const rests = restsOfServer({ alone: -1, quarters: -2, whole: -3 });
    const nothing = { fixedMs: 0, msPerByte: 0 };
    expect(rests).toEqual({ restOfPush: nothing, restOfCrowdedPush: nothing });
  });
});
