import {
  chmod,
  chown,
  mkdtemp,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTokenFile, exposure, readTokenFile } from './token-file.js';

const NOBODY = 65_534;

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-token-'));
  path = join(folder, 'token');
});
afterEach(() => rm(folder, { recursive: true }));

describe('createTokenFile', () => {
  it('makes a file of 256 random bits that only its owner can read', async () => {
    expect(await createTokenFile(path)).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const { token, warning } = await readTokenFile(path);
    // 32 bytes in base64url: 43 characters
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(warning).toBeUndefined();
    await createTokenFile(`${path}2`);
    expect((await readTokenFile(`${path}2`)).token).not.toBe(token);
  });

  it('leaves a file that is there as it is', async () => {
    await writeFile(path, 'mine\n', { mode: 0o600 });
    expect(await createTokenFile(path)).toBe(false);
    expect(await readFile(path, 'utf8')).toBe('mine\n');
  });

  it('says where it could make none', async () => {
    const nowhere = join(folder, 'no', 'token');
    await expect(createTokenFile(nowhere)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: `no token file could be made at ${nowhere}: ENOENT (--token-file)`,
    });
  });
});

describe('readTokenFile', () => {
  it('refuses a file that others can read, and does not show it', async () => {
    await writeFile(path, 'geheim\n');
    await chmod(path, 0o644);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) {
      await chown(path, NOBODY, NOBODY);
      await chmod(folder, 0o755);
      process.seteuid?.(NOBODY);
    }
    try {
      await expect(readTokenFile(path)).rejects.toMatchObject({
        code: 'ERR_CONFIG',
        message: `the token file ${path} can be read by others: expected mode 0600, got 0644 (chmod 600 ${path}) (--token-file)`,
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('names the file and the setting when there is nothing to read', async () => {
    const setting = '--metrics-token-file';
    await expect(readTokenFile(path, setting)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: `the token file ${path} cannot be read (${setting})`,
    });
  });
});

describe('exposure', () => {
  it.each([
    ['of mine that only I can read', 0o100600, 1000, 1000, 'private'],
    ['of mine that my group can read', 0o100640, 1000, 1000, 'refuse'],
    ['of mine that others can write', 0o100602, 1000, 1000, 'refuse'],
    ['of root, mounted for me', 0o100444, 0, 1000, 'private'],
    ['of root, read by root', 0o100444, 0, 0, 'warn'],
    ['on a system without users', 0o100666, 0, undefined, 'private'],
  ] as const)('of a file %s', (_, mode, owner, uid, verdict) => {
    expect(exposure({ mode, uid: owner }, uid)).toBe(verdict);
  });
});
