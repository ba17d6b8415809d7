/**
 * The registry of one process: what `/metrics` shows, beginning with what
 * Node tells of the process itself.
 */
import { Registry, collectDefaultMetrics } from 'prom-client';

export type { Registry };

/** Gauges of prom-client that are named as counters are. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/**
 * Makes a registry of its own (never the global one of prom-client) with the
 * process metrics: processor time, memory, open files, event-loop lag,
 * garbage collection. Their names `process_...` and `nodejs_...` are those
 * that ready-made dashboards look for, so they carry no prefix. Three that
 * `promtool check metrics` objects to are left out: the metric of the same
 * name without `_total` tells the same by type.
 */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}
