/**
 * One of our ways to train on a batch, or TensorFlow.js's own, as a contender:
 * `node network-step.js hand|general|leaves|fit [backend]`. A question is
 * `{batch, steps}`, an answer `{seconds, cpuSeconds}`; the optimizer is included.
 */
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { createRandomStream, loadDataset } from '@muster/data';
import {
  describeModel,
  initialParameters,
  notebookTopology,
  Replica,
  startBackend,
} from '@muster/model';
import { createOptimizer, kernels } from '@muster/optimizer';
import type * as tfjs from '@tensorflow/tfjs';
import { createRequire } from 'node:module';

interface Question {
  readonly batch: number;
  readonly steps: number;
}

type Train = (question: Question) => Promise<void> | void;

const ADAM = {
  name: 'adam',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
} as const;
const SIZE = 784;

const [way = 'hand', backend = 'tensorflow'] = process.argv.slice(2);
await startBackend(backend as 'tensorflow' | 'wasm');
const { train } = await loadDataset(undefined);
const topology = notebookTopology({
  ...{ rows: 28, columns: 28, channels: 1, numClasses: 10 },
});

/**
 * Gradient of the batch, then Adam, as a worker and a server do it.
 * @param numLeaves pieces that are computed one by one and added.
 */
function ours(isGeneral: boolean, numLeaves = 1): Train {
  const description = describeModel(topology);
  const replica = new Replica(description, { isGeneral });
  const optimizer = createOptimizer(ADAM);
  // as a parameter server keeps them
  const { numParameters } = description;
  const vectors = kernels.allocate(numParameters, 3);
  const [parameters, m, v] = vectors as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  parameters.set(initialParameters(description, createRandomStream, 1));
  const state = { m, v };
  const into = new Float32Array(parameters.length);
  const leaf = new Float32Array(numParameters);
  const gradientOf = (begin: number, count: number, to: Float32Array): void => {
    replica.gradient({
      parameters,
      version: step,
      images: train.images.subarray(begin * SIZE, (begin + count) * SIZE),
      labels: train.labels.subarray(begin, begin + count),
      count,
      random: createRandomStream(1, step, begin),
      into: to,
    });
  };
  let step = 0;
  return ({ batch, steps }) => {
    for (let i = 0; i < steps; i++) {
      const first = (step * batch) % (60_000 - batch);
      const size = batch / numLeaves;
      gradientOf(first, size, into);
      for (let part = 1; part < numLeaves; part++) {
        gradientOf(first + part * size, size, leaf);
        kernels.addInto(into, leaf);
      }
      step++;
      optimizer.apply({
        ...{ parameters, gradientSum: into, count: batch, state, step },
        learningRate: 0.001,
      });
    }
  };
}

/** The same network by the Layers API, as its documentation shows it. */
function fit(): Train {
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof tfjs;
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        ...{ filters: 28, kernelSize: 3, inputShape: [28, 28, 1] },
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 128, activation: 'relu' }),
      tf.layers.dropout({ rate: 0.2 }),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({
    optimizer: tf.train.adam(0.001),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  return async ({ batch, steps }) => {
    const count = batch * steps;
    const pixels = Float32Array.from(
      train.images.subarray(0, count * SIZE),
      (pixel) => pixel / 255,
    );
    const x = tf.tensor4d(pixels, [count, 28, 28, 1]);
    const y = tf.tensor1d(Float32Array.from(train.labels.subarray(0, count)));
    begin();
    const options: tfjs.ModelFitArgs = { batchSize: batch, epochs: 1 };
    await model.fit(x, y, { ...options, yieldEvery: 'never' });
    tf.dispose([x, y]);
  };
}

let started = 0;
let cpuStarted = process.cpuUsage();
const ways: Record<string, () => Train> = {
  hand: () => ours(false),
  general: () => ours(true),
  leaves: () => ours(false, 4),
  fit,
};
const step = ways[way]?.();
if (step === undefined) throw new Error(`unknown way '${way}'`);
console.log('{"ready":true}');
for await (const line of createInterface({ input: process.stdin })) {
  begin();
  await step(JSON.parse(line) as Question);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuStarted);
  console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6 }));
}

function begin(): void {
  started = performance.now();
  cpuStarted = process.cpuUsage();
}
