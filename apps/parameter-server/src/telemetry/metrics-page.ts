/**
 * Where others read this server's metrics, and whether it can do its work;
 * the coordinator also says who else serves metrics.
 */
import { startHealthServer } from '@muster/telemetry';
import type { HealthServer, Registry } from '@muster/telemetry';
import type { RunTelemetryOptions } from './run-telemetry.js';
import type { ServiceDiscovery } from './service-discovery.js';

/** What is behind the pages. */
export interface MetricsPages {
  /** Called before each `/metrics`. */
  readonly refresh: () => void;
  /** Answers `/sd`. */
  readonly discovery: ServiceDiscovery;
}

/**
 * Listens.
 * @throws an error with code `ERR_PORT_IN_USE` or `ERR_CONFIG`.
 */
export function serveMetrics(
  options: RunTelemetryOptions,
  registry: Registry,
  { refresh, discovery }: MetricsPages,
): Promise<HealthServer> {
  const { config, machine, log, login } = options;
  return startHealthServer({
    host: config.PS_METRICS_HOST,
    port: config.PS_METRICS_PORT,
    hosts: config.PS_METRICS_HOSTS,
    ...(login && { login }),
    ...{ registry, refresh, log },
    routes: { '/sd': (request) => discovery.answer(request) },
    ready: () => {
      const phase = machine.coordinator?.phase ?? machine.role;
      return { ready: phase !== 'ended', reason: phase };
    },
  });
}
