// The cache belongs to one set-up at a time: all checkouts of a user share it.
// @ts-check
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { takeLock } from './lock.mjs';

/**
 * Takes the cache's lock, and removes what a set-up that was ended left half
 * done.
 *
 * @param {object} context
 * @param {import('./workspace.mjs').Workspace} context.workspace
 * @param {import('./journal.mjs').Journal} context.journal
 * @returns {Promise<() => void>} gives the lock back
 */
export async function takeCache({ workspace: { cache }, journal }) {
  await mkdir(cache, { recursive: true });
  const release = await takeLock(join(cache, 'cache.lock'), {
    onWait: ({ pid }) => {
      journal.say(
        `waiting for another set-up that fills the cache (process ${pid})`,
      );
    },
  });
  try {
    await removeLeftovers(cache);
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

/** @param {string} cache whose lock the caller has: nobody works on it */
async function removeLeftovers(cache) {
  for (const name of await readdir(cache)) {
    if (!/^(fetching|compiling)-\d+$/.test(name)) continue;
    await rm(join(cache, name), { recursive: true, force: true });
  }
}
