import { createRandomStream } from '@muster/data';
import { describe, expect, it } from 'vitest';
import { describeModel } from './describe-model.js';
import { initialParameters } from './initializers.js';
import { notebookTopology } from './notebook-topology.js';
import { classifier, layer, sequential } from './testing/small-networks.js';
const notebook = () => describeModel(notebookTopology({ rows: 28, columns: 28, channels: 1, numClasses: 10 }));
/** 20,000 numbers of a kernel [200, 100] that starts so. */
function kernelOf(className, config = {}) {
    const description = describeModel(sequential([200], layer('Dense', {
        units: 100,
        kernel_initializer: { class_name: className, config },
    }), classifier(2)));
    return initialParameters(description, createRandomStream, 5).subarray(0, 20_000);
}
function momentsOf(values) {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / values.length);
    const largest = values.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    return { mean, deviation, largest };
}
describe('initialParameters', () => {
    it("draws the notebook's start: Glorot uniform kernels, zero biases", () => {
        const description = notebook();
        const parameters = initialParameters(description, createRandomStream, 1);
        const tensor = (index) => {
            const { offset, shape } = description.layout[index];
            return parameters.subarray(offset, offset + shape.reduce((a, b) => a * b));
        };
        for (const bias of [1, 3, 5]) {
            expect(tensor(bias).every((value) => value === 0)).toBe(true);
        }
        // limit = sqrt(6 / (fanIn + fanOut)), 9 pixels of 1 and 28 channels
        const fans = [9 * 1 + 9 * 28, 4732 + 128, 128 + 10];
        fans.forEach((fan, i) => {
            const { largest, mean, deviation } = momentsOf(tensor(2 * i));
            const limit = Math.sqrt(6 / fan);
            expect(largest).toBeLessThanOrEqual(Math.fround(limit));
            expect(largest).toBeGreaterThan(0.97 * limit);
            // 252 numbers or more: 4 standard errors of mean and deviation.
            expect(Math.abs(mean)).toBeLessThan(0.15 * limit);
            expect(deviation / (limit / Math.sqrt(3))).toBeCloseTo(1, 0);
        });
    });
    it('depends on the seed, and on each tensor apart', () => {
        const description = notebook();
        const start = (seed) => initialParameters(description, createRandomStream, seed);
        expect(start(1)).toEqual(start(1));
        expect(start(1)).not.toEqual(start(2));
        const keys = [];
        initialParameters(description, (...key) => {
            keys.push(key);
            return createRandomStream(...key);
        }, 9);
        const init = 0x696e6974;
        expect(keys).toEqual([0, 1, 2, 3, 4, 5].map((i) => [9, init, i]));
    });
    it('draws element i of a uniform tensor as low + (high - low) u_i', () => {
        const kernel = kernelOf('RandomUniform', { minval: -1, maxval: 3 });
        const random = createRandomStream(5, 0x696e6974, 0);
        const expected = Float32Array.from({ length: kernel.length }, () => -1 + 4 * random.nextFloat());
        expect(kernel).toEqual(expected);
    });
    // Deviation and largest value; a uniform one reaches sqrt(3) deviations,
    // a normal one cut at two reaches 2 / 0.8796 of its own.
    const cut = 2 / 0.8796256610342398;
    it.each([
        ['GlorotUniform', {}, Math.sqrt(2 / 300), Math.sqrt(3)],
        ['GlorotNormal', {}, Math.sqrt(2 / 300), cut],
        ['HeUniform', {}, Math.sqrt(2 / 200), Math.sqrt(3)],
        ['HeNormal', {}, Math.sqrt(2 / 200), cut],
        ['LeCunUniform', {}, Math.sqrt(1 / 200), Math.sqrt(3)],
        ['LeCunNormal', {}, Math.sqrt(1 / 200), cut],
        [
            'VarianceScaling',
            { scale: 3, mode: 'fan_out', distribution: 'uniform' },
            Math.sqrt(3 / 100),
            Math.sqrt(3),
        ],
        ['TruncatedNormal', { mean: 0, stddev: 0.5 }, 0.5 / (cut / 2), cut],
        ['RandomNormal', { mean: 0, stddev: 0.5 }, 0.5, Infinity],
    ])('%s %j has its deviation and limit', (name, config, expected, limit) => {
        const { mean, deviation, largest } = momentsOf(kernelOf(name, config));
        // 20,000 numbers: the standard error of the deviation is 0.5 %.
        expect(Math.abs(deviation / expected - 1)).toBeLessThan(0.02);
        expect(Math.abs(mean)).toBeLessThan(0.03 * expected);
        expect(largest).toBeLessThanOrEqual(1.0001 * limit * expected);
        expect(largest).toBeGreaterThan(0.95 * Math.min(limit, 3) * expected);
    });
    it.each([
        ['Zeros', {}, 0],
        ['Ones', {}, 1],
        ['Constant', { value: 0.25 }, 0.25],
    ])('%s is one number', (name, config, value) => {
        expect(new Set(kernelOf(name, config))).toEqual(new Set([value]));
    });
});
