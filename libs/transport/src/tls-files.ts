/**
 * The three files that TLS is set up from, read and checked before anybody
 * connects: what is wrong with them is said at the start, by the setting.
 */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { MusterError } from '@muster/protocol';
import { namesIn } from './peer-certificate.js';

/** Paths of PEM files; the settings `--tls-cert`, `--tls-key`, `--tls-ca`. */
export interface TlsFiles {
  /** This side's certificate, followed by those between it and the CA. */
  readonly cert?: string | undefined;
  /** Its private key. */
  readonly key?: string | undefined;
  /** Certificates of the CAs whose word counts for the other side. */
  readonly ca?: string | undefined;
}

/** What both ends need for TLS. Holds a private key: not to be logged. */
export interface TlsOptions {
  /** PEM texts. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
  /** SHA-256 of this side's certificate, as `fingerprint256` of Node. */
  readonly fingerprint: string | undefined;
  /** Names in this side's certificate that a worker can have. */
  readonly names: readonly string[];
}

/** Rights of a key file that are too many: anything for group and others. */
const OTHERS_RIGHTS = 0o077;
const CERTIFICATE =
  /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Reads the files; nothing when none is given.
 *
 * As `ssh` does, it refuses a key that belongs to this user and that others
 * can read. A key of another owner, as engines mount secrets, is taken.
 *
 * @param nowMs since 1970; certificates must be valid then.
 * @throws MusterError ERR_CONFIG for a file that cannot be used, ERR_TLS for
 *   a certificate whose time is over or has not come.
 */
export function readTls(
  { cert, key, ca }: TlsFiles,
  nowMs: number = Date.now(),
): TlsOptions | undefined {
  if (cert === undefined && key === undefined && ca === undefined) {
    return undefined;
  }
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] =
      cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    throw new MusterError(
      'ERR_CONFIG',
      `--tls-${given} is of no use alone: expected --tls-${missing} as well`,
    );
  }
  const certText = cert && readText(cert, '--tls-cert');
  const own = certText && certificatesIn(certText, cert ?? '', '--tls-cert');
  const leaf = own ? own[0] : undefined;
  if (leaf) requireValid(leaf, `${cert ?? ''} (--tls-cert)`, nowMs);
  const keyText = key && readKey(key);
  if (leaf && keyText) requirePair(leaf, keyText, { cert, key });
  const caText = ca && readText(ca, '--tls-ca');
  for (const one of caText
    ? certificatesIn(caText, ca ?? '', '--tls-ca')
    : []) {
    requireAuthority(one, ca ?? '');
    requireValid(one, `${ca ?? ''} (--tls-ca)`, nowMs);
  }
  return {
    ...{ cert: certText, key: keyText, ca: caText },
    fingerprint: leaf?.fingerprint256,
    names: leaf ? namesIn(leaf.toLegacyObject()) : [],
  };
}

/** Every certificate of a PEM text, at least one. */
function certificatesIn(
  text: string,
  path: string,
  flag: string,
): X509Certificate[] {
  try {
    const all = text.match(CERTIFICATE) ?? [];
    if (all.length > 0) return all.map((pem) => new X509Certificate(pem));
  } catch {
    // the same as none
  }
  throw new MusterError(
    'ERR_CONFIG',
    `${path} holds no certificate: expected PEM, '-----BEGIN CERTIFICATE-----' (${flag})`,
  );
}

function requireAuthority(certificate: X509Certificate, path: string): void {
  if (certificate.ca) return;
  throw new MusterError(
    'ERR_CONFIG',
    `${path} holds the certificate of '${nameOf(certificate)}', which is no CA: expected the certificate of who has signed (--tls-ca)`,
  );
}

function requireValid(
  { validFrom, validTo }: X509Certificate,
  subject: string,
  nowMs: number,
): void {
  if (nowMs > Date.parse(validTo)) {
    throw new MusterError(
      'ERR_TLS',
      `the certificate ${subject} has expired: it was valid until ${validTo}`,
    );
  }
  if (nowMs < Date.parse(validFrom)) {
    throw new MusterError(
      'ERR_TLS',
      `the certificate ${subject} is not valid yet: it is from ${validFrom} on (or the clock of this machine is wrong)`,
    );
  }
}

function requirePair(
  leaf: X509Certificate,
  keyText: string,
  { cert, key }: TlsFiles,
): void {
  let isPair: boolean;
  try {
    isPair = leaf.checkPrivateKey(createPrivateKey(keyText));
  } catch (cause) {
    throw new MusterError(
      'ERR_CONFIG',
      `${key ?? ''} holds no private key that can be used: expected PEM without a passphrase (--tls-key)`,
      { cause },
    );
  }
  if (isPair) return;
  throw new MusterError(
    'ERR_CONFIG',
    `${key ?? ''} is not the key of the certificate in ${cert ?? ''} (--tls-cert, --tls-key)`,
  );
}

/** The rights are those of the file that is read, whatever is at its path. */
function readKey(path: string): string {
  const file = open(path, '--tls-key');
  try {
    const { uid, mode } = fstatSync(file);
    const isOwn = process.getuid?.() === uid;
    if (isOwn && (mode & OTHERS_RIGHTS) !== 0) {
      const rights = (mode & 0o777).toString(8).padStart(4, '0');
      throw new MusterError(
        'ERR_CONFIG',
        `others can read the key ${path}: expected mode 0600, got ${rights}; chmod 600 ${path} (--tls-key)`,
      );
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function readText(path: string, flag: string): string {
  const file = open(path, flag);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw unreadable(path, flag, cause);
  } finally {
    closeSync(file);
  }
}

function open(path: string, flag: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw unreadable(path, flag, cause);
  }
}

function unreadable(path: string, flag: string, cause: unknown): MusterError {
  const { code = 'failed' } = cause as NodeJS.ErrnoException;
  return new MusterError(
    'ERR_CONFIG',
    `${path} cannot be read: ${code} (${flag})`,
    { cause },
  );
}

function nameOf({ subject }: X509Certificate): string {
  return subject.replaceAll('\n', ', ');
}
