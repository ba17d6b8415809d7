/**
 * The shared secret of a run: how it is carried and how it is compared.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { MusterError } from '@muster/protocol';

/** What an HTTP header can carry (RFC 6750, widened to visible ASCII). */
const TOKEN = /^[\x21-\x7e]{1,1024}$/;

/**
 * Checks that a token can be sent at all.
 *
 * @throws MusterError ERR_CONFIG
 */
export function requireUsableToken(token: string | undefined): void {
  if (token === undefined || TOKEN.test(token)) return;
  throw new MusterError(
    'ERR_CONFIG',
    'token not usable: expected 1 to 1024 visible ASCII characters without spaces (--token-file or MUSTER_TOKEN_FILE)',
  );
}

/** The value of the `Authorization` header. */
export function bearer(token: string): string {
  return `Bearer ${token}`;
}

/** Makes the check of an `Authorization` header. */
export function createTokenCheck(
  token: string | undefined,
): (header: string | undefined) => 'ok' | 'missing' | 'wrong' {
  if (token === undefined) return () => 'ok';
  const expected = sha256(token);
  return (header) => {
    const got = /^bearer +(\S+)$/i.exec(header ?? '')?.[1];
    if (got === undefined) return 'missing';
    // Hashes have one length, and how long comparing takes says nothing.
    return timingSafeEqual(sha256(got), expected) ? 'ok' : 'wrong';
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
