// Preloaded into every Node of a training (see slow-line.ts): a worker's pushes
// take their time while the file is there. A worker is blocked meanwhile, as by
// a gradient that takes longer; its bits are not touched.
// @ts-check
import { existsSync } from 'node:fs';

const file = process.env['CLUSTER_TEST_SLOW_LINE'];
/** One push of the small data set's network, 520 kB, in 30 ms. */
const BYTES_PER_MS = 17_000;
/** Heartbeats and other words are no pushes. */
const PUSH_BYTES = 16_384;

/** @param {number} ms */
function block(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

if (file !== undefined && /\bworker\/dist\/main\.js$/.test(process.argv[1])) {
  const { Socket } = await import('node:net');
  const { write } = Socket.prototype;
  Socket.prototype.write = function (/** @type {any[]} */ ...args) {
    const { byteLength = 0 } = args[0];
    const isPush = byteLength > PUSH_BYTES;
    if (isPush && existsSync(file)) block(byteLength / BYTES_PER_MS);
    return Reflect.apply(write, this, args);
  };
}
