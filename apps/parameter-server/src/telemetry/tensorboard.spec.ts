import { decodePng } from '@muster/data';
import { describe, expect, it } from 'vitest';
import { filtersOf } from './first-filters.js';
import { partsOf } from './tensorboard.js';

const layout = [
  { name: 'conv/kernel', shape: [2, 2, 1, 3], offset: 0 },
  { name: 'conv/bias', shape: [3], offset: 12 },
  { name: 'dense/kernel', shape: [5], offset: 15 },
];
const run = { model: { layout } } as unknown as Parameters<typeof partsOf>[0];
const vector = Float32Array.from({ length: 20 }, (_, i) => i);

describe('partsOf', () => {
  it('has each tensor of a whole vector', () => {
    const parts = partsOf(run, { begin: 0, parameters: vector });
    expect(parts.map(({ tag, part }) => [tag, part.length])).toEqual([
      ['conv/kernel', 12],
      ['conv/bias', 3],
      ['dense/kernel', 5],
    ]);
  });

  it('has the parts of tensors in a slice, and says which', () => {
    // elements 10 to 16 of the vector
    const slice = { begin: 10, parameters: vector.subarray(10, 17) };
    expect(
      partsOf(run, slice).map(({ tag, part }) => [tag, [...part]]),
    ).toEqual([
      ['conv/kernel[10,12)', [10, 11]],
      ['conv/bias', [12, 13, 14]],
      ['dense/kernel[0,2)', [15, 16]],
    ]);
  });
});

describe('filtersOf', () => {
  it('draws the filters beside each other, the greatest weight black', () => {
    const image = filtersOf(run, { begin: 0, parameters: vector })!;
    // three filters of 2x2 with a line between: 2 rows, 8 columns, 8 times
    expect([image.rows, image.columns]).toEqual([16, 64]);
    const { pixels, width, height } = decodePng(image.png);
    expect([height, width]).toEqual([16, 64]);
    const at = (row: number, column: number) => pixels[8 * (64 * row + column)];
    // weights 0 to 11: element [0,0] of filter 0 is 0, [1,1] of filter 2 is 11
    expect(at(0, 0)).toBe(255);
    expect(at(1, 7)).toBe(0);
    // [0,1] of filter 1 is 4: 255 - 255 * 4 / 11
    expect(at(0, 4)).toBe(255 - Math.round((255 * 4) / 11));
  });

  it('draws nothing where the kernel is not there, or is none', () => {
    const slice = { begin: 10, parameters: vector.subarray(10) };
    expect(filtersOf(run, slice)).toBeUndefined();
    const dense = { model: { layout: [{ ...layout[2]!, offset: 0 }] } };
    expect(
      filtersOf(dense as unknown as typeof run, {
        begin: 0,
        parameters: vector,
      }),
    ).toBeUndefined();
  });
});
