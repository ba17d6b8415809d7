// Whether our own native kernels were compiled in this checkout, and why not:
// written by set-up, read by `muster doctor`.
// @ts-check
import { join } from 'node:path';
import {
  fingerprintFiles,
  listFiles,
  readStamp,
  writeStamp,
} from './stamp.mjs';
import { workspaceAt } from './workspace.mjs';

/** @typedef {import('./kernels-record.d.mts').KernelsPlace} KernelsPlace */
/** @typedef {import('./kernels-record.d.mts').KernelsRecord} KernelsRecord */

/** The libraries that have an addon of ours; see their native/. */
export const KERNELS = ['model', 'optimizer', 'transport'];

/**
 * Reads the record; undefined before set-up, or when it is damaged.
 *
 * @param {KernelsPlace} [place]
 * @returns {KernelsRecord | undefined}
 */
export function readKernelsRecord(place = workspaceAt()) {
  const value = readStamp(recordFile(place));
  const isRecord =
    typeof value === 'object' &&
    value !== null &&
    'files' in value &&
    Array.isArray(value.files);
  return isRecord ? /** @type {KernelsRecord} */ (value) : undefined;
}

/**
 * @param {KernelsPlace} place
 * @param {KernelsRecord} record
 */
export function writeKernelsRecord(place, record) {
  writeStamp(recordFile(place), record);
}

/**
 * What the record must have been made for: the system, and the sources as
 * they are now.
 *
 * @param {KernelsPlace} place
 * @returns {string}
 */
export function kernelsKey({ root }) {
  const folders = [
    join(root, 'tools', 'native'),
    ...KERNELS.map((library) => join(root, 'libs', library, 'native')),
  ];
  const files = folders.flatMap((folder) => listFiles(folder));
  const system = `${process.platform}-${process.arch}`;
  return `${system} ${fingerprintFiles(root, files)}`;
}

/** @param {KernelsPlace} place */
function recordFile({ state }) {
  return join(state, 'kernels.json');
}
