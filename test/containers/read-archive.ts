/**
 * Reads what the engine gives as a tar archive.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * Unpacks an archive for as long as `read` takes.
 * @param name of the file or folder in the archive; `read` gets its path.
 */
export async function readArchive<T>(
  archive: NodeJS.ReadableStream,
  name: string,
  read: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-volume-'));
  try {
    await unpack(archive, folder);
    return await read(join(folder, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function unpack(
  archive: NodeJS.ReadableStream,
  folder: string,
): Promise<void> {
  const tar = spawn('tar', ['-x', '--no-same-owner', '-C', folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const closed = once(tar, 'close') as Promise<[number | null]>;
  await pipeline(archive, tar.stdin);
  const [code] = await closed;
  if (code !== 0) throw new Error(`tar exited with ${code}`);
}
