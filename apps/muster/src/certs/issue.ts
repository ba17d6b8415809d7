/**
 * Makes keys and certificates: X.509 version 3, ECDSA on P-256 (RFC 5280,
 * RFC 5480), for TLS 1.3.
 */
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Machine } from './machines.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
/** Clocks of other machines may be behind by so much. */
const CLOCK_SKEW_MS = 300_000;
/** A certificate of the CA outlives those that it signs. */
const AUTHORITY_DAYS = 3650;

/** A certificate and its private key, as PEM. */
export interface IssuedPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Makes a CA: a certificate that signs itself and may sign others. */
export async function createAuthority(
  nowMs: number,
  days: number,
): Promise<IssuedPair> {
  const keys = await generateKeys();
  const suffix = randomBytes(4).toString('hex');
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`Muster private CA ${suffix}`] }],
    ...validity(nowMs, Math.max(AUTHORITY_DAYS, days)),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(
        KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
        true,
      ),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pairOf(certificate, keys);
}

/** Makes a key and the certificate of one machine, signed by a CA. */
export async function issue(
  { name, isServer, dnsNames, ipAddresses }: Machine,
  authority: IssuedPair,
  nowMs: number,
  days: number,
): Promise<IssuedPair> {
  const keys = await generateKeys();
  const issuer = new X509Certificate(authority.certificate);
  const usages = isServer
    ? [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]
    : [ExtendedKeyUsage.clientAuth];
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: issuer.subjectName.toJSON(),
    ...validity(nowMs, days),
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.privateKey),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(usages),
      new SubjectAlternativeNameExtension([
        ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
        ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return pairOf(certificate, keys);
}

function generateKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function importKey(pem: string) {
  const [bytes] = PemConverter.decode(pem);
  if (bytes === undefined) throw new RangeError('no PEM');
  return webcrypto.subtle.importKey('pkcs8', bytes, ALGORITHM, false, ['sign']);
}

function validity(nowMs: number, days: number) {
  return {
    notBefore: new Date(nowMs - CLOCK_SKEW_MS),
    notAfter: new Date(nowMs + days * DAY_MS),
  };
}

async function pairOf(
  certificate: X509Certificate,
  { privateKey }: webcrypto.CryptoKeyPair,
): Promise<IssuedPair> {
  const bytes = await webcrypto.subtle.exportKey('pkcs8', privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: `${PemConverter.encode(bytes, 'PRIVATE KEY')}\n`,
  };
}
