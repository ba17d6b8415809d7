import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('makeFolder', () => {
  it('makes the folders above as well, and is content with what is there', async () => {
    const path = join(root, 'a', 'b', 'c');
    await makeFolder(path, '--out');
    await makeFolder(path, '--out');
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('names the folder and the setting when it cannot', async () => {
    await writeFile(join(root, 'file'), '');
    const path = join(root, 'file', 'x');
    await expect(makeFolder(path, '--to')).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringMatching(
        /cannot make .*x: ENOTDIR.*\(--to\)/,
      ) as string,
    });
  });

  it.runIf(process.platform === 'linux')(
    'ends where a parent says that it is not there',
    async () => {
      await expect(makeFolder('/proc/muster', '--to')).rejects.toMatchObject({
        code: 'ERR_CONFIG',
      });
    },
  );
});
