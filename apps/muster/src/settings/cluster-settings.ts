/**
 * The settings of processes and connections.
 */
import { PROCESSES, RUNNING } from './setting.js';
import type { Setting } from './setting.js';
import {
  address,
  autoOrWholeNumber,
  numberFromZero,
  serverUrl,
  text,
  toggle,
  wholeNumber,
} from './value-kinds.js';

/** Part of the table of settings. */
export const CLUSTER_SETTINGS = {
  workers: {
    kind: autoOrWholeNumber(1, 1024),
    placeholder: 'N',
    fallback: 'auto',
    help: 'Worker processes to start here; auto is one a core, but no more than micro-batches.',
    group: 'Cluster',
    commands: ['train'],
  },
  servers: {
    kind: wholeNumber(1, 32),
    placeholder: 'N',
    fallback: '1',
    help: 'Parameter servers that share the parameters.',
    group: 'Cluster',
    commands: RUNNING,
  },
  standby: {
    kind: wholeNumber(0, 1),
    placeholder: 'N',
    fallback: '0',
    help: 'Standbys a parameter server, which take over when it is lost.',
    group: 'Cluster',
    commands: RUNNING,
  },
  maxRestarts: {
    kind: wholeNumber(0, 1_000_000),
    placeholder: 'N',
    fallback: '10',
    help: 'Processes that are started again within an hour before the run fails; 0 starts none again.',
    group: 'Cluster',
    commands: RUNNING,
  },
  server: {
    kind: serverUrl,
    placeholder: 'URL',
    help: "Address of the run's parameter server; with a standby both of theirs, with a comma between.",
    group: 'Cluster',
    commands: ['worker'],
  },
  connectTimeoutMs: {
    kind: wholeNumber(0, 86_400_000),
    placeholder: 'MS',
    fallback: '60000',
    help: 'Milliseconds that a worker looks for its server before it gives up.',
    group: 'Cluster',
    commands: ['worker'],
  },
  listen: {
    kind: address,
    placeholder: 'HOST:PORT',
    fallback: '127.0.0.1:0',
    fallbackOf: { server: '127.0.0.1:7070' },
    help: 'Where the parameter server listens for workers; further servers take free ports of this host.',
    group: 'Cluster',
    commands: RUNNING,
  },
  tokenFile: {
    kind: text('the path of a file'),
    placeholder: 'FILE',
    help: 'File that holds the token which workers have to show.',
    group: 'Cluster',
    commands: PROCESSES,
  },
  insecure: {
    kind: toggle,
    fallback: 'off',
    help: 'Listens for workers of other machines without a token.',
    group: 'Cluster',
    commands: RUNNING,
  },
  leaseMs: {
    kind: wholeNumber(100, 3_600_000),
    placeholder: 'MS',
    fallback: '5000',
    help: 'Milliseconds of silence after which the tasks of a worker go to others.',
    group: 'Cluster',
    commands: RUNNING,
  },
  heartbeatMs: {
    kind: wholeNumber(20, 1_800_000),
    placeholder: 'MS',
    fallback: '1000',
    help: 'Milliseconds from one sign of life of a worker to the next.',
    group: 'Cluster',
    commands: RUNNING,
  },
  stragglerFactor: {
    kind: numberFromZero,
    placeholder: 'FACTOR',
    fallback: '2',
    help: 'How many times the median time makes a task slow, so that an idle worker gets a copy of it; 0 gives none.',
    group: 'Cluster',
    commands: RUNNING,
  },
  metrics: {
    kind: toggle,
    placeholder: 'on|off',
    fallback: 'on',
    help: 'Serves /metrics, /healthz and /readyz in every process.',
    group: 'Cluster',
    commands: PROCESSES,
  },
  metricsListen: {
    kind: address,
    placeholder: 'HOST:PORT',
    fallback: '127.0.0.1:0',
    help: 'Where metrics are served; workers and further servers that train starts take free ports of this host.',
    group: 'Cluster',
    commands: PROCESSES,
    usedWith: ['metrics', 'on'],
  },
} as const satisfies Record<string, Setting>;
