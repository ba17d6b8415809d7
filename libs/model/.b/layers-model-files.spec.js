import { createRandomStream } from '@muster/data';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from './describe-model.js';
import { initialParameters } from './initializers.js';
import { readLayersModel, saveLayersModel } from './layers-model-files.js';
import { notebookTopology } from './notebook-topology.js';
import { Replica } from './replica.js';
import { tensorflow } from './tensorflow.js';
import { examplesOf, parametersOf } from './testing/small-networks.js';
import { topologyOf, writeBack } from './user-model.js';
let directory = '';
beforeAll(async () => {
    await tensorflow().setBackend('cpu');
    directory = await mkdtemp(join(tmpdir(), 'muster-model-'));
});
afterAll(() => rm(directory, { recursive: true }));
const description = describeModel(notebookTopology({ rows: 8, columns: 8, channels: 1, numClasses: 4 }));
const parameters = parametersOf(description);
const examples = examplesOf(description, 5);
const predicted = () => new Replica(description).predict({ ...examples, parameters });
/** Images as a Layers model takes them: float32 in 0 ... 1. */
const scaledImages = () => tensorflow().tensor(Float32Array.from(examples.images, (pixel) => pixel / 255), [5, 8, 8, 1]);
function expectClose(got, expected) {
    expect(got.length).toBe(expected.length);
    Array.from(expected).forEach((value, i) => {
        // The Layers model's own softmax is float32.
        expect(got[i]).toBeCloseTo(value, 6);
    });
}
describe('saveLayersModel', () => {
    it('writes what tf.loadLayersModel reads, with the same predictions', async () => {
        const tf = tensorflow();
        const target = join(directory, 'new', 'model');
        await saveLayersModel(target, description, parameters);
        const json = JSON.parse(await readFile(join(target, 'model.json'), 'utf8'));
        const weights = await readFile(join(target, 'weights.bin'));
        expect(weights.byteLength).toBe(4 * description.numParameters);
        const { buffer, byteOffset, byteLength } = weights;
        const model = await tf.loadLayersModel(tf.io.fromMemory({
            modelTopology: json.modelTopology,
            weightSpecs: json.weightsManifest[0].weights,
            weightData: buffer.slice(byteOffset, byteOffset + byteLength),
        }));
        const output = model.predict(scaledImages());
        expectClose(output.dataSync(), predicted());
    });
    it('is read back whole', async () => {
        await saveLayersModel(directory, description, parameters);
        expect(await readLayersModel(directory)).toEqual({
            description,
            parameters,
        });
    });
    it('refuses parameters of another length', async () => {
        await expect(saveLayersModel(directory, description, parameters.subarray(1))).rejects.toThrow(`'parameters' has ${parameters.length - 1} elements, expected ${parameters.length}`);
    });
});
describe('readLayersModel', () => {
    it('names a file that is missing', async () => {
        await expect(readLayersModel(join(directory, 'none'))).rejects.toMatchObject({
            code: 'ERR_RUN_NOT_FOUND',
            message: expect.stringContaining('none/model.json'),
        });
    });
    it.each([
        [
            'cut weights',
            'weights.bin',
            (b) => b.subarray(4),
            'bytes of weights, got',
        ],
        [
            'longer weights',
            'weights.bin',
            (b) => Buffer.concat([b, b]),
            'bytes of weights, got',
        ],
        ['cut JSON', 'model.json', (b) => b.subarray(0, 40), 'expected JSON'],
        [
            'other JSON',
            'model.json',
            () => Buffer.from('[]'),
            "expected an object with 'modelTopology'",
        ],
        [
            'another shape',
            'model.json',
            (b) => Buffer.from(b.toString().replace('[3,3,1,28]', '[9,1,1,28]')),
            "expected tensor 'conv2d/kernel' of shape [3, 3, 1, 28], got [9, 1, 1, 28]",
        ],
    ])('names the damaged file: %s', async (_, file, damage, message) => {
        await saveLayersModel(directory, description, parameters);
        const path = join(directory, file);
        await writeFile(path, damage(await readFile(path)));
        await expect(readLayersModel(directory)).rejects.toMatchObject({
            code: 'ERR_CHECKPOINT_CORRUPT',
            message: expect.stringContaining(message),
        });
    });
});
describe('a model that a person built', () => {
    const build = () => {
        const { layers, sequential } = tensorflow();
        const inputShape = [8, 8, 1];
        return sequential({
            layers: [
                layers.conv2d({ filters: 3, kernelSize: 3, inputShape }),
                layers.maxPooling2d({ poolSize: 2 }),
                layers.flatten(),
                layers.dense({ units: 4, activation: 'softmax' }),
            ],
        });
    };
    it('predicts with the trained parameters once they are written back', () => {
        const model = build();
        const mine = describeModel(topologyOf(model));
        const trained = initialParameters(mine, createRandomStream, 8);
        const before = tensorflow().memory().numTensors;
        writeBack(model, mine, trained);
        expect(tensorflow().memory().numTensors).toBe(before);
        const replica = new Replica(mine);
        const expected = replica.predict({ ...examples, parameters: trained });
        trained.fill(0);
        const output = model.predict(scaledImages());
        expectClose(output.dataSync(), expected);
    });
    it('is read from what model.save wrote, whatever its names', async () => {
        const model = build();
        const tf = tensorflow();
        await model.save(tf.io.withSaveHandler(async (artifacts) => {
            const { modelTopology, weightSpecs, weightData } = artifacts;
            const file = {
                modelTopology,
                weightsManifest: [{ paths: ['a.bin'], weights: weightSpecs }],
            };
            const bytes = new Uint8Array(weightData);
            await writeFile(join(directory, 'a.bin'), bytes);
            await writeFile(join(directory, 'model.json'), JSON.stringify(file));
            return {
                modelArtifactsInfo: {
                    dateSaved: new Date(0),
                    modelTopologyType: 'JSON',
                },
            };
        }));
        const read = await readLayersModel(directory);
        const expected = model.predict(scaledImages());
        const replica = new Replica(read.description);
        const { parameters: values } = read;
        expectClose(replica.predict({ ...examples, parameters: values }), expected.dataSync());
    });
    it('is not given the parameters of another', () => {
        expect(() => {
            writeBack(build(), description, parameters);
        }).toThrow('the model has weights of shapes [3, 3, 1, 3] [3] [27, 4] [4]');
    });
});
