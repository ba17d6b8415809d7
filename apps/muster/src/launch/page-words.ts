/**
 * Where a person opens the live page of a launch. The server tells its address
 * as its own machine sees it; the person sits elsewhere as a rule.
 */
import { isIP } from 'node:net';
import { isLoopback } from '../settings/relations.js';
import type { Settings } from '../settings/read-settings.js';
import type { Host } from './hosts.js';
import { forwardWords } from './ssh.js';
import type { SshOptions } from './ssh.js';
import { commandLine } from './words.js';

/** Who serves the page, and how this machine reaches it. */
export interface PagePlace {
  /** The host of the servers. */
  readonly host: Host;
  /** Under which this machine and other hosts reach it. */
  readonly address: string;
  readonly ssh: SshOptions;
  readonly settings: Pick<
    Settings,
    'metricsListen' | 'metricsHosts' | 'metricsTokenFile'
  >;
}

/**
 * Gives what a person has to open, and to do before that.
 * @param served the page's address, as the server tells it.
 */
export function pageWords(served: string, place: PagePlace): string {
  const { host, address, settings } = place;
  const { metricsTokenFile: file } = settings;
  const token =
    file === undefined ? '' : `#token=... (the token is in ${file} there)`;
  const url = new URL(served);
  if (!isLoopback(settings.metricsListen.host)) {
    if (isWildcard(url.hostname)) url.hostname = inUrl(address);
    return `dashboard at ${url.href}${token}${nameHint(url, settings)}`;
  }
  if (isLoopback(address)) return `dashboard at ${served}${token}`;
  const { port, hostname } = url;
  const words = forwardWords(host, place.ssh, { port, hostname });
  url.hostname = '127.0.0.1';
  return `dashboard at ${url.href}${token} of ${host.name} alone; to see it here, leave this running: ${commandLine(words)}`;
}

/** The page refuses a name that it was not told; an address it takes. */
function nameHint(
  { hostname }: URL,
  { metricsHosts = '' }: PagePlace['settings'],
): string {
  const isAddress = isIP(hostname) !== 0 || hostname.startsWith('[');
  const isTold = metricsHosts.split(',').includes(hostname);
  if (isAddress || isTold || isLoopback(hostname)) return '';
  return `; it answers to this name with --metrics-hosts ${hostname} after --`;
}

function isWildcard(hostname: string): boolean {
  return hostname === '0.0.0.0' || hostname === '[::]';
}

function inUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
