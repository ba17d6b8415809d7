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

/** Whether only processes of this machine can reach a host name or address. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host === '::1' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
  );
}
