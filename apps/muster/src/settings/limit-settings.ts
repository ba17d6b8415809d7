/**
 * The settings of what strangers may cost, and of who may read the metrics.
 * Their defaults are those of `libs/transport`; a spec compares the two.
 */
import { PROCESSES, RUNNING } from './setting.js';
import type { Setting } from './setting.js';
import { hostNames, text, wholeNumber } from './value-kinds.js';

/** Part of the table of settings. */
export const LIMIT_SETTINGS = {
  metricsHosts: {
    kind: hostNames,
    placeholder: 'NAMES',
    help: 'Names under which others ask for metrics and the live page; addresses and localhost are always taken.',
    group: 'Cluster',
    commands: PROCESSES,
    usedWith: ['metrics', 'on'],
  },
  metricsTokenFile: {
    kind: text('the path of a file'),
    placeholder: 'FILE',
    help: 'File that holds the token which readers of /metrics and of the live page have to show, made if it is not there; without one they show none.',
    group: 'Cluster',
    commands: PROCESSES,
    usedWith: ['metrics', 'on'],
  },
  maxConnections: {
    kind: wholeNumber(1, 65_535),
    placeholder: 'N',
    fallback: '1024',
    help: 'Connections that a server takes in all.',
    group: 'Cluster',
    commands: RUNNING,
  },
  maxConnectionsPerAddress: {
    kind: wholeNumber(1, 65_535),
    placeholder: 'N',
    fallback: '256',
    help: 'Connections that a server takes from one address.',
    group: 'Cluster',
    commands: RUNNING,
  },
  handshakeTimeoutMs: {
    kind: wholeNumber(100, 600_000),
    placeholder: 'MS',
    fallback: '2000',
    help: 'Milliseconds that who connects to a server has to show its token.',
    group: 'Cluster',
    commands: RUNNING,
  },
  maxFailedLogins: {
    kind: wholeNumber(1, 1_000_000),
    placeholder: 'N',
    fallback: '30',
    help: 'Missing or wrong tokens a minute after which an address is not listened to for the rest of it.',
    group: 'Cluster',
    commands: RUNNING,
  },
  minBytesPerSecond: {
    kind: wholeNumber(0, 1_000_000_000),
    placeholder: 'BYTES',
    fallback: '1024',
    help: 'Slowest that a peer may send or read what is on its way, over ten seconds; 0 takes any speed.',
    group: 'Cluster',
    commands: RUNNING,
  },
} as const satisfies Record<string, Setting>;
