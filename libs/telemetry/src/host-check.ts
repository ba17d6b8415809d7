/**
 * Whether a request is meant for this server, by its `Host` header. A web
 * page can have its own name point to this machine (DNS rebinding), and its
 * scripts then read what only this machine should; they cannot choose the
 * name that the browser sends.
 */
import { isIP } from 'node:net';

/** Which names are this server's. */
export interface HostPolicy {
  /** Whether only processes of this machine can connect. */
  readonly isLocal: boolean;
  /** Names beside those that are always taken. */
  readonly hosts: readonly string[];
}

/**
 * Tells whether a `Host` header names this server: an address, `localhost`, a
 * name below it, or a listed name. A server that other machines reach takes
 * names without a dot too, as those of a container network are: nobody can
 * publish such a name. HTTP/1.0 has no header, and no browser speaks it.
 */
export function isOurHost(
  header: string | undefined,
  { isLocal, hosts }: HostPolicy,
): boolean {
  if (header === undefined) return true;
  const name = nameIn(header);
  if (name === '') return false;
  if (isIP(name) !== 0) return true;
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  if (!isLocal && !name.includes('.')) return true;
  return hosts.some((host) => nameIn(host) === name);
}

/** Whether an address to listen on can be reached from this machine only. */
export function isLocalHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

/** The name or address in `name:port`, in lower case; '' if it is none. */
function nameIn(header: string): string {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/@]+))(?::\d{1,5})?$/.exec(
    header.toLowerCase(),
  );
  return (match?.[1] ?? match?.[2] ?? '').replace(/\.$/, '');
}
