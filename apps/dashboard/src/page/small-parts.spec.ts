import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.js';
import { ranked } from './bars.js';
import { refusal } from './classify.js';
import { workerClass, workerMark } from './colours.js';

describe('backoffMs', () => {
  it('doubles up to ten seconds, half of it by chance', () => {
    expect([0, 1, 2, 9, 1_000].map((n) => backoffMs(n, 1))).toEqual([
      500, 1_000, 2_000, 10_000, 10_000,
    ]);
    expect(backoffMs(1, 0)).toBe(500);
  });
});

describe('ranked', () => {
  it('has the likeliest first, and of equals the smaller', () => {
    expect(ranked([0.1, 0.4, 0.1, 0.4])).toEqual([1, 3, 0, 2]);
  });
});

describe('refusal', () => {
  it('says what a code means', () => {
    expect(refusal(503, '{"code":"ERR_NO_WORKERS","message":"m"}')).toMatch(
      /^No worker is there to answer/,
    );
  });

  it('passes on what the server says otherwise, not too much of it', () => {
    expect(refusal(500, '{"code":"ERR_X","message":"why"}')).toBe(
      'The server answered 500: why',
    );
    expect(refusal(502, 'x'.repeat(900))).toBe(
      `The server answered 502: ${'x'.repeat(200)}`,
    );
  });
});

describe('colours', () => {
  it('go by the number in the name, else by the place', () => {
    expect(workerClass('worker-9', [])).toBe('w1');
    expect(workerClass('anna', ['bert', 'anna'])).toBe('w1');
    expect([workerMark('worker-12'), workerMark('anna')]).toEqual(['12', 'an']);
  });
});
