/**
 * The shared secrets of a run, one a role: how they are carried and how they
 * are compared.
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

/**
 * What a peer may do, each with a token of its own: a `worker` trains (servers
 * and standbys show its token too), a `dashboard` reads how it goes, an
 * `admin` steers the run.
 */
export const ROLES = ['worker', 'dashboard', 'admin'] as const;
/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

/** The token of each role that has one. */
export type Tokens = Readonly<Partial<Record<Role, string | undefined>>>;

/** What a token was good for: `other-role` is right, and not for this. */
export type TokenVerdict = 'ok' | 'missing' | 'wrong' | 'other-role';

/** Judges an `Authorization` header. */
export type TokenCheck = (header: string | undefined) => TokenVerdict;

/**
 * Makes the check of an `Authorization` header at a door that is for one role.
 * Where that role has no token, anybody passes.
 *
 * @throws MusterError ERR_CONFIG where a token cannot be sent, or two roles
 *   have the same
 */
export function createTokenCheck(role: Role, tokens: Tokens): TokenCheck {
  const known = ROLES.flatMap((name) => {
    const token = tokens[name];
    requireUsableToken(token);
    return token === undefined ? [] : [{ name, hash: sha256(token) }];
  });
  requireDifferent(Object.values(tokens));
  if (tokens[role] === undefined) return () => 'ok';
  return (header) => {
    const got = /^bearer +(\S+)$/i.exec(header ?? '')?.[1];
    if (got === undefined) return 'missing';
    const hash = sha256(got);
    // Hashes have one length, and all are compared: how long that takes says
    // nothing of how much was right.
    const fitting = known.filter((one) => timingSafeEqual(hash, one.hash));
    if (fitting.length === 0) return 'wrong';
    return fitting.some(({ name }) => name === role) ? 'ok' : 'other-role';
  };
}

function requireDifferent(tokens: readonly (string | undefined)[]): void {
  const given = tokens.filter((token) => token !== undefined);
  if (new Set(given).size === given.length) return;
  throw new MusterError(
    'ERR_CONFIG',
    'one token for two roles: expected different ones (--token-file and --metrics-token-file)',
  );
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
