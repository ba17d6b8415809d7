import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOptimizer } from './create-optimizer.js';
import type { Optimizer, OptimizerConfig } from './optimizer.js';

const ADAM = {
  name: 'adam',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
} as const;
const CONFIGS: readonly OptimizerConfig[] = [
  ADAM,
  { name: 'sgd' },
  { name: 'momentum', momentum: 0.9 },
];

interface Trace {
  readonly parameters: Float32Array;
  readonly state: Record<string, Float32Array>;
}

/** Applies each gradient sum in turn, as the sum over `count` examples. */
function run(
  optimizer: Optimizer,
  start: readonly number[],
  gradientSums: readonly (readonly number[])[],
  { count = 1, learningRate = 0.5 } = {},
): Trace {
  const parameters = Float32Array.from(start);
  const state = optimizer.createState(parameters.length);
  gradientSums.forEach((sum, i) => {
    optimizer.apply({
      parameters,
      gradientSum: Float32Array.from(sum),
      count,
      state,
      step: i + 1,
      learningRate,
    });
  });
  return { parameters, state };
}

describe('sgd', () => {
  it('subtracts the learning rate times the mean gradient', () => {
    // g = [8, -4] / 4 = [2, -1]; w = [1, 2] - 0.5 g = [0, 2.5]
    const { parameters } = run(
      createOptimizer({ name: 'sgd' }),
      [1, 2],
      [[8, -4]],
      { count: 4 },
    );
    expect([...parameters]).toEqual([0, 2.5]);
  });

  it('rounds every operation to float32', () => {
    // g = f(1/3); f(0.1f * g); f(1 - that)
    const { fround } = Math;
    const product = fround(fround(0.1) * fround(1 / 3));
    const { parameters } = run(createOptimizer({ name: 'sgd' }), [1], [[1]], {
      count: 3,
      learningRate: 0.1,
    });
    expect(parameters[0]).toBe(fround(1 - product));
  });
});

describe('momentum', () => {
  it('lets the velocity decay and adds the mean gradient', () => {
    // velocity: 2, then 0.5 * 2 + 4 = 5; w: 10 - 0.5 * 2 = 9, 9 - 0.5 * 5
    const { parameters, state } = run(
      createOptimizer({ name: 'momentum', momentum: 0.5 }),
      [10],
      [[4], [8]],
      { count: 2 },
    );
    expect([...parameters]).toEqual([6.5]);
    expect([...state['velocity']!]).toEqual([5]);
  });
});

describe('adam', () => {
  it('moves by the learning rate in its first step, whatever the size', () => {
    // t = 1: mHat = g and vHat = g^2, so the step is lr * g / (|g| + eps).
    const { parameters } = run(
      createOptimizer(ADAM),
      [0, 0, 0],
      [[3, -70_000, 0]],
      { learningRate: 0.001 },
    );
    expect(parameters[0]).toBeCloseTo(-0.001, 9);
    expect(parameters[1]).toBeCloseTo(0.001, 9);
    expect(parameters[2]).toBe(0);
  });

  it('follows algorithm 1 of the paper over three steps', () => {
    // beta1 = beta2 = 1/2, eps = 1, lr = 1, all exact but the roots:
    // g = 2: m = 1,   v = 2,   mHat = 2,   vHat = 4    w = -2/(2+1)
    // g = 0: m = 1/2, v = 1,   mHat = 2/3, vHat = 4/3
    // g = 4: m = 9/4, v = 17/2, mHat = 18/7, vHat = 68/7
    const steps = [
      2 / 3,
      2 / 3 / (Math.sqrt(4 / 3) + 1),
      18 / 7 / (Math.sqrt(68 / 7) + 1),
    ];
    const config = {
      name: 'adam',
      beta1: 0.5,
      beta2: 0.5,
      epsilon: 1,
    } as const;
    const { parameters, state } = run(
      createOptimizer(config),
      [0],
      [[2], [0], [4]],
      { learningRate: 1 },
    );
    // Three float32 updates of about 1: within 3 units of 2^-24.
    const expected = -steps.reduce((sum, step) => sum + step, 0);
    expect(Math.abs(parameters[0]! - expected)).toBeLessThan(3 * 2 ** -24);
    expect([...state['m']!, ...state['v']!]).toEqual([9 / 4, 17 / 2]);
  });

  it('rounds every operation to float32 in its documented order', () => {
    const { fround } = Math;
    const element = fc.float({ min: -8, max: 8, noNaN: true });
    fc.assert(
      fc.property(
        element,
        element,
        fc.integer({ min: 1, max: 999 }),
        (w, s, count) => {
          const { parameters, state } = run(createOptimizer(ADAM), [w], [[s]], {
            count,
            learningRate: 0.001,
          });
          const root = Math.sqrt(1 - 0.999);
          const g = fround(s / count);
          const m = fround(fround(1 - 0.9) * g);
          const v = fround(fround(1 - 0.999) * fround(g * g));
          const rate = fround((0.001 * root) / (1 - 0.9));
          const divisor = fround(fround(Math.sqrt(v)) + fround(1e-7 * root));
          expect(state['m']![0]! + 0).toBe(m + 0);
          expect(state['v']![0]).toBe(v);
          expect(parameters[0]! + 0).toBe(
            fround(w - fround(fround(rate * m) / divisor)) + 0,
          );
        },
      ),
    );
  });
});

describe.each(CONFIGS)('$name', (config) => {
  const vectors = fc.array(
    fc.tuple(
      fc.float({ min: -4, max: 4, noNaN: true }),
      fc.float({ min: -4, max: 4, noNaN: true }),
      fc.float({ min: -4, max: 4, noNaN: true }),
    ),
    { minLength: 2, maxLength: 12 },
  );

  it('gives the same bits on any cut of the vector', () => {
    fc.assert(
      fc.property(vectors, fc.nat(), (rows, cut) => {
        const optimizer = createOptimizer(config);
        const column = (k: 0 | 1 | 2): number[] => rows.map((row) => row[k]);
        const [w, g1, g2] = [column(0), column(1), column(2)];
        const whole = run(optimizer, w, [g1, g2], { count: 7 });
        const at = cut % rows.length;
        const part = (begin: number, end?: number): Trace =>
          run(
            optimizer,
            w.slice(begin, end),
            [g1.slice(begin, end), g2.slice(begin, end)],
            { count: 7 },
          );
        const [left, right] = [part(0, at), part(at)];
        expect([...left.parameters, ...right.parameters]).toEqual([
          ...whole.parameters,
        ]);
        for (const slot of optimizer.slots) {
          expect([...left.state[slot]!, ...right.state[slot]!]).toEqual([
            ...whole.state[slot]!,
          ]);
        }
      }),
    );
  });

  it('treats every element alike over thousands of elements', () => {
    // Five values over and over, 2,503 times: five results over and over.
    const optimizer = createOptimizer(config);
    const pattern = [0.5, -3, 0, 2 ** -20, 4];
    const long = Array.from({ length: 2503 }, (_, i) => pattern[i % 5]!);
    const short = run(optimizer, pattern, [pattern, pattern]).parameters;
    const { parameters } = run(optimizer, long, [long, long]);
    expect(parameters).toEqual(
      Float32Array.from(long, (_, i) => short[i % 5]!),
    );
  });

  it('starts from zeros, one array a slot', () => {
    const optimizer = createOptimizer(config);
    const state = optimizer.createState(3);
    expect(Object.keys(state)).toEqual(optimizer.slots);
    for (const slot of optimizer.slots) {
      expect(state[slot]).toEqual(new Float32Array(3));
    }
  });

  const optimizer = createOptimizer(config);
  const valid = {
    parameters: Float32Array.of(1, 2),
    gradientSum: Float32Array.of(1, 1),
    count: 2,
    state: optimizer.createState(2),
    step: 1,
    learningRate: 0.1,
  };

  it.each([
    [
      { gradientSum: new Float32Array(1) },
      'expected 2 elements of gradient sum, got 1',
    ],
    [{ count: 0 }, 'expected a count of 1 to 2^24 examples, got 0'],
    [{ count: 1.5 }, 'expected a count of 1 to 2^24 examples, got 1.5'],
    [{ step: 0 }, 'expected a step from 1, got 0'],
  ])('refuses %o', (change, message) => {
    expect(() => optimizer.apply({ ...valid, ...change })).toThrow(
      new RangeError(`optimizer: ${message}`),
    );
    expect([...valid.parameters]).toEqual([1, 2]);
  });

  it('refuses a state that is not its own', () => {
    for (const slot of optimizer.slots) {
      const missing = { ...valid.state };
      Reflect.deleteProperty(missing, slot);
      expect(() => optimizer.apply({ ...valid, state: missing })).toThrow(
        new RangeError(`optimizer: expected a state slot '${slot}', got none`),
      );
      const short = { ...valid.state, [slot]: new Float32Array(1) };
      expect(() => optimizer.apply({ ...valid, state: short })).toThrow(
        new RangeError(
          `optimizer: expected 2 elements of state slot '${slot}', got 1`,
        ),
      );
    }
    expect([...valid.parameters]).toEqual([1, 2]);
  });
});
