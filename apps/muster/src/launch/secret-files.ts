/**
 * What a host shows to others: the token of the run, and certificates with
 * their keys. In files that only their owner can read, in a folder of their
 * own, for as long as the run goes on.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MusterError } from '@muster/protocol';
import type { HostSecrets, TlsTexts } from './orders.js';

/** Paths of a certificate, its key, and its CA. */
export interface TlsPaths {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** Where they lie. */
export interface SecretPaths {
  readonly token: string;
  readonly serverTls: TlsPaths | undefined;
  readonly workerTls: TlsPaths | undefined;
}

/** See the head of this file. */
export class SecretFiles {
  #folder: Promise<string> | undefined;
  #paths: Promise<SecretPaths> | undefined;

  /** Writes them, once. */
  async write(secrets: HostSecrets): Promise<void> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'muster-token-'));
    this.#paths ??= this.#folder.then((folder) => writeAll(folder, secrets));
    await this.#paths;
  }

  /**
   * Where they lie.
   * @throws MusterError `ERR_INTERNAL` when none were written.
   */
  async paths(): Promise<SecretPaths> {
    if (this.#paths !== undefined) return this.#paths;
    throw new MusterError('ERR_INTERNAL', 'no token was told by the launcher');
  }

  /** Takes them away. Idempotent. */
  async remove(): Promise<void> {
    // what is being written is waited for
    await this.#paths?.catch(() => undefined);
    const folder = await this.#folder?.catch(() => undefined);
    if (folder === undefined) return;
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeAll(
  folder: string,
  { token, serverTls, workerTls }: HostSecrets,
): Promise<SecretPaths> {
  return {
    token: await writeSecret(join(folder, 'token'), `${token}\n`),
    serverTls: await writeTls(join(folder, 'server'), serverTls),
    workerTls: await writeTls(join(folder, 'worker'), workerTls),
  };
}

async function writeTls(
  folder: string,
  texts: TlsTexts | undefined,
): Promise<TlsPaths | undefined> {
  if (texts === undefined) return undefined;
  await mkdir(folder, { mode: 0o700 });
  return {
    cert: await writeSecret(join(folder, 'tls.crt'), texts.cert),
    key: await writeSecret(join(folder, 'tls.key'), texts.key),
    ca: await writeSecret(join(folder, 'ca.crt'), texts.ca),
  };
}

async function writeSecret(path: string, text: string): Promise<string> {
  await writeFile(path, text, { mode: 0o600, flag: 'wx' });
  return path;
}
