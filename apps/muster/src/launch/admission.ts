/**
 * Which hosts start, which wait, and which are left out. Pure.
 */
import { MusterError } from '@muster/protocol';
import type { HostCheck } from './check-host.js';
import type { Host } from './hosts.js';
import type { LaunchOptions } from './launch-options.js';

/** Who does what at the start. */
export interface Admission {
  readonly serverHost: Host;
  /** Those that can take part now, in the order of the list. */
  readonly ready: readonly HostCheck[];
  /** Those that are asked again: not reached, and perhaps later. */
  readonly later: readonly Host[];
  /** Those that cannot take part without somebody's help. */
  readonly unfit: readonly HostCheck[];
}

type Wishes = Pick<
  LaunchOptions,
  'minHosts' | 'maxHosts' | 'isElastic' | 'serverHost'
>;

/**
 * Decides by what the checks have shown.
 * @throws MusterError `ERR_SERVER_UNREACHABLE` when hosts that are needed may
 *   come later, `ERR_CONFIG` when something has to be mended first.
 */
export function admit(checks: readonly HostCheck[], wishes: Wishes): Admission {
  const ready = checks.filter(({ problems }) => problems.length === 0);
  const failed = checks.filter(({ problems }) => problems.length > 0);
  const unfit = failed.filter(({ problems }) =>
    problems.some(({ isPassing }) => !isPassing),
  );
  if (ready.length < wishes.minHosts) {
    throw refusal(failed, unfit, neededText(ready.length, wishes));
  }
  const wanted = wishes.serverHost;
  const server = ready.find(({ host }) => host.name === (wanted ?? host.name));
  if (server === undefined) {
    throw refusal(failed, unfit, `the host of the servers, ${wanted}, is not`);
  }
  return {
    serverHost: server.host,
    ready,
    later: failed
      .filter((check) => !unfit.includes(check))
      .map(({ host }) => host),
    unfit,
  };
}

function neededText(numReady: number, wishes: Wishes): string {
  const { minHosts, isElastic } = wishes;
  const flag = isElastic
    ? 'as --nnodes says'
    : 'all of the list; --nnodes MIN:MAX starts with fewer';
  return `${numReady} of ${minHosts} hosts that are needed (${flag}) are`;
}

function refusal(
  failed: readonly HostCheck[],
  unfit: readonly HostCheck[],
  who: string,
): MusterError {
  const why = failed.map(
    ({ host, problems }) =>
      `${host.name}: ${problems.map(({ text }) => text).join('; ')}`,
  );
  const code = unfit.length > 0 ? 'ERR_CONFIG' : 'ERR_SERVER_UNREACHABLE';
  return new MusterError(code, [`${who} ready:`, ...why].join('\n  '));
}

/**
 * How many workers there are at the start: those of the hosts that take part.
 * @param ready those that can, in the order of the list.
 */
export function workersAtStart(
  ready: readonly Host[],
  serverHost: Host,
  maxHosts: number,
): number {
  let numActive = 0;
  let numWorkers = 0;
  for (const host of [serverHost, ...ready.filter((h) => h !== serverHost)]) {
    if (!isAdmitted(numActive, maxHosts, host === serverHost)) continue;
    numActive++;
    numWorkers += host.slots;
  }
  return numWorkers;
}

/**
 * Whether a host that is ready takes part, or stands by.
 * @param numActive hosts that take part now, without it.
 * @param isServer whether the servers run there: they always take part.
 */
export function isAdmitted(
  numActive: number,
  maxHosts: number,
  isServer: boolean,
): boolean {
  return isServer || numActive < maxHosts;
}
