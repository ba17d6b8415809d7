/**
 * Which certificates a list of hosts needs, and what stands in each. Pure.
 */
import { isIP } from 'node:net';
import { MusterError } from '@muster/protocol';

/** A host, as other hosts reach it. */
export interface CertificateHost {
  /** Name or address. */
  readonly name: string;
  /** Under which others reach it, where that is not its name. */
  readonly address?: string | undefined;
}

/** One certificate that is to be made. */
export interface Machine {
  /** Name of its folder, and its common name: the worker's name begins so. */
  readonly name: string;
  /** A server's is good for both ends of a connection, a worker's for one. */
  readonly isServer: boolean;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/** The folders that are no host's. */
export const AUTHORITY_FOLDER = 'ca';
const SERVER_FOLDER = 'server';

/** What a server is reached under by processes of its own machine. */
const THIS_MACHINE = ['localhost', '127.0.0.1', '::1'];
/** A worker's name is a `-` and up to eight digits longer, at most 64. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,54}$/;

/**
 * Gives one certificate for the servers, whatever number of them, and one for
 * each host's workers.
 * @param serverHosts names of the hosts where servers run, at least one.
 * @throws MusterError ERR_CONFIG
 */
export function machinesFor(
  hosts: readonly CertificateHost[],
  serverHosts: readonly string[],
): Machine[] {
  for (const { name } of hosts) requireUsable(name);
  const servers = serverHosts.map(
    (name) => hosts.find((host) => host.name === name) ?? { name },
  );
  return [
    machine(SERVER_FOLDER, true, [
      ...servers.flatMap(reachedUnder),
      ...THIS_MACHINE,
    ]),
    ...hosts.map((host) => machine(host.name, false, reachedUnder(host))),
  ];
}

/**
 * Pairs of hosts of which one's workers could have the other's name: `node`
 * and `node-1`.
 */
export function confusable(hosts: readonly CertificateHost[]): string[][] {
  const names = hosts.map(({ name }) => name);
  return names.flatMap((name) =>
    names
      .filter((other) => other.startsWith(`${name}-`))
      .filter((other) => /^[0-9a-z]+$/.test(other.slice(name.length + 1)))
      .map((other) => [name, other]),
  );
}

function machine(
  name: string,
  isServer: boolean,
  reached: readonly string[],
): Machine {
  const all = [...new Set(reached)];
  return {
    ...{ name, isServer },
    dnsNames: all.filter((one) => isIP(one) === 0),
    ipAddresses: all.filter((one) => isIP(one) !== 0),
  };
}

function reachedUnder({ name, address }: CertificateHost): string[] {
  return address === undefined ? [name] : [name, address];
}

function requireUsable(name: string): void {
  const isTaken = [AUTHORITY_FOLDER, SERVER_FOLDER].includes(name);
  if (NAME.test(name) && !isTaken) return;
  throw new MusterError(
    'ERR_CONFIG',
    `no certificate can be made for host '${name}': expected up to 55 letters, digits and '._-', and neither '${AUTHORITY_FOLDER}' nor '${SERVER_FOLDER}' (-H, --hosts)`,
  );
}
