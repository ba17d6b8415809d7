/**
 * The flags of `muster launch` itself; those after `--` are those of `train`.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MusterError } from '@muster/protocol';
import { parseHostList, parseHostsFile } from './hosts.js';
import type { Host } from './hosts.js';

/** A flag, as commander takes it. */
export interface LaunchFlag {
  readonly flags: string;
  readonly help: string;
}

/** The flags in the order of the help; a spec holds docs/launch.md to them. */
export const LAUNCH_FLAGS: readonly LaunchFlag[] = [
  {
    flags: '-H, --host-list <LIST>',
    help: 'Hosts with a comma between: host, host:workers or user@host:workers.',
  },
  {
    flags: '--hosts <FILE>',
    help: 'YAML file of the hosts, with what each needs.',
  },
  {
    flags: '--nnodes <MIN:MAX>',
    help: 'Hosts to start with and to have at most; others join when they are there, or when one is lost (default: all to start with).',
  },
  {
    flags: '--server-host <HOST>',
    help: 'Where the parameter servers run (default: the first host of the list that is there).',
  },
  {
    flags: '--folder <DIR>',
    help: 'Where Muster is put on the hosts (default: ~/.cache/muster/launch; with --no-sync the folder where it is here).',
  },
  {
    flags: '--no-sync',
    help: 'Copies nothing: the hosts share the folder, and that of --out.',
  },
  {
    flags: '--node <PATH>',
    help: 'Node of the hosts (default: node, as the PATH of a login by ssh finds it).',
  },
  {
    flags: '--ssh-config <FILE>',
    help: "Configuration of ssh (default: the user's).",
  },
  {
    flags: '--certs <DIR>',
    help: 'Folder of muster certs: every connection of the run is TLS, and each host shows its certificate.',
  },
  {
    flags: '--prometheus-targets <FILE>',
    help: 'File for file_sd_configs of Prometheus (.json): who serves metrics, written anew at each change.',
  },
  {
    flags: '--host-timeout-ms <MS>',
    help: 'Milliseconds of silence after which a host is lost, and it ends what it runs (default: 15000).',
  },
  {
    flags: '--print',
    help: 'Prints the exact commands and starts nothing.',
  },
];

/** What was asked for. */
export interface LaunchOptions {
  readonly hosts: readonly Host[];
  /** How many hosts there must be to start. */
  readonly minHosts: number;
  /** How many take part at most; further ones stand by. */
  readonly maxHosts: number;
  /** Whether hosts that come late, or come back, change nothing for a start. */
  readonly isElastic: boolean;
  readonly serverHost: string | undefined;
  readonly folder: string | undefined;
  readonly isSynced: boolean;
  readonly node: string;
  /** Absolute. */
  readonly sshConfig: string | undefined;
  /** Of the certificates of all hosts, where there is one. */
  readonly certs: string | undefined;
  /** Absolute; who serves metrics is written there. */
  readonly prometheusTargets: string | undefined;
  readonly hostTimeoutMs: number;
  readonly isPrinted: boolean;
}

const DEFAULT_TIMEOUT_MS = 15_000;
/** Below, a garbage collection or a busy core would look like a loss. */
const LEAST_TIMEOUT_MS = 1000;
const MOST_TIMEOUT_MS = 3_600_000;

/**
 * Reads what commander made of the flags.
 * @throws MusterError `ERR_CONFIG`.
 */
export function readLaunchOptions(
  flags: Readonly<Record<string, unknown>>,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): LaunchOptions {
  const hosts = readHosts(flags, readFile);
  const serverHost = textOf(flags['serverHost']);
  if (
    serverHost !== undefined &&
    !hosts.some(({ name }) => name === serverHost)
  ) {
    throw wrong('--server-host', `one of the hosts`, serverHost);
  }
  if (hosts.every(({ slots }) => slots === 0)) {
    throw wrong('-H', 'a worker at least at one of the hosts', 'none');
  }
  return {
    hosts,
    ...readNumNodes(textOf(flags['nnodes']), hosts.length),
    serverHost,
    folder: readFolder(textOf(flags['folder'])),
    isSynced: flags['sync'] !== false,
    node: readNode(textOf(flags['node'])),
    sshConfig: readSshConfig(textOf(flags['sshConfig'])),
    certs: textOf(flags['certs']),
    prometheusTargets: readTargets(textOf(flags['prometheusTargets'])),
    hostTimeoutMs: readTimeout(textOf(flags['hostTimeoutMs'])),
    isPrinted: flags['print'] === true,
  };
}

function readHosts(
  { hostList, hosts }: Readonly<Record<string, unknown>>,
  readFile: (path: string) => string,
): Host[] {
  const [list, file] = [textOf(hostList), textOf(hosts)];
  if (list !== undefined && file === undefined) return parseHostList(list);
  if (file === undefined || list !== undefined) {
    throw new MusterError(
      'ERR_CONFIG',
      'muster launch needs its hosts, in one way: -H host1:2,host2:4 or --hosts hosts.yaml',
    );
  }
  try {
    return parseHostsFile(readFile(file), file);
  } catch (cause) {
    if (cause instanceof MusterError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MusterError(
      'ERR_CONFIG',
      `the hosts file cannot be read: ${reason} (--hosts)`,
      { cause },
    );
  }
}

/** `2:4`, or `3` for both. */
function readNumNodes(
  text: string | undefined,
  numHosts: number,
): Pick<LaunchOptions, 'minHosts' | 'maxHosts' | 'isElastic'> {
  if (text === undefined) {
    return { minHosts: numHosts, maxHosts: numHosts, isElastic: false };
  }
  const [, least = '', most = least] =
    /^(\d{1,4})(?::(\d{1,4}))?$/.exec(text) ?? [];
  const [minHosts, maxHosts] = [Number(least), Number(most)];
  if (minHosts < 1 || minHosts > maxHosts || minHosts > numHosts) {
    const expected = `MIN:MAX with 1 <= MIN <= MAX and MIN <= ${numHosts} hosts`;
    throw wrong('--nnodes', expected, text);
  }
  return { minHosts, maxHosts, isElastic: true };
}

function readFolder(text: string | undefined): string | undefined {
  if (text === undefined || /^(?:\/|~\/|~$)/.test(text)) return text;
  throw wrong('--folder', 'a path from / or ~/ on', text);
}

function readNode(text = 'node'): string {
  if (text === 'node' || /^(?:\/|~\/)/.test(text)) return text;
  throw wrong('--node', 'a path from / or ~/ on', text);
}

/** rsync splits the words of its ssh itself, and knows no `\'`. */
function readSshConfig(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!text.includes("'")) return resolve(text);
  throw wrong('--ssh-config', "a path without '", text);
}

/** Prometheus reads no file of another name. */
function readTargets(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (text.endsWith('.json')) return resolve(text);
  throw wrong('--prometheus-targets', 'a path that ends with .json', text);
}

function readTimeout(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_MS;
  const value = /^\d{1,8}$/.test(text) ? Number(text) : NaN;
  if (value >= LEAST_TIMEOUT_MS && value <= MOST_TIMEOUT_MS) return value;
  const range = `a whole number from ${LEAST_TIMEOUT_MS} to ${MOST_TIMEOUT_MS}`;
  throw wrong('--host-timeout-ms', range, text);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function wrong(flag: string, expected: string, got: string): MusterError {
  return new MusterError(
    'ERR_CONFIG',
    `${flag}: expected ${expected}, got '${got}'`,
  );
}
