// One owner at a time, whoever comes; a dead owner's lock goes to exactly one.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAlive, takeLock } from './lock.mjs';
import { temporaryFolder } from './temporary-folder.js';

/** Larger than any process number Linux gives (2^22). */
const NO_SUCH_PROCESS = 2 ** 22 + 1;

const dead = {
  id: 'dead',
  pid: NO_SUCH_PROCESS,
  started: '',
  host: hostname(),
};

function writeLock(path: string, owner: object): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'owner.json'), JSON.stringify(owner));
}

/** Takes the lock several times at once; gives how many ever held it together. */
async function mostTogether(path: string, numTakers: number): Promise<number> {
  let holding = 0;
  let most = 0;
  const take = async (): Promise<void> => {
    const release = await takeLock(path);
    holding += 1;
    most = Math.max(most, holding);
    await new Promise((resolve) => setImmediate(resolve));
    holding -= 1;
    release();
  };
  await Promise.all(Array.from({ length: numTakers }, take));
  return most;
}

describe('takeLock', () => {
  it('lets one owner in at a time, and all of them in turn', async () => {
    const path = join(temporaryFolder(), 'here', 'lock');
    expect(await mostTogether(path, 4)).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it('gives a dead owner lock to one of those who wait, not to all', async () => {
    const path = join(temporaryFolder(), 'lock');
    writeLock(path, dead);
    expect(await mostTogether(path, 4)).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it('leaves a live owner alone, says once who it is, and ends with the signal', async () => {
    const path = join(temporaryFolder(), 'lock');
    const release = await takeLock(path);
    const waitedFor: number[] = [];
    const abort = new AbortController();
    const waiting = takeLock(path, {
      onWait: ({ pid }) => {
        waitedFor.push(pid);
        setImmediate(() => abort.abort());
      },
      signal: abort.signal,
    });
    await expect(waiting).rejects.toThrow(/abort/i);
    expect(waitedFor).toEqual([process.pid]);
    expect(existsSync(path)).toBe(true);
    release();
    expect(existsSync(path)).toBe(false);
  });

  it('does not remove a lock that is no longer its own', async () => {
    const path = join(temporaryFolder(), 'lock');
    const release = await takeLock(path);
    writeLock(path, { ...dead, id: 'someone else' });
    release();
    expect(existsSync(path)).toBe(true);
  });
});

describe('isAlive', () => {
  const now = 1_000_000;

  it('asks for the process on this host, however old its last sign', () => {
    const self = { ...dead, pid: process.pid };
    expect(isAlive(self, 0, now)).toBe(true);
    expect(isAlive(dead, now, now)).toBe(false);
  });

  it('tells a process number that is used again from the owner', () => {
    const reused = { ...dead, pid: process.pid, started: 'another time' };
    expect(isAlive(reused, now, now)).toBe(false);
  });

  it('goes by the last sign on another host: gone after 60 s', () => {
    const remote = { ...dead, host: `not-${hostname()}` };
    expect(isAlive(remote, now - 59_999, now)).toBe(true);
    expect(isAlive(remote, now - 60_000, now)).toBe(false);
  });
});
