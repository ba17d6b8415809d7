/**
 * Under which address a process that serves metrics is reached by somebody
 * who asks: a process knows only what it listens on, which may be every
 * address of its machine, or loopback.
 */
import { isIPv6 } from 'node:net';

/** Whose place is wanted. */
export interface ScrapeProcess {
  /** `http://host:port`, as the process knows itself. */
  readonly metricsUrl: string;
  /**
   * Address from which it is connected to this machine; `undefined` where it
   * is this process, or connected by a unix socket.
   */
  readonly address: string | undefined;
}

/** Who wants to know. */
export interface Asker {
  /** Address under which this machine was asked. */
  readonly asked: string;
  readonly address: string;
  /** Addresses of this machine: interfaces, and loopback. */
  readonly ours: ReadonlySet<string>;
}

/**
 * Gives `host:port`, or nothing where this asker cannot reach the process: it
 * listens on the loopback interface of another machine.
 */
export function scrapePlace(
  { metricsUrl, address }: ScrapeProcess,
  asker: Asker,
): string | undefined {
  const { hostname, port, protocol } = new URL(metricsUrl);
  const host = reachableHost(hostname, address, asker);
  if (host === undefined) return undefined;
  const usual = protocol === 'https:' ? '443' : '80';
  return `${host}:${port === '' ? usual : port}`;
}

function reachableHost(
  hostname: string,
  address: string | undefined,
  { asked, address: askerAddress, ours }: Asker,
): string | undefined {
  const isHere = address === undefined || isOurs(address, ours);
  if (isLoopbackHost(hostname)) {
    const isAskerHere = isOurs(askerAddress, ours);
    return isHere && isAskerHere ? hostname : undefined;
  }
  if (!isUnspecified(hostname)) return hostname;
  const machine = unmapped(isHere ? asked : address);
  return machine === '' ? undefined : bracketed(machine);
}

function isOurs(address: string, ours: ReadonlySet<string>): boolean {
  const plain = unmapped(address);
  return /^127(\.\d+){3}$/.test(plain) || ours.has(plain);
}

function isLoopbackHost(host: string): boolean {
  return (
    host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
  );
}

function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '[::]';
}

/** An IPv4 address as it is, where IPv6 wraps it. */
function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

function bracketed(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}
