// Run as a program of its own by verify.mjs: loads tfjs-node from the folder
// given, multiplies two matrices, prints what it found as one line of JSON. A
// library that does not fit this processor ends only this process.
// @ts-check
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';

const tfjsNode = process.argv[2] ?? '';

// tfjs-node 4.22 calls two functions that Node 23 removed.
Object.assign(util, {
  isNullOrUndefined: (/** @type {unknown} */ value) =>
    value === null || value === undefined,
  isArray: Array.isArray,
});

const require = createRequire(join(tfjsNode, 'package.json'));
const tf = require(tfjsNode);
const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), [
  [5, 6],
  [7, 8],
]);
const found = {
  product: [...product.dataSync()],
  backend: tf.getBackend(),
  version: tf.backend().binding.TF_Version,
};
process.stdout.write(`${JSON.stringify(found)}\n`);
