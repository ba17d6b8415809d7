// Where things lie: the checkout, set-up's own state in it, and the cache that
// all checkouts of a user share.
// @ts-check
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of this checkout. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What set-up knows of a checkout. All paths are absolute. */
/** @typedef {ReturnType<typeof workspaceAt>} Workspace */

/**
 * Gives the paths of a checkout.
 *
 * `state` goes with `node_modules` (what it says is about them); `scratch`
 * outlives them: lock and log are needed while npm empties `node_modules`.
 *
 * @param {string} [root]
 * @param {NodeJS.ProcessEnv} [env] read for `MUSTER_CACHE_DIR`, `XDG_CACHE_HOME`
 */
export function workspaceAt(root = ROOT, env = process.env) {
  const modules = join(root, 'node_modules');
  const scratch = join(root, '.nx', 'muster');
  return Object.freeze({
    root,
    modules,
    state: join(modules, '.cache', 'muster'),
    tfjsNode: join(modules, '@tensorflow', 'tfjs-node'),
    scratch,
    lock: join(scratch, 'setup.lock'),
    log: join(scratch, 'setup.log'),
    cache: cacheDirectory(env),
    cli: join(root, 'apps', 'muster', 'dist', 'main.js'),
  });
}

/**
 * The folder for downloads: `MUSTER_CACHE_DIR`, else `muster` in the user's
 * cache folder.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
function cacheDirectory(env) {
  if (env['MUSTER_CACHE_DIR']) return resolve(env['MUSTER_CACHE_DIR']);
  const base = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'muster');
}
