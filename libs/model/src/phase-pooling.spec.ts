import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensor4D } from '@tensorflow/tfjs';
import { phasePool } from './phase-pooling.js';
import { tensorflow } from './tensorflow.js';
import { maxPoolGradient } from './wasm-max-pool-gradient.js';

beforeAll(async () => tensorflow().setBackend('cpu'));

/** Inputs of few different values, negative ones too: full of ties. */
const pictures = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    rows: fc.integer({ min: 3, max: 7 }),
    columns: fc.integer({ min: 3, max: 7 }),
    channels: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ batch, rows, columns, channels }) => {
    const length = batch * rows * columns * channels;
    return fc.record({
      shape: fc.constant([batch, rows, columns, channels] as const),
      values: fc.array(fc.integer({ min: -3, max: 0 }), {
        minLength: length,
        maxLength: length,
      }),
    });
  });
const side = fc.integer({ min: 1, max: 3 });

/** Value of `pool`, and gradient of the sum of its squares. */
function valueAndGradient(
  pool: (input: Tensor4D) => Tensor4D,
  values: readonly number[],
  shape: readonly [number, number, number, number],
) {
  const tf = tensorflow();
  const input = tf.tensor4d([...values], [...shape]);
  const value = Array.from(pool(input).dataSync());
  const slope = tf.grad((x) => tf.sum(tf.square(pool(x as Tensor4D))));
  return { value, gradient: Array.from(slope(input).dataSync()) };
}

describe('phasePool', () => {
  it("equals TensorFlow.js's max pooling, value and gradient, ties too", () => {
    const tf = tensorflow();
    fc.assert(
      fc.property(pictures, side, side, ({ shape, values }, down, across) => {
        const size: [number, number] = [down, across];
        const expected = valueAndGradient(
          (x) => tf.maxPool(x, size, size, 'valid'),
          values,
          shape,
        );
        const got = valueAndGradient((x) => phasePool(x, size), values, shape);
        expect(got).toEqual(expected);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});

describe('maxPoolGradient', () => {
  it('equals that of the JavaScript backend: strides, padding, overlaps, ties', () => {
    const tf = tensorflow();
    const pads = fc.constantFrom('valid' as const, 'same' as const);
    fc.assert(
      fc.property(
        pictures,
        fc.tuple(side, side, side, side),
        pads,
        ({ shape, values }, [down, across, stepDown, stepAcross], pad) => {
          const size: [number, number] = [down, across];
          const strides: [number, number] = [stepDown, stepAcross];
          const { value, gradient } = valueAndGradient(
            (x) => tf.maxPool(x, size, strides, pad),
            values,
            shape,
          );
          const into = new Float32Array(values.length);
          maxPoolGradient(
            Float32Array.from(values),
            Float32Array.from(value, (each) => 2 * each),
            tf.backend_util.computePool2DInfo(
              [...shape],
              size,
              strides,
              1,
              pad,
            ),
            into,
          );
          // Adding 0 makes -0 a 0.
          expect(Array.from(into, (each) => each + 0)).toEqual(
            gradient.map((each) => each + 0),
          );
        },
      ),
      { numRuns: 60, seed: 2 },
    );
  });
});
