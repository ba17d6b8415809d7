/**
 * The folder of `muster certs`: one folder a machine, which goes there as a
 * whole, and the CA's own, which stays.
 *
 *     ca/      ca.crt ca.key              signs; its key leaves it for nowhere
 *     server/  ca.crt tls.crt tls.key
 *     HOST/    ca.crt tls.crt tls.key
 */
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '@muster/protocol';
import { createAuthority, issue } from './issue.js';
import type { IssuedPair } from './issue.js';
import { AUTHORITY_FOLDER } from './machines.js';
import type { Machine } from './machines.js';

const DAY_MS = 86_400_000;
const SECRET = 0o600;
const PUBLIC = 0o644;

/** What is to be made. */
export interface CertificateOrder {
  readonly machines: readonly Machine[];
  /** Absolute. */
  readonly folder: string;
  /** How long certificates are valid. */
  readonly days: number;
  /** Whether certificates that are there are made anew. The CA never is. */
  readonly isForced: boolean;
  /** Since 1970. */
  readonly nowMs: number;
}

/** What was made. */
export interface CertificateResult {
  /** Whether the CA is a new one. */
  readonly hasNewAuthority: boolean;
  readonly made: readonly Machine[];
  /** The servers' certificate, where it was there and stays. */
  readonly kept: readonly Machine[];
}

/**
 * Makes what is missing. A CA that is there is used again, so that a host can
 * be added; a certificate of the servers that is there stays unless forced.
 * @throws MusterError ERR_CONFIG when a host's certificate is there already,
 *   or the CA's ends too early.
 */
export async function makeCertificates({
  machines,
  folder,
  days,
  isForced,
  nowMs,
}: CertificateOrder): Promise<CertificateResult> {
  const isThere = ({ name }: Machine) => existsSync(join(folder, name));
  const present = isForced ? [] : machines.filter(isThere);
  const kept = present.filter(({ isServer }) => isServer);
  requireNew(
    present.filter(({ isServer }) => !isServer),
    folder,
  );
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await readAuthority(folder);
  const authority = found ?? (await createAuthority(nowMs, days));
  requireOutliving(authority, nowMs + days * DAY_MS, folder);
  if (!found) await writeAuthority(folder, authority);
  const made = machines.filter((machine) => !kept.includes(machine));
  for (const machine of made) {
    const pair = await issue(machine, authority, nowMs, days);
    await writeMachine(join(folder, machine.name), pair, authority);
  }
  return { hasNewAuthority: !found, made, kept };
}

function requireNew(present: readonly Machine[], folder: string): void {
  if (present.length === 0) return;
  const names = present.map(({ name }) => join(folder, name)).join(', ');
  throw new MusterError(
    'ERR_CONFIG',
    `certificates are there already: ${names}; expected hosts without one, or --force to make them anew`,
  );
}

function requireOutliving(
  { certificate }: IssuedPair,
  untilMs: number,
  folder: string,
): void {
  const { validTo } = new X509Certificate(certificate);
  if (Date.parse(validTo) >= untilMs) return;
  throw new MusterError(
    'ERR_CONFIG',
    `the CA in ${join(folder, AUTHORITY_FOLDER)} is valid until ${validTo}: expected fewer --days, or another --out for a new CA`,
  );
}

async function readAuthority(folder: string): Promise<IssuedPair | undefined> {
  const path = join(folder, AUTHORITY_FOLDER);
  if (!existsSync(path)) return undefined;
  try {
    return {
      certificate: await readFile(join(path, 'ca.crt'), 'utf8'),
      privateKey: await readFile(join(path, 'ca.key'), 'utf8'),
    };
  } catch (cause) {
    throw new MusterError(
      'ERR_CONFIG',
      `the CA in ${path} cannot be read: expected ca.crt and ca.key (--out)`,
      { cause },
    );
  }
}

async function writeAuthority(folder: string, pair: IssuedPair): Promise<void> {
  const path = join(folder, AUTHORITY_FOLDER);
  await mkdir(path, { mode: 0o700 });
  await writeAnew(join(path, 'ca.key'), pair.privateKey, SECRET);
  await writeAnew(join(path, 'ca.crt'), pair.certificate, PUBLIC);
}

async function writeMachine(
  path: string,
  pair: IssuedPair,
  authority: IssuedPair,
): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await writeAnew(join(path, 'tls.key'), pair.privateKey, SECRET);
  await writeAnew(join(path, 'tls.crt'), pair.certificate, PUBLIC);
  await writeAnew(join(path, 'ca.crt'), authority.certificate, PUBLIC);
}

/** A file that was there may have had wider rights, or be a link. */
async function writeAnew(
  path: string,
  text: string,
  mode: number,
): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, text, { mode, flag: 'wx' });
  // whatever the umask is
  await chmod(path, mode);
}
