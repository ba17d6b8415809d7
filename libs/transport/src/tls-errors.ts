/**
 * What was wrong with a certificate or with TLS itself, in the words of the
 * settings.
 */
import { MusterError } from '@muster/protocol';

/** What verification says, by the code of Node and OpenSSL. */
const FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired: expected one that is valid now',
  CERT_NOT_YET_VALID:
    'is not valid yet: expected one that is valid now (are the clocks right?)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by a CA that is not known here',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by a CA that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by a CA that is not known here',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by a CA that is not known here',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself, and not by a known CA',
  CERT_SIGNATURE_FAILURE: 'is not signed by the CA that it names',
  INVALID_PURPOSE: 'is not for this purpose (extended key usage)',
  INVALID_CA: 'is signed by what is no CA',
  CERT_REVOKED: 'is revoked',
};

/** Which flag mends what verification found, where it is not `--tls-cert`. */
const UNKNOWN_CA = /^(UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT_SIGNATURE)/;
/** A server without TLS has answered, or something that is none. */
const NO_TLS = /wrong.version.number|packet.length.too.long/i;
/** The first byte of a TLS alert record (RFC 8446, 5.1). */
const ALERT = 0x15;

/** An error of Node's while it dials. */
interface DialError extends Error {
  readonly code?: string | undefined;
  /** What came that is no HTTP. */
  readonly rawPacket?: Uint8Array | undefined;
  /** The certificate that is for another host. */
  readonly cert?: { readonly subjectaltname?: string } | undefined;
}

/**
 * The error of a dial that TLS has ended, if it was TLS.
 * @param server its address, `wss://…` or `ws://…`.
 */
export function dialTlsError(
  server: string,
  cause: DialError,
): MusterError | undefined {
  const { code = '', message, rawPacket } = cause;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = cause.cert?.subjectaltname ?? 'no name';
    return tlsError(
      `the certificate of ${server} is for another host: expected one for the host in the address, got one for ${names} (--server, or --tls-cert at the server)`,
      cause,
    );
  }
  const fault = FAULTS[code];
  if (fault !== undefined) {
    const flag = UNKNOWN_CA.test(code)
      ? '--tls-ca'
      : '--tls-cert at the server';
    return tlsError(`the certificate of ${server} ${fault} (${flag})`, cause);
  }
  if (server.startsWith('wss:') && NO_TLS.test(code + message)) {
    return tlsError(
      `${server} does not speak TLS: expected ws://, or --tls-cert and --tls-key at the server (--server)`,
      cause,
    );
  }
  if (rawPacket?.[0] === ALERT) return tlsError(expectedTls(server), cause);
  if (!/SSL|TLS|EPROTO/.test(code)) return undefined;
  return tlsError(
    `TLS with ${server} failed: ${code}, ${message.trim()} (TLS 1.3 is the oldest version)`,
    cause,
  );
}

/** What to say to, or of, whoever comes without TLS. */
export function expectedTls(server: string): string {
  return `${server} speaks TLS: expected wss://, got ws:// (--server)`;
}

/**
 * What a server says to a client whose certificate it does not accept.
 * @param code of the verification; nothing where no certificate came.
 */
export function clientCertificateError(code: string | undefined): MusterError {
  if (code === undefined) {
    return new MusterError(
      'ERR_TLS',
      'certificate missing: this server requires one of each peer (--tls-cert, --tls-key)',
    );
  }
  const fault = FAULTS[code] ?? `is not accepted (${code.slice(0, 60)})`;
  const flag = UNKNOWN_CA.test(code)
    ? '--tls-cert, or --tls-ca at the server'
    : '--tls-cert';
  return new MusterError(
    'ERR_TLS',
    `the peer's certificate ${fault} (${flag})`,
  );
}

function tlsError(message: string, cause: Error): MusterError {
  return new MusterError('ERR_TLS', message, { cause });
}
