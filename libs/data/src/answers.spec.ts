import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { surestMistakes, surestOf } from './answers.js';

describe('surestMistakes', () => {
  // wrong are 1, 2 and 4; 1 and 4 are equally sure
  const rows = [
    [0.75, 0.25],
    [0.25, 0.75],
    [0.0625, 0.9375],
    [0.5, 0.5],
    [0.25, 0.75],
  ];
  const labels = Uint8Array.of(0, 0, 0, 0, 0);
  const indices = (most: number) =>
    surestMistakes(Float32Array.from(rows.flat()), labels, most).map(
      ({ index }) => index,
    );

  it('names wrong answers, the surest first, then by their place', () => {
    expect(indices(9)).toEqual([2, 1, 4]);
    expect(indices(2)).toEqual([2, 1]);
  });

  it('says what was taken for what, and how sure', () => {
    const all = Float32Array.from(rows.flat());
    expect(surestMistakes(all, labels, 1)).toEqual([
      { index: 2, label: 0, answer: 1, probabilities: [0.0625, 0.9375] },
    ]);
  });

  it('names nothing where the parameters have diverged', () => {
    const diverged = Float32Array.of(NaN, NaN, 0.25, 0.75);
    const found = surestMistakes(diverged, Uint8Array.of(1, 0), 9);
    expect(found.map(({ index }) => index)).toEqual([1]);
  });
});

describe('surestOf', () => {
  it('of the surest of some parts are the surest of all, in any order', () => {
    const sure = fc.constantFrom(0.5, 0.75, 0.9375);
    const parts = fc.array(fc.array(sure, { maxLength: 9 }), { maxLength: 5 });
    const law = (sureness: number[][], most: number, turned: boolean) => {
      let index = 0;
      const mistakes = sureness.map((part) =>
        part.map((p) => ({
          ...{ index: index++, label: 0, answer: 1 },
          probabilities: [1 - p, p],
        })),
      );
      const ordered = turned ? [...mistakes].reverse() : mistakes;
      const merged = ordered.reduce(
        (before, part) => surestOf([...before, ...surestOf(part, most)], most),
        [],
      );
      expect(merged).toEqual(surestOf(mistakes.flat(), most));
    };
    const most = fc.integer({ min: 0, max: 12 });
    fc.assert(fc.property(parts, most, fc.boolean(), law));
  });
});
