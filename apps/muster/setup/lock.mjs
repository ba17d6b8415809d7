// One set-up at a time: a lock is a folder that appears whole (a rename), with
// the owner's name in it. A lock whose owner is gone is taken over.
// @ts-check
import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** How often a waiting set-up looks again, in milliseconds. */
const LOOK_AGAIN_MS = 250;

/** How often an owner shows that it lives, in milliseconds. */
const SIGN_OF_LIFE_MS = 10_000;

/** An owner on another host that gave no sign of life this long is gone. */
const SILENT_MS = 60_000;

/** @typedef {{ id: string, pid: number, started: string, host: string }} Owner */

/**
 * @typedef {object} LockOptions
 * @property {(owner: Owner) => void} [onWait] called once, when another holds it
 * @property {AbortSignal} [signal] ends the wait
 */

/**
 * Takes a lock, waiting until it is free or its owner is gone.
 *
 * @param {string} path the folder that is the lock; its parent is made
 * @param {LockOptions} [options]
 * @returns {Promise<() => void>} gives the lock back; also done when the
 *   process exits, so that no lock outlives its owner unless it was killed
 * @throws the signal's reason when the wait is aborted
 */
export async function takeLock(path, options = {}) {
  const owner = { ...thisProcess(), id: randomUUID() };
  mkdirSync(dirname(path), { recursive: true });
  let hasWaited = false;
  while (!tryTake(path, owner)) {
    const holder = readOwner(path);
    if (holder !== undefined && !hasWaited) {
      hasWaited = true;
      options.onWait?.(holder);
    }
    await delay(LOOK_AGAIN_MS, undefined, { signal: options.signal });
  }
  return holdUntilReleased(path, owner);
}

/**
 * @param {string} path
 * @param {Owner} owner
 * @returns {() => void}
 */
function holdUntilReleased(path, owner) {
  const file = ownerFile(path);
  const signs = setInterval(() => touch(file), SIGN_OF_LIFE_MS).unref();
  const release = () => {
    clearInterval(signs);
    process.off('exit', release);
    if (readOwner(path)?.id === owner.id) {
      rmSync(path, { recursive: true, force: true });
    }
  };
  process.on('exit', release);
  return release;
}

/**
 * @param {string} path
 * @param {Owner} owner
 * @returns {boolean} whether the lock is now this owner's
 */
function tryTake(path, owner) {
  const ready = `${path}.${owner.id}`;
  mkdirSync(ready);
  writeFileSync(ownerFile(ready), JSON.stringify(owner));
  try {
    // Fails while the lock is there: a folder that is not empty stays.
    renameSync(ready, path);
    return true;
  } catch {
    rmSync(ready, { recursive: true, force: true });
    return takeOver(path, owner);
  }
}

/**
 * Takes a dead owner's lock. Only one of several that see it dead can make the
 * `takeover` file of that owner; it stays until the lock is given back.
 *
 * @param {string} path
 * @param {Owner} owner
 * @returns {boolean}
 */
function takeOver(path, owner) {
  const dead = readOwner(path);
  if (dead === undefined || isAlive(dead, lastSign(path))) return false;
  const claim = join(path, `takeover-${dead.id}`);
  try {
    writeFileSync(claim, '', { flag: 'wx' });
    if (readOwner(path)?.id !== dead.id) {
      rmSync(claim, { force: true });
      return false;
    }
    const beside = join(path, `owner-${owner.id}`);
    writeFileSync(beside, JSON.stringify(owner));
    renameSync(beside, ownerFile(path));
    return true;
  } catch {
    removeOldClaim(claim);
    return false;
  }
}

/**
 * A claim that its maker did not live to use would keep the lock for ever.
 *
 * @param {string} claim
 */
function removeOldClaim(claim) {
  const made = statSync(claim, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  if (Date.now() - made > SILENT_MS) rmSync(claim, { force: true });
}

/**
 * Whether an owner still runs. On this host the process is asked for (a process
 * number used again is told apart by its start time); on another host only
 * its signs of life can tell.
 *
 * @param {Owner} owner
 * @param {number} lastSignMs when it last gave a sign of life, epoch ms
 * @param {number} [now] epoch ms
 * @returns {boolean}
 */
export function isAlive(owner, lastSignMs, now = Date.now()) {
  if (owner.host !== hostname()) return now - lastSignMs < SILENT_MS;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code !== 'EPERM') return false;
  }
  return owner.started === '' || startOf(owner.pid) === owner.started;
}

/** @returns {Omit<Owner, 'id'>} */
function thisProcess() {
  const { pid } = process;
  return { pid, started: startOf(pid), host: hostname() };
}

/**
 * When a process started, in clock ticks since boot (proc(5), field 22); ''
 * where the system does not tell.
 *
 * @param {number} pid
 * @returns {string}
 */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** @param {string} path */
function ownerFile(path) {
  return join(path, 'owner.json');
}

/**
 * @param {string} path
 * @returns {Owner | undefined} undefined if nobody holds the lock
 */
function readOwner(path) {
  try {
    return JSON.parse(readFileSync(ownerFile(path), 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {string} path */
function lastSign(path) {
  return statSync(ownerFile(path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** @param {string} file */
function touch(file) {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // The lock was taken away by hand; the release will see it.
  }
}
