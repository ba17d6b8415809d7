import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOptimizer } from './create-optimizer.js';

interface Trace {
  readonly parameters: Float32Array;
  readonly velocity: Float32Array;
}

interface Start {
  readonly w: readonly number[];
  readonly velocity?: readonly number[];
  readonly momentum: number;
  readonly count?: number;
  readonly learningRate: number;
}

/** Applies each gradient sum in turn, as the sum over `count` examples. */
function run(
  { w, velocity, momentum, count = 1, learningRate }: Start,
  gradientSums: readonly (readonly number[])[],
): Trace {
  const optimizer = createOptimizer({ name: 'nesterov', momentum });
  const parameters = Float32Array.from(w);
  const state = optimizer.createState(w.length);
  state['velocity']!.set(velocity ?? []);
  gradientSums.forEach((sum, i) => {
    const gradientSum = Float32Array.from(sum);
    const update = { parameters, gradientSum, count, state, learningRate };
    optimizer.apply({ ...update, step: i + 1 });
  });
  return { parameters, velocity: state['velocity']! };
}

const HALF = { momentum: 0.5, learningRate: 0.5 };

describe('nesterov', () => {
  it('steps along the velocity as it will be', () => {
    // g = 4 / 2 = 2: v = 2,                w = 10 - 0.5 (2 + 0.5 * 2) = 8.5
    // g = 8 / 2 = 4: v = 0.5 * 2 + 4 = 5,  w = 8.5 - 0.5 (4 + 0.5 * 5) = 5.25
    const { parameters, velocity } = run({ ...HALF, w: [10], count: 2 }, [
      [4],
      [8],
    ]);
    expect([...parameters]).toEqual([5.25]);
    expect([...velocity]).toEqual([5]);
  });

  it('goes 1 + mu times as far as plain descent in its first step', () => {
    // v = g, so g + mu v = (1 + mu) g: 1.5 * [4, -8], half of it
    const { parameters } = run({ ...HALF, w: [0, 0] }, [[4, -8]]);
    expect([...parameters]).toEqual([-3, 6]);
  });

  it('goes on from the velocity of a checkpoint', () => {
    // v = 0.5 * 4 + 0 = 2, w = 0 - 0.5 (0 + 0.5 * 2)
    const { parameters } = run({ ...HALF, w: [0], velocity: [4] }, [[0]]);
    expect([...parameters]).toEqual([-0.5]);
  });

  it('is the look-ahead method of Sutskever et al. in other variables', () => {
    // Theirs: v' = mu v + grad(x - lr mu v), x' = x - lr v'. With the
    // parameters w = x - lr mu v, the gradient is taken at w, and
    //   w' = x' - lr mu v' = w + lr mu v - lr v' - lr mu v'
    //      = w - lr (g + mu v'),          as mu v - v' = -g.
    // Halves of small integers: six steps are exact in float32.
    const gradientAt = (w: number) => w - 3;
    let [x, v] = [11, 0];
    const points = Array.from({ length: 6 }, () => {
      const g = gradientAt(x - 0.25 * v);
      v = 0.5 * v + g;
      x -= 0.5 * v;
      return x - 0.25 * v;
    });
    let at: Trace = {
      parameters: Float32Array.of(11),
      velocity: Float32Array.of(0),
    };
    const ours = points.map(() => {
      const w = at.parameters[0]!;
      const start = { ...HALF, w: [w], velocity: [...at.velocity] };
      at = run(start, [[gradientAt(w)]]);
      return at.parameters[0];
    });
    expect(ours).toEqual(points);
  });

  const element = fc.float({ min: -8, max: 8, noNaN: true });

  it('rounds every operation to float32 in its documented order', () => {
    const { fround } = Math;
    const count = fc.integer({ min: 1, max: 999 });
    const law = (w: number, v: number, sum: number, n: number) => {
      const start = { w: [w], velocity: [v], momentum: 0.9, count: n };
      const { parameters, velocity } = run({ ...start, learningRate: 0.7 }, [
        [sum],
      ]);
      const g = fround(sum / n);
      const next = fround(fround(fround(0.9) * v) + g);
      const ahead = fround(g + fround(fround(0.9) * next));
      const moved = fround(w - fround(fround(0.7) * ahead));
      // + 0: the sign of a zero is of no account
      expect(velocity[0]! + 0).toBe(next + 0);
      expect(parameters[0]! + 0).toBe(moved + 0);
    };
    fc.assert(fc.property(element, element, element, count, law));
  });

  it('does not fuse the multiplication with the addition', () => {
    // mu v + g with v = g = f32(1/11): one rounding in place of two gives the
    // neighbour
    const { fround } = Math;
    const v = fround(1 / 11);
    const fused = fround(fround(0.9) * v + v);
    const apart = fround(fround(fround(0.9) * v) + v);
    expect(fused).not.toBe(apart);
    const start = { w: [0], velocity: [v], momentum: 0.9, learningRate: 1 };
    expect(run(start, [[v]]).velocity[0]).toBe(apart);
  });

  it('is plain descent without momentum', () => {
    const sgd = createOptimizer({ name: 'sgd' });
    const law = (w: number, sum: number) => {
      const start = { w: [w], momentum: 0, count: 3, learningRate: 0.1 };
      const plain = Float32Array.of(w);
      sgd.apply({
        ...{ parameters: plain, gradientSum: Float32Array.of(sum), count: 3 },
        ...{ state: {}, step: 1, learningRate: 0.1 },
      });
      expect(run(start, [[sum]]).parameters[0]! + 0).toBe(plain[0]! + 0);
    };
    fc.assert(fc.property(element, element, law));
  });

  it('gives the same bits on any cut of the vector', () => {
    const rows = fc.array(fc.tuple(element, element, element), {
      minLength: 2,
      maxLength: 12,
    });
    const law = (table: [number, number, number][], cut: number) => {
      const at = cut % table.length;
      const traceOf = (part: [number, number, number][]) => {
        const [w, g1, g2] = [0, 1, 2].map((k) => part.map((row) => row[k]!));
        const start = { w: w!, momentum: 0.9, count: 7, learningRate: 0.7 };
        return run(start, [g1!, g2!]);
      };
      const [left, right] = [
        traceOf(table.slice(0, at)),
        traceOf(table.slice(at)),
      ];
      const whole = traceOf(table);
      expect([...left.parameters, ...right.parameters]).toEqual([
        ...whole.parameters,
      ]);
      expect([...left.velocity, ...right.velocity]).toEqual([
        ...whole.velocity,
      ]);
    };
    fc.assert(fc.property(rows, fc.nat(), law));
  });

  it('refuses a velocity of another length and changes nothing', () => {
    const optimizer = createOptimizer({ name: 'nesterov', momentum: 0.5 });
    expect(optimizer.slots).toEqual(['velocity']);
    const parameters = Float32Array.of(1, 2);
    const update = {
      ...{ parameters, gradientSum: Float32Array.of(1, 1), count: 1 },
      ...{ step: 1, learningRate: 1, state: { velocity: new Float32Array(1) } },
    };
    expect(() => optimizer.apply(update)).toThrow(
      "expected 2 elements of state slot 'velocity', got 1",
    );
    expect([...parameters]).toEqual([1, 2]);
  });
});
