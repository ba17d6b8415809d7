/**
 * Who the other side is by its certificate, where mutual TLS has checked it.
 */
import type { TLSSocket } from 'node:tls';
import { MusterError } from '@muster/protocol';

/** A checked certificate of a peer. */
export interface PeerCertificate {
  /** Its common name, then its DNS names; at least one. */
  readonly names: readonly string[];
  /**
   * It is the certificate of this side itself: who shows it has this side's
   * key, and could be this side.
   */
  readonly isOwn: boolean;
  /** It may be shown by a server: no usages are given, or `serverAuth` is. */
  readonly isServer: boolean;
}

/** What of Node's description of a certificate names somebody. */
interface CertificateNames {
  readonly subject?: { readonly CN?: string | string[] };
  /** `DNS:a, IP Address:10.0.0.1` */
  readonly subjectaltname?: string | undefined;
}

/** `serverAuth` (RFC 5280, 4.2.1.12). */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
/** What a worker's name can hold, and no more: a name is not a text to parse. */
const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const DNS_NAME = /(?:^|, )DNS:([A-Za-z0-9._-]+)(?=,|$)/g;
/** What follows a host's name in the name of one of its workers. */
const WORKER_SUFFIX = /^-[0-9a-z]+$/;
/** `-` and eight digits are to follow a name, in 64 characters. */
const MAX_HOST_CHARACTERS = 55;

/**
 * The certificate that a connection was made with.
 * @param ownFingerprint of this side's certificate.
 */
export function peerCertificate(
  socket: TLSSocket,
  ownFingerprint: string | undefined,
): PeerCertificate {
  const certificate = socket.getPeerCertificate();
  const usages = certificate.ext_key_usage;
  return {
    names: namesIn(certificate),
    isOwn: certificate.fingerprint256 === ownFingerprint,
    isServer: usages === undefined || usages.includes(SERVER_AUTH),
  };
}

/**
 * Whether a worker of this name may show this certificate: the name is one of
 * the certificate's, or one of those, a `-` and small letters or digits, as
 * every worker of a host has it (`host-b-0`). This side's own certificate is
 * good for every name: `muster train` starts its workers with it.
 */
export function mayBeNamed(
  { names, isOwn }: PeerCertificate,
  workerId: string,
): boolean {
  return (
    isOwn ||
    names.some(
      (name) =>
        workerId === name ||
        (workerId.startsWith(name) &&
          WORKER_SUFFIX.test(workerId.slice(name.length))),
    )
  );
}

/**
 * The name by which a worker with a certificate of these names has to call
 * itself, before a suffix of its own.
 * @throws MusterError ERR_CONFIG
 */
export function hostNameOf(names: readonly string[]): string {
  const name = names.find(({ length }) => length <= MAX_HOST_CHARACTERS);
  if (name !== undefined) return name;
  throw new MusterError(
    'ERR_CONFIG',
    `no name for a worker in its certificate: expected a common name or DNS name of letters, digits and '._-', at most ${MAX_HOST_CHARACTERS} long (--tls-cert)`,
  );
}

/** The common name and the DNS names of a certificate, as Node gives it. */
export function namesIn({
  subject,
  subjectaltname,
}: CertificateNames): string[] {
  const given = [subject?.CN ?? []].flat();
  const alternative = [...(subjectaltname ?? '').matchAll(DNS_NAME)];
  const all = [...given, ...alternative.map(([, name = '']) => name)];
  return [...new Set(all)].filter((name) => NAME.test(name));
}
