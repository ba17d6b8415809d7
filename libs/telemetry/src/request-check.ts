/**
 * Who may ask a health server what: by the host that is asked for, the page
 * that asks, and the token.
 */
import type { IncomingMessage } from 'node:http';
import { isLocalHost, isOurHost } from './host-check.js';

/** Of what a request said, what is said again. */
const MAX_QUOTED_CHARACTERS = 80;

/** What a login comes to; all but the first are refused. */
export type Verdict = 'ok' | 'missing' | 'wrong' | 'other-role' | 'blocked';

/** Who may ask. */
export interface RequestPolicy {
  /** Where the server listens. */
  readonly host: string;
  /**
   * Names under which others ask for this server, beside addresses and
   * `localhost`; see `isOurHost`. Default: none.
   */
  readonly hosts?: readonly string[];
  /**
   * Judges who asks for `/metrics` and further routes, by the `Authorization` header and the
   * address. Without it anybody may read them. `/healthz` and `/readyz` are
   * for everybody: they say one word.
   */
  readonly login?: (header: string | undefined, address: string) => Verdict;
}

/** What is said to a request. */
export interface Answer {
  readonly status: number;
  /** Content type; plain text when it is not given. */
  readonly type?: string;
  readonly body: string;
}

/** Who asks, for answers that depend on it. */
export interface RouteRequest {
  /** Address of this machine that was asked; '' when who asks is gone. */
  readonly localAddress: string;
  /** Address of who asks; '' when it is gone already. */
  readonly remoteAddress: string;
}

/** Answers requests for one path; it is called after the login was checked. */
export type Route = (request: RouteRequest) => Answer;

/** Refuses what a web page of somebody else's has its visitors ask. */
export function checkOrigin(
  { host: listensOn, hosts = [] }: RequestPolicy,
  { headers: { host, origin } }: IncomingMessage,
): Answer | undefined {
  const isLocal = isLocalHost(listensOn);
  if (!isOurHost(host, { isLocal, hosts })) {
    const got = visible(host ?? '');
    const body = `this is no server of '${got}': expected an address, localhost, or a name of --metrics-hosts\n`;
    return { status: 421, body };
  }
  const page = origin?.replace(/^https?:\/\//, '');
  if (page === undefined || page === host) return undefined;
  const body = `a page of '${visible(page)}' may not read this: expected no Origin header\n`;
  return { status: 403, body };
}

function visible(text: string): string {
  return text.slice(0, MAX_QUOTED_CHARACTERS).replaceAll(/[^\x20-\x7e]/g, '?');
}

/** Refuses who has not shown the token, where one is wanted. */
export function checkLogin(
  { login }: RequestPolicy,
  { headers, socket }: IncomingMessage,
): Answer | undefined {
  const verdict = login?.(headers.authorization, socket.remoteAddress ?? '');
  switch (verdict) {
    case undefined:
    case 'ok':
      return undefined;
    case 'blocked':
      return {
        status: 429,
        body: 'too many logins of this address have failed (--max-failed-logins)\n',
      };
    case 'other-role':
      return {
        status: 403,
        body: 'token of another role: expected that of --metrics-token-file\n',
      };
    default:
      return {
        status: 401,
        body: `token ${verdict}: expected that of --metrics-token-file\n`,
      };
  }
}
