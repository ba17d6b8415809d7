/**
 * What settings must be to each other: checked where every one of them is
 * valid by itself and the command takes the first.
 */
import { flagOf } from './names.js';
import type { SettingsProblem } from './problems.js';
import type { Settings } from './read-settings.js';
import { textOf } from './value-kinds.js';
import type { SettingName } from './table.js';

/** One rule. */
export interface Relation {
  /** The first one is named as the problem. */
  readonly names: readonly [SettingName, ...SettingName[]];
  /** Gives what was expected of the first, if it is not so. */
  readonly violation: (settings: Settings) => string | undefined;
}

/** The rules. */
export const RELATIONS: readonly Relation[] = [
  {
    names: ['globalBatch', 'microBatches'],
    violation: ({ globalBatch, microBatches }) =>
      globalBatch % microBatches === 0
        ? undefined
        : `a multiple of --micro-batches ${microBatches}`,
  },
  {
    names: ['heartbeatMs', 'leaseMs'],
    violation: ({ heartbeatMs, leaseMs }) =>
      heartbeatMs * 2 <= leaseMs
        ? undefined
        : `at most half of --lease-ms ${leaseMs}`,
  },
  {
    names: ['standby', 'consistency'],
    violation: ({ standby, consistency }) =>
      standby === 0 || consistency === 'sync' || consistency === 'local'
        ? undefined
        : `0 with --consistency ${consistency} (a standby needs sync or local)`,
  },
  {
    names: ['metricsTokenFile', 'tokenFile'],
    violation: ({ metricsTokenFile, tokenFile }) =>
      metricsTokenFile === undefined || metricsTokenFile !== tokenFile
        ? undefined
        : `another file than --token-file ${tokenFile}`,
  },
  {
    names: ['dashboardPort', 'metricsListen', 'metricsTokenFile'],
    violation: ({ dashboardPort, metricsListen, metricsTokenFile }) =>
      typeof dashboardPort === 'number' &&
      metricsTokenFile === undefined &&
      !isLoopback(metricsListen.host)
        ? `off, or a token for it (--metrics-token-file), as other machines reach --metrics-listen ${textOf(metricsListen)}`
        : undefined,
  },
  {
    names: ['tlsCert', 'tlsKey'],
    violation: ({ tlsCert, tlsKey }) =>
      tlsCert === undefined && tlsKey !== undefined
        ? 'the certificate of --tls-key'
        : undefined,
  },
  {
    names: ['tlsKey', 'tlsCert'],
    violation: ({ tlsCert, tlsKey }) =>
      tlsKey === undefined && tlsCert !== undefined
        ? 'the key of --tls-cert'
        : undefined,
  },
  {
    names: ['tlsCert', 'tlsCa'],
    violation: ({ command, tlsCert, tlsCa }) =>
      command !== 'worker' && tlsCert === undefined && tlsCa !== undefined
        ? 'a certificate of the server, with --tls-ca'
        : undefined,
  },
  {
    names: ['tlsCa', 'tlsCert'],
    violation: ({ tlsCert, tlsCa, ...settings }) =>
      tlsCert !== undefined && tlsCa === undefined && connectsItself(settings)
        ? 'the CA of --tls-cert, as processes of this run connect to each other'
        : undefined,
  },
  {
    names: ['server', 'tlsCert', 'tlsCa'],
    violation: ({ server, tlsCert, tlsCa }) =>
      (tlsCert ?? tlsCa) !== undefined && server?.split(',').some(isPlain)
        ? 'wss://HOST:PORT with --tls-cert or --tls-ca'
        : undefined,
  },
];

/** Gives the problem that a broken rule is. */
export function relationProblem(
  { names: [name] }: Relation,
  expected: string,
  settings: Settings,
  from: string | undefined,
): SettingsProblem {
  const value = settings[name];
  const got = value === undefined ? undefined : textOf(value);
  const origin = from === undefined ? defaultOf(got) : `from ${from}`;
  return { name: flagOf(name), expected, got, origin };
}

function defaultOf(got: string | undefined): string | undefined {
  return got === undefined ? undefined : 'the default';
}

/** Whether a command starts processes that connect to its own servers. */
function connectsItself({
  command,
  servers,
  standby,
}: Pick<Settings, 'command' | 'servers' | 'standby'>): boolean {
  return command === 'train' || (command === 'server' && servers + standby > 1);
}

function isPlain(url: string): boolean {
  return url.startsWith('ws:');
}

/** Whether only processes of this machine can reach a host name or address. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host === '::1' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
  );
}
