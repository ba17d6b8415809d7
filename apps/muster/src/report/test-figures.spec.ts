import { describe, expect, it } from 'vitest';
import { testFigures } from './test-figures.js';

describe('testFigures', () => {
  // four examples of three classes; the binary fractions are exact
  const rows = [
    [0.75, 0.25, 0],
    [0.5, 0.375, 0.125],
    [0.25, 0.25, 0.5],
    [0.0625, 0.9375, 0],
  ];
  const labels = Uint8Array.of(0, 1, 2, 0);
  const figures = testFigures(Float32Array.from(rows.flat()), labels, 2);

  it('counts answers by label', () => {
    // labels 0: one right, one taken for 1; label 1 taken for 0; label 2 right
    expect(figures.confusion).toEqual([
      [1, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]);
    expect([figures.correct, figures.count]).toEqual([2, 4]);
  });

  it('names the examples whose label got the least probability', () => {
    expect(figures.hardest).toEqual([
      { index: 3, label: 0, answer: 1, probabilities: rows[3] },
      { index: 1, label: 1, answer: 0, probabilities: rows[1] },
    ]);
  });

  it('takes an empty set', () => {
    expect(testFigures(new Float32Array(), new Uint8Array(), 3)).toEqual({
      ...{ count: 0, correct: 0, confusion: [], hardest: [] },
    });
  });
});
