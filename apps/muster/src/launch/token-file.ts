/**
 * The token of a run on a host: in a file that only its owner can read, in a
 * folder of its own, for as long as the run goes on.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MusterError } from '@muster/protocol';

/** See the head of this file. */
export class TokenFile {
  #folder: Promise<string> | undefined;

  /** Writes it, once. */
  async write(token: string): Promise<void> {
    this.#folder ??= writeToken(token);
    await this.#folder;
  }

  /**
   * Its path.
   * @throws MusterError `ERR_INTERNAL` when no token was written.
   */
  async path(): Promise<string> {
    if (this.#folder === undefined) {
      throw new MusterError(
        'ERR_INTERNAL',
        'no token was told by the launcher',
      );
    }
    return join(await this.#folder, 'token');
  }

  /** Takes it away. Idempotent. */
  async remove(): Promise<void> {
    const folder = await this.#folder?.catch(() => undefined);
    if (folder === undefined) return;
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeToken(token: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-token-'));
  await writeFile(join(folder, 'token'), `${token}\n`, {
    mode: 0o600,
    flag: 'wx',
  });
  return folder;
}
