/**
 * Where others read this server's metrics, and whether it can do its work;
 * the coordinator also says who else serves metrics.
 */
import { startHealthServer } from '@muster/telemetry';
import type { HealthServer, Registry } from '@muster/telemetry';
import type { RunTelemetryOptions } from './run-telemetry.js';
import { ServiceDiscovery } from './service-discovery.js';

/**
 * Listens.
 * @param refresh called before each `/metrics`.
 * @throws an error with code `ERR_PORT_IN_USE` or `ERR_CONFIG`.
 */
export function serveMetrics(
  options: RunTelemetryOptions,
  registry: Registry,
  refresh: () => void,
): Promise<HealthServer> {
  const { config, machine, log, login, run, remoteOf } = options;
  const discovery = new ServiceDiscovery({
    ...{ runId: run.runId, remoteOf, log },
    targets: () => machine.coordinator?.scrapeTargets,
  });
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
