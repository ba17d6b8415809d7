/**
 * Certificates for specs, with any names, dates and signers, as files in a
 * folder that is gone afterwards.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { X509Certificate } from '@peculiar/x509';
import { readTls } from './tls-files.js';
import type { TlsOptions } from './tls-files.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** A day, in milliseconds. */
export const DAY_MS = 86_400_000;

/** What a certificate says. */
export interface CertificateWish {
  readonly commonName: string;
  /** Names and addresses it is good for. Default: 127.0.0.1. */
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Only a client may show it. */
  readonly isClientOnly?: boolean;
  /** Days from now. Default: from yesterday to tomorrow. */
  readonly fromDays?: number;
  readonly toDays?: number;
}

/** A CA of a spec, and its folder. */
export class TestAuthority implements AsyncDisposable {
  readonly folder: string;
  /** Path of the CA's certificate. */
  readonly ca: string;
  readonly #certificate: X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(
    folder: string,
    certificate: X509Certificate,
    keys: webcrypto.CryptoKeyPair,
  ) {
    this.folder = folder;
    this.ca = join(folder, 'ca.crt');
    this.#certificate = certificate;
    this.#keys = keys;
  }

  static async create(name = 'CA of a spec'): Promise<TestAuthority> {
    const keys = await generateKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [name] }],
      ...validity({ fromDays: -30, toDays: 30 }),
      ...{ keys, signingAlgorithm: ALGORITHM },
      extensions: [new BasicConstraintsExtension(true, 0, true)],
    });
    const folder = await mkdtemp(join(tmpdir(), 'muster-tls-'));
    const authority = new TestAuthority(folder, certificate, keys);
    await writeFile(authority.ca, certificate.toString('pem'));
    return authority;
  }

  /** Makes a certificate; gives the paths of it and of its key. */
  async issue(wish: CertificateWish): Promise<{ cert: string; key: string }> {
    const keys = await generateKeys();
    const { commonName, dnsNames = [], ipAddresses = ['127.0.0.1'] } = wish;
    const certificate = await X509CertificateGenerator.create({
      subject: [{ CN: [commonName] }],
      issuer: this.#certificate.subjectName.toJSON(),
      ...validity(wish),
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new ExtendedKeyUsageExtension(
          wish.isClientOnly ? [CLIENT_AUTH] : [SERVER_AUTH, CLIENT_AUTH],
        ),
        new SubjectAlternativeNameExtension([
          ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
          ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
        ]),
      ],
    });
    const base = join(this.folder, `${commonName}-${certificate.serialNumber}`);
    const [cert, key] = [`${base}.crt`, `${base}.key`];
    const bytes = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    await writeFile(cert, certificate.toString('pem'));
    const text = PemConverter.encode(bytes, 'PRIVATE KEY');
    await writeFile(key, text, { mode: 0o600 });
    return { cert, key };
  }

  /**
   * What an end needs to show such a certificate, and to trust this CA.
   * @param ca of whom it trusts, where that is not this one.
   */
  async options(wish: CertificateWish, ca = this.ca): Promise<TlsOptions> {
    const files = { ...(await this.issue(wish)), ca };
    // an expired one can be shown, too: it is read while it is valid
    const middleDays = ((wish.fromDays ?? -1) + (wish.toDays ?? 1)) / 2;
    return given(readTls(files, Date.now() + middleDays * DAY_MS));
  }

  /** What a client without a certificate needs. */
  get trust(): TlsOptions {
    return given(readTls({ ca: this.ca }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function given(tls: TlsOptions | undefined): TlsOptions {
  if (tls === undefined) throw new RangeError('no files were given');
  return tls;
}

function generateKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity({
  fromDays = -1,
  toDays = 1,
}: Pick<CertificateWish, 'fromDays' | 'toDays'>) {
  return {
    notBefore: new Date(Date.now() + fromDays * DAY_MS),
    notAfter: new Date(Date.now() + toDays * DAY_MS),
  };
}
