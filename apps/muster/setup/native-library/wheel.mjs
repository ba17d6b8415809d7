// Second way to the native library: libtensorflow out of the Python wheel, and
// tfjs-node's addon compiled against it. Linux on x64 only.
// @ts-check
import { basename, join } from 'node:path';
import { takeCache } from '../take-cache.mjs';
import { findCompiler, NO_COMPILER } from '../addon/compiler.mjs';
import { ADDON, tfjsAddon } from './addon.mjs';
import { cachedLibtensorflow } from './libtensorflow.mjs';
import { LIBRARIES, WHEEL } from './pinned-wheel.mjs';
import {
  addonFolder,
  librariesFolder,
  placeFile,
  placeName,
} from './place.mjs';

/** @typedef {import('./choice.mjs').WayContext} WayContext */
/** @typedef {import('./choice.mjs').Attempt} Attempt */

/**
 * Installs the library by this way.
 *
 * @param {WayContext} context
 * @returns {Promise<Attempt>}
 */
export async function installFromWheel({ workspace, journal }) {
  const unsupported = systemProblem();
  if (unsupported !== '') return { ok: false, reason: unsupported };
  const compiler = await findCompiler(workspace.root);
  if (compiler === undefined) {
    return { ok: false, reason: NO_COMPILER };
  }
  const release = await takeCache({ workspace, journal });
  try {
    const { directory, problem } = await cachedLibtensorflow(
      workspace.cache,
      journal,
    );
    if (problem !== '') return { ok: false, reason: problem };
    const addon = await tfjsAddon({ compiler, workspace, journal }, directory);
    if (addon.problem !== '') return { ok: false, reason: addon.problem };
    return { ok: true, ...(await place(workspace, directory, addon.file)) };
  } finally {
    release();
  }
}

/**
 * @param {import('../workspace.mjs').Workspace} workspace
 * @param {string} libtensorflow
 * @param {string} addon
 */
async function place(workspace, libtensorflow, addon) {
  const folder = librariesFolder(workspace);
  const libraries = Object.keys(LIBRARIES).map((path) => ({
    source: join(libtensorflow, path),
    target: join(folder, basename(path)),
  }));
  for (const { source, target } of libraries) await placeFile(source, target);
  // The names that tfjs-node's own build would look for.
  const [main, framework] = libraries.map(({ target }) => target);
  if (main && framework) {
    await placeName(main, 'libtensorflow.so.2');
    await placeName(main, 'libtensorflow.so');
    await placeName(framework, 'libtensorflow_framework.so');
  }
  const placedAddon = join(addonFolder(workspace), ADDON);
  await placeFile(addon, placedAddon);
  return {
    reason: `out of the Python wheel ${WHEEL.project} ${WHEEL.version}, its hash checked; addon compiled here`,
    files: [...libraries.map(({ target }) => target), placedAddon],
  };
}

/**
 * What of this system the wheel does not fit.
 *
 * @returns {string} '' if it does
 */
function systemProblem() {
  const system = `${process.platform} ${process.arch}`;
  if (system !== 'linux x64')
    return `the wheel is for linux x64, this is ${system}`;
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (
    process.report.getReport()
  );
  if (report.header?.glibcVersionRuntime) return '';
  return 'the wheel needs glibc, this Linux has another C library';
}
