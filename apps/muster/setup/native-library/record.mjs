// Which native library this checkout has, how it came, and what was passed
// over: written by set-up, read by `muster doctor`.
// @ts-check
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readStamp, removeStamp, writeStamp } from '../stamp.mjs';
import { workspaceAt } from '../workspace.mjs';

/** @typedef {import('./record.d.mts').RecordPlace} RecordPlace */
/** @typedef {import('./record.d.mts').NativeRecord} NativeRecord */

/** Raised when set-up prepares the library in another way than before. */
const PREPARATION = 1;

/**
 * Reads the record; undefined before set-up, or when it is damaged.
 *
 * @param {RecordPlace} [place]
 * @returns {NativeRecord | undefined}
 */
export function readNativeRecord(place = workspaceAt()) {
  const value = readStamp(recordFile(place));
  const isRecord =
    typeof value === 'object' && value !== null && 'way' in value;
  return isRecord ? /** @type {NativeRecord} */ (value) : undefined;
}

/**
 * @param {RecordPlace} place
 * @param {NativeRecord} record
 */
export function writeNativeRecord(place, record) {
  writeStamp(recordFile(place), record);
}

/** @param {RecordPlace} place */
export function removeNativeRecord(place) {
  removeStamp(recordFile(place));
}

/**
 * What the record must have been made for: tfjs-node's version, the system,
 * and the way set-up prepares it.
 *
 * @param {RecordPlace} place
 * @returns {string}
 */
export function preparationKey(place) {
  const system = `${process.platform}-${process.arch}`;
  return `tfjs-node@${tfjsNodeVersion(place)} ${system} ${PREPARATION}`;
}

/**
 * @param {RecordPlace} place
 * @returns {string} '' when the package is missing
 */
export function tfjsNodeVersion(place) {
  try {
    const file = join(place.tfjsNode, 'package.json');
    return JSON.parse(readFileSync(file, 'utf8')).version;
  } catch {
    return '';
  }
}

/**
 * Whether every file of the record is there in its size: that is what can be
 * told in a millisecond.
 *
 * @param {RecordPlace} place
 * @param {NativeRecord} record
 * @returns {boolean}
 */
export function areFilesThere(place, record) {
  return record.files.every(({ path, bytes }) => {
    const file = join(place.root, path);
    return statSync(file, { throwIfNoEntry: false })?.size === bytes;
  });
}

/** @param {RecordPlace} place */
function recordFile(place) {
  return join(place.state, 'native.json');
}
