/**
 * The notebook, cell by cell, with `fit` on a cluster of this machine.
 *
 *   node apps/muster/examples/dist/notebook.js [EPOCHS] [DATA]
 *
 * EPOCHS is 5 and DATA the MNIST digits when they are left out.
 */

// ---- imports ---------------------------------------------------------------

import * as tf from '@tensorflow/tfjs';
import { imageAt, loadDataset, renderTerminal } from '@muster/data';
import { startBackend } from '@muster/model';
import { fit } from '@muster/muster';

const epochs = Number(process.argv[2] ?? 5);
const backend = await startBackend('auto');
console.log(`TensorFlow.js computes with ${backend.name}`);

// ---- load ------------------------------------------------------------------

const digits = await loadDataset(process.argv[3]);
const { train, test, rows, columns, numClasses } = digits;

// ---- explore ---------------------------------------------------------------

const label = Math.min(7777, train.count - 1);
const picture = Math.min(5014, train.count - 1);
console.log(`y_train[${label}] is ${train.labels[label] ?? '?'}`);
console.log(renderTerminal(imageAt(train, picture), rows, columns));
console.log(`x_train.shape is (${train.count}, ${rows}, ${columns})`);

// ---- reshape and scale -----------------------------------------------------
// The workers do the same with the examples of their tasks.

const xTest = tf.tidy(() =>
  tf
    .tensor(test.images, [test.count, rows, columns, 1], 'int32')
    .toFloat()
    .div(255),
);
const yTest = tf.tensor1d(test.labels, 'float32');

// ---- network ---------------------------------------------------------------

const model = tf.sequential();
// 28 filters of 3x3 look at the picture
model.add(
  tf.layers.conv2d({
    name: 'conv2d',
    filters: 28,
    kernelSize: [3, 3],
    inputShape: [rows, columns, 1],
  }),
);
// of each 2x2 answers the greatest stays
model.add(tf.layers.maxPooling2d({ name: 'pool', poolSize: [2, 2] }));
// a picture becomes a row of numbers
model.add(tf.layers.flatten({ name: 'flatten' }));
model.add(tf.layers.dense({ name: 'hidden', units: 128, activation: 'relu' }));
// a fifth of the units is left out at each example, against learning by heart
model.add(tf.layers.dropout({ name: 'dropout', rate: 0.2 }));
// one probability a class
model.add(
  tf.layers.dense({
    name: 'classes',
    units: numClasses,
    activation: 'softmax',
  }),
);

// ---- compile ---------------------------------------------------------------
// How to improve, what to improve, and what to tell about it.

model.compile({
  optimizer: tf.train.adam(0.001),
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
});

// ---- fit, on a cluster -----------------------------------------------------

const { summary, folder } = await fit(model, digits, {
  epochs,
  workers: 2,
  seed: 1,
  onEpochEnd: ({ epoch, trainLoss, testAccuracy }) => {
    const percent = (100 * testAccuracy).toFixed(2);
    console.log(
      `epoch ${epoch}: loss ${trainLoss.toFixed(4)}, test ${percent} %`,
    );
  },
});
console.log(`trained in ${summary.trainSeconds.toFixed(1)} s, see ${folder}`);
console.log(`parameters sha256 ${summary.parametersSha256}`);

// ---- evaluate --------------------------------------------------------------

const [loss, accuracy] = (
  model.evaluate(xTest, yTest, { batchSize: 500 }) as tf.Scalar[]
).map((scalar) => scalar.dataSync()[0] ?? NaN);
console.log(`test loss ${loss?.toFixed(4)}, accuracy ${accuracy?.toFixed(4)}`);

// ---- predict ---------------------------------------------------------------

const first = xTest.slice([0, 0, 0, 0], [1, rows, columns, 1]);
const answer = (model.predict(first) as tf.Tensor).argMax(1).dataSync()[0];
console.log(renderTerminal(imageAt(test, 0), rows, columns));
console.log(`this is a ${answer} (label ${test.labels[0] ?? '?'})`);
