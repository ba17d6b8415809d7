/** Where a worker keeps what it has downloaded. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The folder of one data set: below the folder that was asked for, or below
 * `muster` in the user's cache folder, as set-up's downloads are.
 * @param asked relative to the process's folder.
 * @param fingerprint names the data set.
 */
export function cacheFolderOf(
  asked: string | undefined,
  fingerprint: string,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const base = asked ?? join(userCache(env), 'muster');
  return join(resolve(base), 'data', fingerprint);
}

/** The XDG base directory specification's; empty counts as not set. */
function userCache({ XDG_CACHE_HOME: folder }: NodeJS.ProcessEnv): string {
  return folder === undefined || folder === ''
    ? join(homedir(), '.cache')
    : folder;
}
