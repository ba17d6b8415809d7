/**
 * The optimizers against TensorFlow.js's own, on its plain JavaScript backend.
 */
import { createOptimizer, type OptimizerConfig } from '@muster/optimizer';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

const LENGTH = 1000;
const STEPS = 20;
const COUNT = 128;
const LEARNING_RATE = 0.001;

/** A fixed spread of numbers in -1 to 1 (additive recurrence). */
function spread(length: number, offset: number): Float32Array {
  const golden = 0.618_033_988_749_895;
  return Float32Array.from(
    { length },
    (_, i) => 2 * (((i + 1 + offset) * golden) % 1) - 1,
  );
}

/** Gradients that shrink with the index from 1 to 1e-6, and change in sign. */
function gradientSumAt(step: number): Float32Array {
  return spread(LENGTH, step * 7919).map(
    (value, i) => COUNT * value * 10 ** ((-6 * i) / LENGTH),
  );
}

/** Parameters of 0.5 to 1.5 in size, so that relative means something. */
function startParameters(): Float32Array {
  return spread(LENGTH, 0).map((value) => value + Math.sign(value) * 0.5);
}

function ours(config: OptimizerConfig): Float32Array {
  const optimizer = createOptimizer(config);
  const parameters = startParameters();
  const state = optimizer.createState(LENGTH);
  for (let step = 1; step <= STEPS; step++) {
    optimizer.apply({
      parameters,
      gradientSum: gradientSumAt(step),
      count: COUNT,
      state,
      step,
      learningRate: LEARNING_RATE,
    });
  }
  return parameters;
}

function theirs(optimizer: tf.Optimizer): Float32Array {
  const name = `parameters-${optimizer.getClassName()}`;
  const variable = tf.variable(tf.tensor1d(startParameters()), true, name);
  for (let step = 1; step <= STEPS; step++) {
    tf.tidy(() => {
      const mean = tf.div(tf.tensor1d(gradientSumAt(step)), COUNT);
      optimizer.applyGradients({ [name]: mean });
    });
  }
  const result = variable.dataSync().slice() as Float32Array;
  variable.dispose();
  optimizer.dispose();
  return result;
}

function largestRelativeDifference(a: Float32Array, b: Float32Array): number {
  const differences = a.map((value, i) => Math.abs(value / b[i]! - 1));
  return differences.reduce((largest, value) => Math.max(largest, value), 0);
}

interface Case {
  readonly config: OptimizerConfig;
  readonly create: () => tf.Optimizer;
}

const cases: readonly Case[] = [
  {
    config: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    create: () => tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-7),
  },
  { config: { name: 'sgd' }, create: () => tf.train.sgd(LEARNING_RATE) },
  {
    config: { name: 'momentum', momentum: 0.9 },
    create: () => tf.train.momentum(LEARNING_RATE, 0.9),
  },
];

describe.each(cases)('$config.name', ({ config, create }) => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    await tf.ready();
  });

  it('equals tf.train to 1e-6 over 20 steps', () => {
    const result = ours(config);
    const expected = theirs(create());
    // It has moved by far more than the tolerance, or the test says nothing.
    expect(
      largestRelativeDifference(startParameters(), expected),
    ).toBeGreaterThan(1e-3);
    expect(largestRelativeDifference(result, expected)).toBeLessThan(1e-6);
  });
});
