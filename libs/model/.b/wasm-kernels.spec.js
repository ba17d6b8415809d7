import { createRandomStream } from '@muster/data';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from './backend.js';
import { tensorflow } from './tensorflow.js';
import { relativeError } from './testing/replica-laws.js';
beforeAll(() => startBackend('wasm'));
function randomTensor(shape, seed) {
    const random = createRandomStream(seed);
    const length = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length }, () => random.nextNormal());
    return tensorflow().tensor(values, [...shape]);
}
/** The numbers that `compute` gives on a backend. */
async function on(backend, compute) {
    await tensorflow().setBackend(backend);
    return tensorflow()
        .tidy(() => compute())
        .data();
}
async function expectSame(compute) {
    const expected = await on('cpu', compute);
    const got = await on('wasm', compute);
    expect(got.length).toBe(expected.length);
    // float32 sums in another order: at most some thousand terms here.
    expect(relativeError(got, expected)).toBeLessThan(1e-5);
}
describe('Conv2DBackpropFilter', () => {
    it.each([
        ["the notebook's", [4, 28, 28, 1], [3, 3, 1, 28], 1, 'valid'],
        ['several channels', [2, 9, 7, 3], [3, 2, 3, 5], 1, 'valid'],
        ['padded', [2, 9, 7, 1], [3, 3, 1, 4], 1, 'same'],
        ['padded, even filter', [2, 8, 7, 2], [4, 2, 2, 3], 1, 'same'],
        ['strided', [2, 9, 8, 1], [3, 3, 1, 4], 2, 'valid'],
        ['strided, padded, channels', [3, 8, 9, 2], [3, 3, 2, 4], [2, 3], 'same'],
        ['strided, rest unused', [1, 10, 10, 2], [3, 3, 2, 2], [4, 4], 'valid'],
        ['of one element', [2, 5, 5, 3], [1, 1, 3, 2], 1, 'valid'],
        ['of the whole input', [2, 5, 4, 2], [5, 4, 2, 3], 1, 'valid'],
    ])('%s', async (_, input, filter, strides, pad) => {
        const tf = tensorflow();
        await expectSame(() => {
            const x = randomTensor(input, 1);
            const slope = tf.grad((kernel) => tf.square(tf.conv2d(x, kernel, strides, pad)));
            return slope(randomTensor(filter, 2));
        });
    });
});
describe('BatchMatMul', () => {
    const shapes = [
        ['plain', [5, 7], [7, 3], false, false],
        ['first transposed', [7, 5], [7, 3], true, false],
        ['second transposed', [5, 7], [3, 7], false, true],
        ['second transposed and large', [2, 30], [400, 30], false, true],
        ['second transposed and small', [40, 30], [2, 30], false, true],
        ['both transposed', [7, 5], [3, 7], true, true],
        ['batches', [4, 7, 5], [4, 3, 7], true, true],
        ['batches, one shared', [4, 5, 7], [1, 3, 7], false, true],
    ];
    it.each(shapes)('%s', async (_, a, b, transposeA, transposeB) => {
        const tf = tensorflow();
        await expectSame(() => tf.matMul(randomTensor(a, 1), randomTensor(b, 2), transposeA, transposeB));
    });
});
describe('MaxPoolGrad', () => {
    it('gives windows of negative numbers their gradient', async () => {
        const tf = tensorflow();
        await expectSame(() => tf.grad((x) => tf.square(tf.maxPool(x, 3, 2, 'same')))(tf.sub(randomTensor([2, 7, 6, 3], 1), 5)));
    });
});
it('no operation keeps tensors', async () => {
    const tf = tensorflow();
    await tf.setBackend('wasm');
    const round = () => {
        tf.tidy(() => {
            const x = randomTensor([2, 6, 6, 2], 1);
            const slope = tf.grad((kernel) => tf.maxPool(tf.conv2d(x, kernel, 1, 'same'), 2, 1, 'same'));
            slope(randomTensor([3, 3, 2, 2], 2));
            tf.matMul(randomTensor([5, 7], 1), randomTensor([3, 7], 2), false, true);
        });
        return tf.memory().numTensors + tf.memory().numDataBuffers;
    };
    const first = round();
    expect([round(), round()]).toEqual([first, first]);
});
