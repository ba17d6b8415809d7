/** The real file system. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isMissingFile, type Disk } from './disk.js';

/** The file system of this machine, with every write synced by `fsync`. */
export const nodeDisk: Disk = {
  async makeDirectory(path) {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    const top = dirname(resolve(first));
    for (let parent = resolve(path); parent !== top; ) {
      parent = dirname(parent);
      await syncDirectory(parent);
    }
  },

  async writeFile(path, bytes) {
    const file = await open(path, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },

  syncDirectory,

  rename,

  async list(path) {
    try {
      return await readdir(path);
    } catch (error) {
      if (isMissingFile(error)) return [];
      throw error;
    }
  },

  readFile: (path) => readFile(path),

  remove: (path) => rm(path, { recursive: true, force: true }),
};

async function syncDirectory(path: string): Promise<void> {
  // Windows opens no directories; NTFS journals names by itself.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
