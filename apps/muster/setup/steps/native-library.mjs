// The native library: told ready from its record, prepared by the first of the
// three ways that works otherwise.
// @ts-check
import { relative } from 'node:path';
import { statSync } from 'node:fs';
import { chooseWay } from '../native-library/choice.mjs';
import {
  installByDownload,
  keepDownloaded,
} from '../native-library/download.mjs';
import { removePlaced } from '../native-library/place.mjs';
import {
  areFilesThere,
  preparationKey,
  readNativeRecord,
  removeNativeRecord,
  writeNativeRecord,
} from '../native-library/record.mjs';
import { verifyNativeLibrary } from '../native-library/verify.mjs';
import { settleForWasm } from '../native-library/wasm.mjs';
import { installFromWheel } from '../native-library/wheel.mjs';
import { firstLineOf } from '../setup-error.mjs';

/** @typedef {import('../native-library/choice.mjs').Choice} Choice */
/** @typedef {import('../native-library/choice.mjs').WayContext} WayContext */
/** @typedef {import('../native-library/record.d.mts').NativeRecord} NativeRecord */

/** The ways, in the order they are tried. */
/** @type {readonly import('../native-library/choice.mjs').Way[]} */
const WAYS = [
  { way: 'download', attempt: installByDownload },
  { way: 'wheel', attempt: installFromWheel },
  { way: 'wasm', attempt: settleForWasm },
];

/**
 * Says why the library must be prepared, or '' when it is ready.
 *
 * @param {WayContext['workspace']} workspace
 * @param {Choice} choice
 * @returns {string}
 */
export function nativeReason(workspace, choice) {
  const record = readNativeRecord(workspace);
  if (record === undefined) return 'not prepared yet';
  if (record.key !== preparationKey(workspace)) {
    return `prepared for ${record.key}, this is ${preparationKey(workspace)}`;
  }
  if (!fitsChoice(record, choice)) {
    return `it came by ${record.way}, MUSTER_NATIVE is ${choice}`;
  }
  if (!areFilesThere(workspace, record)) return 'files of it are missing';
  if (isUnverified(record)) return `not yet tried on Node ${process.version}`;
  return '';
}

/**
 * Prepares the library and records it.
 *
 * @param {WayContext} context
 * @param {Choice} choice
 * @returns {Promise<NativeRecord>}
 * @throws {import('../setup-error.mjs').SetupError} when no way works
 */
export async function prepareNativeLibrary(context, choice) {
  const { workspace } = context;
  const checked = await verifyAgain(context, choice);
  if (checked !== undefined) return checked;
  removeNativeRecord(workspace);
  const { files, ...chosen } = await chooseWay({
    choice,
    ways: WAYS,
    verify: verifyNativeLibrary,
    clear: () => removePlaced(workspace),
    context,
  });
  if (chosen.way === 'download') await keepQuietly(context);
  /** @type {NativeRecord} */
  const record = {
    ...chosen,
    library: chosen.way === 'wasm' ? 'tfjs-backend-wasm' : 'libtensorflow',
    choice,
    key: preparationKey(workspace),
    verifiedWith: [process.version],
    files: files.map((file) => ({
      path: relative(workspace.root, file),
      bytes: statSync(file).size,
    })),
  };
  writeNativeRecord(workspace, record);
  return record;
}

/**
 * Another Node needs no other library, only the proof that it works there.
 *
 * @param {WayContext} context
 * @param {Choice} choice
 * @returns {Promise<NativeRecord | undefined>} undefined if that is not enough
 */
async function verifyAgain(context, choice) {
  const { workspace } = context;
  const record = readNativeRecord(workspace);
  const isWhole =
    record !== undefined &&
    record.key === preparationKey(workspace) &&
    fitsChoice(record, choice) &&
    areFilesThere(workspace, record);
  if (!isWhole || !isUnverified(record)) return undefined;
  const { problem } = await verifyNativeLibrary(context);
  if (problem !== '') return undefined;
  const verifiedWith = [...record.verifiedWith, process.version];
  writeNativeRecord(workspace, { ...record, verifiedWith });
  return { ...record, verifiedWith };
}

/**
 * @param {NativeRecord} record
 * @param {Choice} choice
 * @returns {boolean} whether the choice would end at this way again
 */
function fitsChoice(record, choice) {
  if (choice !== 'auto') return record.way === choice;
  return record.choice === 'auto' || record.way !== 'wasm';
}

/**
 * @param {NativeRecord} record
 * @returns {boolean} the WASM backend needs no proof on another Node
 */
function isUnverified(record) {
  return (
    record.way !== 'wasm' && !record.verifiedWith.includes(process.version)
  );
}

/** @param {WayContext} context */
async function keepQuietly({ workspace, journal }) {
  try {
    await keepDownloaded(workspace);
  } catch (error) {
    journal.log(`the download was not kept: ${firstLineOf(error)}`);
  }
}
