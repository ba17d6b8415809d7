import { describe, expect, it } from 'vitest';
import { flawOf } from './snapshot.js';
import { snapshotOf } from './testing.js';

describe('flawOf', () => {
  it('finds none in a good snapshot', () => {
    expect(flawOf(snapshotOf(1))).toBeUndefined();
  });

  it.each([
    [
      'parameters that are not finite',
      { parameters: Float32Array.of(1, 2, Number.NaN, 4) },
      'parameters: expected finite numbers, got NaN at 4',
    ],
    [
      'an infinity in a slot',
      {
        optimizer: {
          name: 'sgd',
          slots: { v: Float32Array.of(0, 0, 0, -Infinity) },
        },
      },
      'optimizer/v: expected finite numbers, got -Infinity at 5',
    ],
    [
      'parameters of another length',
      { parameters: new Float32Array(3) },
      'parameters: expected 4 elements, got 3',
    ],
    [
      'a slot of another length',
      { optimizer: { name: 'adam', slots: { m: new Float32Array(5) } } },
      'optimizer/m: expected 4 elements, got 5',
    ],
    [
      'a key range beyond the model',
      { end: 11 },
      'key range: expected within 0 to 10, got 2 to 11',
    ],
    [
      'an empty key range',
      { end: 2 },
      'key range: expected within 0 to 10, got 2 to 2',
    ],
  ])('names %s', (_, change, flaw) => {
    expect(flawOf({ ...snapshotOf(1), ...change })).toBe(flaw);
  });
});
