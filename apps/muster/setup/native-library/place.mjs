// Puts files of the cache where tfjs-node looks for them, without a second
// copy of hundreds of megabytes where the disk allows.
// @ts-check
import { copyFile, link, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join, relative } from 'node:path';

/** @typedef {import('../workspace.mjs').Workspace} Workspace */

/** Where tfjs-node has libtensorflow. */
export function librariesFolder(/** @type {Workspace} */ workspace) {
  return join(workspace.tfjsNode, 'deps', 'lib');
}

/** Where tfjs-node has its addon; it asks for Node-API 8 on every Node we run on. */
export function addonFolder(/** @type {Workspace} */ workspace) {
  return join(workspace.tfjsNode, 'lib', 'napi-v8');
}

/**
 * Puts a file in a place at once: by hard link, by symbolic link when the
 * place is on another disk, by copy when links are not allowed at all.
 * A file that is there is replaced, and stays valid for who has it open.
 *
 * @param {string} source
 * @param {string} target its folder is made
 * @returns {Promise<void>}
 * @throws when the place cannot be written
 */
export async function placeFile(source, target) {
  await mkdir(dirname(target), { recursive: true });
  const beside = `${target}.${randomUUID()}`;
  await link(source, beside)
    .catch(() => symlink(source, beside))
    .catch(() => copyFile(source, beside));
  await replace(beside, target);
}

/**
 * Gives a placed file a second name beside it.
 *
 * @param {string} target
 * @param {string} name
 * @returns {Promise<void>}
 */
export async function placeName(target, name) {
  const path = join(dirname(target), name);
  const beside = `${path}.${randomUUID()}`;
  await symlink(relative(dirname(target), target), beside);
  await replace(beside, path);
}

/**
 * Takes the native library away from tfjs-node, so that nothing half done is
 * loaded.
 *
 * @param {Workspace} workspace
 * @returns {Promise<void>}
 */
export async function removePlaced(workspace) {
  for (const folder of ['deps', 'lib']) {
    const path = join(workspace.tfjsNode, folder);
    await rm(path, { recursive: true, force: true });
  }
}

/**
 * Renames over what is there; a rename between two names of one file does
 * nothing (rename(2)), so the first is removed as well.
 *
 * @param {string} from
 * @param {string} to
 * @returns {Promise<void>}
 */
async function replace(from, to) {
  await rename(from, to);
  await rm(from, { force: true });
}
