// Preloaded into every Node of a training (see slow-line.ts): a worker's pushes
// take their time while the file is there, through sockets and through shared
// memory. A worker is blocked meanwhile, as by a gradient that takes longer;
// its bits are not touched.
// @ts-check
import { existsSync } from 'node:fs';

const file = process.env['CLUSTER_TEST_SLOW_LINE'];
/** One push of the small data set's network, 520 kB, in 30 ms. */
const BYTES_PER_MS = 17_000;
/** Heartbeats and other words are no pushes. */
const PUSH_BYTES = 16_384;

/** @param {number} numBytes of one frame */
function delay(numBytes) {
  if (numBytes < PUSH_BYTES || file === undefined || !existsSync(file)) return;
  const never = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(never, 0, 0, numBytes / BYTES_PER_MS);
}

/**
 * Replaces a function by one that is delayed by the bytes of its arguments.
 *
 * @param {Record<string, any>} owner
 * @param {string} name
 */
function slowDown(owner, name) {
  const usual = owner[name];
  owner[name] = function (/** @type {any[]} */ ...args) {
    delay(args.reduce((sum, arg) => sum + (arg?.byteLength ?? 0), 0));
    return Reflect.apply(usual, this, args);
  };
}

if (file !== undefined && /\bworker\/dist\/main\.js$/.test(process.argv[1])) {
  const { Socket } = await import('node:net');
  const { default: Module } = await import('node:module');
  slowDown(Socket.prototype, 'write');
  // the transport's addon: `put` copies a frame into shared memory
  const extensions = /** @type {any} */ (Module)._extensions;
  const load = extensions['.node'];
  extensions['.node'] = (/** @type {any[]} */ ...args) => {
    load(...args);
    const addon = args[0].exports;
    if (typeof addon.put === 'function') slowDown(addon, 'put');
  };
}
