import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Consistency } from '@muster/protocol';
import { outerOptimizerOf } from './outer-optimizer.js';

type Outer = Extract<Consistency, { name: 'local' }>['outer'];

const AVERAGE: Outer = { name: 'average' };
const NESTEROV: Outer = { name: 'nesterov', learningRate: 0.5, momentum: 0.5 };

function outer(rule: Outer) {
  return outerOptimizerOf({ name: 'local', steps: 4, outer: rule })!;
}

/** Applies the sum of what each replica moved by, round by round. */
function run(rule: Outer, start: number, rounds: number[][]): number[] {
  const optimizer = outer(rule);
  const parameters = Float32Array.of(start);
  const state = optimizer.createState(1);
  return rounds.map((differences, i) => {
    const sum = differences.reduce((a, b) => a + b, 0);
    optimizer.apply({
      ...{ parameters, gradientSum: Float32Array.of(sum), state },
      ...{ count: differences.length, step: i + 1 },
      // of the inner optimizer: nothing to the outer one
      learningRate: 1000,
    });
    return parameters[0]!;
  });
}

describe('outerOptimizerOf', () => {
  it('is for mode `local` alone', () => {
    const scaling = 'none' as const;
    const modes: Consistency[] = [
      { name: 'sync' },
      { name: 'bounded', staleness: 1, scaling },
      { name: 'async', maxStaleness: 1, scaling },
    ];
    expect(modes.map(outerOptimizerOf)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('gives the mean of the replicas with `average`', () => {
    // w - mean(w - r) = mean(r). Integers, and powers of two of replicas: no
    // operation rounds.
    const integer = fc.integer({ min: -1000, max: 1000 });
    const replicas = fc
      .constantFrom(1, 2, 4, 8)
      .chain((n) => fc.array(integer, { minLength: n, maxLength: n }));
    const law = (w: number, after: number[]) => {
      const mean = after.reduce((a, b) => a + b, 0) / after.length;
      const differences = after.map((r) => w - r);
      expect(run(AVERAGE, w, [differences])[0]! + 0).toBe(mean + 0);
    };
    fc.assert(fc.property(integer, replicas, law));
  });

  it('remembers nothing with `average`', () => {
    expect(outer(AVERAGE).slots).toEqual([]);
    // 10 - 3, 7 - 3
    expect(run(AVERAGE, 10, [[2, 4], [3]])).toEqual([7, 4]);
  });

  it('looks ahead along its velocity with `nesterov`', () => {
    // d = 2: v = 2,             w = 10 - 0.5 (2 + 0.5 * 2) = 8.5
    // d = 4: v = 1 + 4 = 5,     w = 8.5 - 0.5 (4 + 0.5 * 5) = 5.25
    // d = 0: v = 2.5,           w = 5.25 - 0.5 (0.5 * 2.5) = 4.625
    const rounds = [
      [1, 3],
      [4, 4, 4, 4],
      [1, -1],
    ];
    expect(run(NESTEROV, 10, rounds)).toEqual([8.5, 5.25, 4.625]);
    expect(outer(NESTEROV).slots).toEqual(['velocity']);
  });

  it('is the average again with rate 1 and no momentum', () => {
    const plain: Outer = { name: 'nesterov', learningRate: 1, momentum: 0 };
    const rounds = [[1, 2, 4], [0.1], [-7, 3]];
    expect(run(plain, 10, rounds)).toEqual(run(AVERAGE, 10, rounds));
  });
});
