/**
 * Every metric of Muster: name, type, unit, labels and buckets, in tables;
 * `docs/metrics.md` and the dashboards are held against them.
 */
import { COORDINATOR_METRICS } from './coordinator-catalogue.js';
import type { MetricDefinition } from './metric-definition.js';
import { SHARD_METRICS } from './shard-catalogue.js';

export { COORDINATOR_METRICS } from './coordinator-catalogue.js';
export { SHARD_METRICS } from './shard-catalogue.js';
export { WORKER_METRICS } from './worker-catalogue.js';

/** What both kinds of process tell of themselves. */
export const PROCESS_METRICS = {
  buildInfo: {
    name: 'muster_build_info',
    type: 'gauge',
    help: 'Always 1; the labels tell the version of Muster, its protocol and Node.',
    labels: { version: 'constant', protocol: 'constant', node: 'constant' },
  },
  runInfo: {
    name: 'muster_run_info',
    type: 'gauge',
    help: 'Always 1; the labels tell which run this process works on.',
    labels: {
      run_id: 'constant',
      consistency: 'constant',
      optimizer: 'constant',
      seed: 'constant',
    },
  },
} as const satisfies Record<string, MetricDefinition>;

/** What the parameter servers of a run tell together. */
export const SERVER_METRICS = {
  ...SHARD_METRICS,
  ...COORDINATOR_METRICS,
} as const satisfies Record<string, MetricDefinition>;
