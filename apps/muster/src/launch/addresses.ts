/**
 * Under which address a host is reached by the others.
 */
import { MusterError } from '@muster/protocol';
import { isLoopback } from '../settings/relations.js';
import type { Host } from './hosts.js';
import { runWords } from './run-words.js';
import { addressIn, resolveWords } from './ssh.js';
import type { SshOptions } from './ssh.js';

/** ssh only reads its configuration. */
const RESOLVE_MS = 5000;

/**
 * Gives what the hosts file says, or what ssh makes of the name: an alias of
 * its configuration means nothing to another host.
 */
export async function addressOf(host: Host, ssh: SshOptions): Promise<string> {
  if (host.address !== undefined) return host.address;
  const words = resolveWords(host, ssh);
  const end = await runWords(words, { timeoutMs: RESOLVE_MS });
  const found = end.kind === 'ended' ? addressIn(end.stdout) : undefined;
  return found ?? host.name;
}

/**
 * Refuses an address of the servers that other hosts cannot use.
 * @throws MusterError `ERR_CONFIG`.
 */
export function requireReachable(
  server: Host,
  address: string,
  hosts: readonly Host[],
): void {
  const others = hosts.filter((host) => host !== server && host.slots > 0);
  if (others.length === 0 || !isLoopback(address)) return;
  throw new MusterError(
    'ERR_CONFIG',
    `the servers run on ${server.name}, whose address ${address} other hosts cannot reach: expected another one (address: in the hosts file, or --server-host)`,
  );
}

/**
 * Puts the address of a host in for that of its loopback interface, which a
 * server tells that listens on every address; and with TLS in any case, as
 * its certificate has the name that it is reached under.
 * @param urls with commas between.
 */
export function reachableUrls(urls: string, address: string): string {
  return urls
    .split(',')
    .map((text) => {
      const url = new URL(text);
      if (!isLoopback(url.hostname) && url.protocol !== 'wss:') return text;
      url.hostname = address.includes(':') ? `[${address}]` : address;
      return url.href.replace(/\/$/, '');
    })
    .join(',');
}
