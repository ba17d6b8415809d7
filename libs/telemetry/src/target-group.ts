/**
 * Under which address a process that serves metrics is reached by somebody
 * who asks: a process knows only what it listens on, which may be every
 * address of its machine, or loopback.
 */
import { isIPv6 } from 'node:net';

/** A process that serves metrics. */
export interface ScrapeProcess {
  /** Of its series. */
  readonly labels: Readonly<Record<string, string>>;
  /** `http://host:port`, as the process knows itself. */
  readonly metricsUrl: string;
  /**
   * Address from which it is connected to the machine that is asked; null
   * where it is on that machine.
   */
  readonly address: string | null;
}

/** One entry of a list for Prometheus (`http_sd_configs`, `file_sd_configs`). */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Who wants to know. */
export interface Asker {
  /** Address under which this machine was asked. */
  readonly asked: string;
  readonly address: string;
  /** Addresses of this machine. */
  readonly ours: ReadonlySet<string>;
}

/**
 * Gives the entry of a process, or nothing where this asker cannot reach it:
 * it listens on the loopback interface of another machine.
 */
export function targetGroup(
  { labels, metricsUrl, address }: ScrapeProcess,
  asker: Asker,
): TargetGroup | undefined {
  const { hostname, port, protocol } = new URL(metricsUrl);
  const host = reachableHost(hostname, address, asker);
  if (host === undefined) return undefined;
  const isSecure = protocol === 'https:';
  const usual = isSecure ? '443' : '80';
  return {
    targets: [`${host}:${port === '' ? usual : port}`],
    labels: { ...labels, ...(isSecure && { __scheme__: 'https' }) },
  };
}

function reachableHost(
  hostname: string,
  address: string | null,
  { asked, address: askerAddress, ours }: Asker,
): string | undefined {
  if (isLoopbackHost(hostname)) {
    const isAskerHere = isOurAddress(askerAddress, ours);
    return address === null && isAskerHere ? hostname : undefined;
  }
  if (!isUnspecified(hostname)) return hostname;
  const machine = unmapped(address ?? asked);
  return machine === '' ? undefined : bracketed(machine);
}

/** Whether an address is one of these, or loopback. */
export function isOurAddress(
  address: string,
  ours: ReadonlySet<string>,
): boolean {
  const plain = unmapped(address);
  return plain === '::1' || /^127(\.\d+){3}$/.test(plain) || ours.has(plain);
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
