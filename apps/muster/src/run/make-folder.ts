/**
 * Makes a folder and those above it. Node's own recursive way never ends where
 * a file system says that an existing parent is not there (as /proc does).
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MusterError } from '@muster/protocol';

/**
 * Makes a folder, unless it is there.
 * @param setting the flag that named it, for messages.
 * @throws MusterError `ERR_CONFIG` when it cannot be made.
 */
export async function makeFolder(path: string, setting: string): Promise<void> {
  try {
    await make(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MusterError(
      'ERR_CONFIG',
      `cannot make the folder ${path}: ${reason} (${setting})`,
      { cause },
    );
  }
}

async function make(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await make(dirname(path));
    // once more, and no oftener
    await mkdir(path);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
