/**
 * The file that holds a token: made on first use, and read only as long as
 * nobody else can read it.
 */
import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { MusterError } from '@muster/protocol';
import { requireUsableToken } from './token.js';

const TOKEN_BYTES = 32;
/** Rights of group and others in a file's mode. */
const OTHERS = 0o077;
const ROOT = 0;

/** What a file's rights are judged by. */
export interface FileRights {
  /** As `stat` gives it. */
  readonly mode: number;
  /** Who owns the file. */
  readonly uid: number;
}

/** A token, and what there is to say of its file. */
export interface TokenFile {
  readonly token: string;
  /** A sentence for the log, if the file's rights are too wide. */
  readonly warning: string | undefined;
}

/**
 * Makes a file with a fresh token of 256 random bits and mode 0600, unless
 * the file is there already.
 *
 * @param setting the flag that named the file, for messages.
 * @returns whether it was made.
 * @throws MusterError ERR_CONFIG
 */
export async function createTokenFile(
  path: string,
  setting = '--token-file',
): Promise<boolean> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  try {
    await writeFile(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    const message = `no token file could be made at ${path}: ${code ?? String(cause)} (${setting})`;
    throw new MusterError('ERR_CONFIG', message, { cause });
  }
}

/**
 * Reads a token. As with the keys of `ssh`, a file that belongs to this user
 * and that others may read is refused. For root it is a warning: the secrets
 * that container engines mount are root's, and readable within the container.
 *
 * @throws MusterError ERR_CONFIG; the message never holds what was read
 */
export async function readTokenFile(
  path: string,
  setting = '--token-file',
): Promise<TokenFile> {
  const { rights, text } = await readBoth(path, setting);
  const token = text.trim();
  requireUsableToken(token);
  const verdict = exposure(rights, process.geteuid?.());
  if (verdict === 'private') return { token, warning: undefined };
  const mode = (rights.mode & 0o777).toString(8).padStart(4, '0');
  const problem = `the token file ${path} can be read by others: expected mode 0600, got ${mode} (chmod 600 ${path})`;
  if (verdict === 'warn') return { token, warning: problem };
  throw new MusterError('ERR_CONFIG', `${problem} (${setting})`);
}

/**
 * What the rights of a token file call for.
 *
 * @param uid the user of this process; undefined where there are none
 *   (Windows), and then the rights say nothing.
 */
export function exposure(
  { mode, uid: owner }: FileRights,
  uid: number | undefined,
): 'private' | 'warn' | 'refuse' {
  if (uid === undefined || owner !== uid || (mode & OTHERS) === 0) {
    return 'private';
  }
  return uid === ROOT ? 'warn' : 'refuse';
}

async function readBoth(path: string, setting: string) {
  try {
    const [rights, text] = await Promise.all([
      stat(path),
      readFile(path, 'utf8'),
    ]);
    return { rights, text };
  } catch (cause) {
    const message = `the token file ${path} cannot be read (${setting})`;
    throw new MusterError('ERR_CONFIG', message, { cause });
  }
}
