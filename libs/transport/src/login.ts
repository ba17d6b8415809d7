/**
 * The check of a token where there is no upgrade: of plain HTTP requests, by
 * the same rules and with the same limit of failures.
 */
import { performance } from 'node:perf_hooks';
import { FailedLogins } from './failed-logins.js';
import {
  listenerLimits,
  type ListenerLimits,
  type Settings,
} from './limits.js';
import {
  createTokenCheck,
  type Role,
  type TokenVerdict,
  type Tokens,
} from './token.js';

/** What comes of a login: `blocked` was not looked at. */
export type LoginVerdict = TokenVerdict | 'blocked';

/** Judges an `Authorization` header of a peer at an address. */
export type Login = (
  header: string | undefined,
  address: string,
) => LoginVerdict;

/**
 * Makes the check for one role.
 *
 * @throws MusterError ERR_CONFIG for tokens that cannot be used
 */
export function createLogin(
  role: Role,
  tokens: Tokens,
  limits: Settings<ListenerLimits> = {},
): Login {
  const check = createTokenCheck(role, tokens);
  const { maxFailedLogins, failedLoginWindowMs } = listenerLimits(limits);
  const failed = new FailedLogins(maxFailedLogins, failedLoginWindowMs);
  return (header, address) => {
    const nowMs = performance.now();
    if (failed.blockedMs(address, nowMs) > 0) return 'blocked';
    const verdict = check(header);
    if (verdict === 'missing' || verdict === 'wrong') {
      failed.failed(address, nowMs);
    }
    return verdict;
  };
}
