/**
 * A file that is put together from chunks, each in its place and only when its
 * hash fits. Several processes may fill the same one: all of them write the
 * same bytes, so nothing has to be locked, and each skips what is there.
 *
 * ```
 * NAME.1a2b3c4d.part   some chunks; what is between them is of no meaning
 * NAME                 all of them, on the disk, by a rename
 * ```
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MusterError } from '@muster/protocol';
import type { DataFile } from '@muster/protocol';

/** See the head of this file. */
export class PartialFile implements AsyncDisposable {
  readonly #path: string;
  readonly #part: string;
  readonly #file: FileHandle;

  private constructor(path: string, part: string, file: FileHandle) {
    this.#path = path;
    this.#part = part;
    this.#file = file;
  }

  /**
   * Opens what there is of a file, or begins it; its folder is made.
   * @returns nothing when the file is whole already.
   * @throws MusterError `ERR_CONFIG` when the cache cannot be written.
   */
  static async open(
    path: string,
    chunks: DataFile['chunks'],
  ): Promise<PartialFile | undefined> {
    if (await exists(path)) return undefined;
    // the same name means the same bytes in every place
    const identity = sha256(Buffer.from(chunks.join())).slice(0, 8);
    const part = `${path}.${identity}.part`;
    try {
      await mkdir(dirname(path), { recursive: true });
      const flags = constants.O_RDWR | constants.O_CREAT;
      return new PartialFile(path, part, await open(part, flags, 0o644));
    } catch (error) {
      throw cacheError(part, error);
    }
  }

  /** Whether these bytes are there with this hash. */
  async holds(offset: number, length: number, hash: string): Promise<boolean> {
    const { size } = await this.#file.stat();
    if (size < offset + length) return false;
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#file.read(bytes, 0, length, offset);
    return bytesRead === length && sha256(bytes) === hash;
  }

  /**
   * Writes a chunk whose hash was checked.
   * @throws MusterError `ERR_CONFIG` when the disk is full or the like.
   */
  async write(bytes: Uint8Array, offset: number): Promise<void> {
    try {
      for (let at = 0; at < bytes.byteLength; ) {
        const left = bytes.byteLength - at;
        const put = await this.#file.write(bytes, at, left, offset + at);
        at += put.bytesWritten;
      }
    } catch (error) {
      throw cacheError(this.#part, error);
    }
  }

  /**
   * Gives the file its name when every chunk is there. Whoever filled the same
   * one may have been faster.
   * @throws MusterError `ERR_CONFIG` when the disk is full or the like.
   */
  async finish(): Promise<void> {
    try {
      await this.#file.sync();
      await rename(this.#part, this.#path);
      await syncFolder(dirname(this.#path));
    } catch (error) {
      if (codeOf(error) === 'ENOENT' && (await exists(this.#path))) return;
      throw cacheError(this.#part, error);
    }
  }

  /** Closes it; what is there stays for the next attempt. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    // somebody else has finished it after this one had looked
    if (!(await exists(this.#path))) return;
    await unlink(this.#part).catch(() => undefined);
  }
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function exists(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined;
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, constants.O_RDONLY);
  await folder.sync();
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
};

function cacheError(path: string, cause: unknown): MusterError {
  const code = codeOf(cause) ?? String(cause);
  return new MusterError(
    'ERR_CONFIG',
    `cannot keep data from the server in ${path}: ${REASONS[code] ?? code} (--cache-dir)`,
    { cause },
  );
}
