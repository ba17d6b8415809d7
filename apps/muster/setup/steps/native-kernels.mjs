// Our own native kernels (native/ of a library): compiled where there is a
// compiler for x64. Where that fails, the WebAssembly does their work with the
// same bits, so set-up goes on.
// @ts-check
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cachedAddon } from '../addon/cached-addon.mjs';
import { findCompiler, NO_COMPILER, nodeHeaders } from '../addon/compiler.mjs';
import {
  KERNELS,
  kernelsKey,
  readKernelsRecord,
  writeKernelsRecord,
} from '../kernels-record.mjs';
import { placeFile } from '../native-library/place.mjs';
import { firstLineOf } from '../setup-error.mjs';
import { listFiles } from '../stamp.mjs';
import { takeCache } from '../take-cache.mjs';

/** @typedef {import('../workspace.mjs').Workspace} Workspace */
/** @typedef {import('../native-library/choice.mjs').WayContext} Context */
/** @typedef {import('../kernels-record.d.mts').KernelsRecord} KernelsRecord */

/** No fused multiply-add: the bits must be those of the WebAssembly. */
const FLAGS = [
  ...['-std=c++17', '-O3', '-ffp-contract=off', '-fno-math-errno'],
  ...['-fPIC', '-shared', '-DNAPI_VERSION=8'],
];

const FORCED = { force: true };

/**
 * Says why the kernels must be compiled, or '' when that is done, or was tried
 * in vain.
 *
 * @param {Workspace} workspace
 * @returns {string}
 */
export function kernelsReason(workspace) {
  const record = readKernelsRecord(workspace);
  if (record === undefined) return 'not tried yet';
  if (record.key !== kernelsKey(workspace)) return 'sources changed';
  const lost = record.files.find(
    ({ path, bytes }) =>
      statSync(join(workspace.root, path), { throwIfNoEntry: false })?.size !==
      bytes,
  );
  return lost === undefined ? '' : `${lost.path} is missing`;
}

/**
 * Compiles them and records what came of it.
 *
 * @param {Context} context
 * @returns {Promise<KernelsRecord>}
 */
export async function prepareKernels(context) {
  const { workspace, journal } = context;
  const key = kernelsKey(workspace);
  const targets = KERNELS.map((library) =>
    join('libs', library, 'native', 'dist', 'addon.node'),
  );
  const remove = () => {
    for (const path of targets) rmSync(join(workspace.root, path), FORCED);
  };
  remove();
  const problem = await compileAll(context, targets).catch((error) => {
    journal.log(error instanceof Error ? (error.stack ?? '') : String(error));
    return firstLineOf(error);
  });
  if (problem !== '') remove();
  const files = problem === '' ? targets : [];
  const record = {
    ...{ key, problem },
    files: files.map((path) => ({
      path,
      bytes: statSync(join(workspace.root, path)).size,
    })),
  };
  writeKernelsRecord(workspace, record);
  return record;
}

/**
 * @param {Context} context
 * @param {readonly string[]} targets by library, paths from the root
 * @returns {Promise<string>} '' or why there are none
 */
async function compileAll({ workspace, journal }, targets) {
  if (process.arch !== 'x64') return `they are for x64, not ${process.arch}`;
  const compiler = await findCompiler(workspace.root);
  if (compiler === undefined) return NO_COMPILER;
  const release = await takeCache({ workspace, journal });
  try {
    for (const [i, library] of KERNELS.entries()) {
      const { file, problem } = await cachedAddon(
        { compiler, workspace, journal },
        sourceOf(workspace, library),
      );
      if (problem !== '') return problem;
      await placeFile(file, join(workspace.root, targets[i] ?? ''));
    }
    return '';
  } finally {
    release();
  }
}

/**
 * @param {Workspace} workspace
 * @param {string} library
 * @returns {import('../addon/cached-addon.mjs').AddonSource}
 */
function sourceOf(workspace, library) {
  const folder = join(workspace.root, 'libs', library, 'native');
  const shared = join(workspace.root, 'tools', 'native');
  const headers = nodeHeaders(workspace);
  return {
    what: `the native kernels of ${library}`,
    name: 'addon.node',
    flags: FLAGS,
    includes: [shared, headers],
    sources: [
      ...listFiles(folder).filter((file) => file.endsWith('.cc')),
      '-ldl',
    ],
    keys: [library],
    keyFolders: [folder, shared, headers],
  };
}
