import type { RunDefinition } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { firstFilters } from './run-facts.js';

/** A network whose first tensor has this shape, at this place. */
function networkOf(shape: number[], offset = 0): RunDefinition {
  const layout = [{ name: 'first', shape, offset }];
  return { model: { layout } } as unknown as RunDefinition;
}

describe('firstFilters', () => {
  const parameters = Float32Array.from({ length: 20 }, (_, index) => index);

  it('are the beginning of the parameters', () => {
    expect(firstFilters(networkOf([3, 2, 1, 3]), parameters)).toEqual({
      ...{ rows: 3, columns: 2, count: 3 },
      values: Array.from({ length: 18 }, (_, index) => index),
    });
  });

  it.each([
    ['a dense layer is first', [4, 5], 0],
    ['pictures have colours', [3, 2, 3, 1], 0],
    ['the slice ends before them', [3, 3, 1, 3], 0],
    ['the slice ends within them', [3, 2, 1, 3], 4],
  ])('are none where %s', (_, shape, offset) => {
    expect(firstFilters(networkOf(shape, offset), parameters)).toBeNull();
  });
});
