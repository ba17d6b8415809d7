/**
 * What the processes of a cluster are told by their environment: the whole
 * contract between the launcher and them.
 */
import { join } from 'node:path';
import type { TlsFiles } from '@muster/transport';
import { metricsAccess, serverAccess } from './access-options.js';
import type { ClusterOptions } from './cluster-options.js';
import type { Part } from './server-roles.js';
import { WORKER_THREADS } from './worker-threads.js';

/** Settings by environment name. */
export type Environment = Readonly<Record<string, string>>;

/** The environment of a server process. */
export function serverEnvironment(
  options: ClusterOptions,
  name: string,
  part: Part,
): Environment {
  const { folder, host, tokenFile, metricsListen } = options;
  const { data, dataBytesPerSecond } = options;
  const { shard, isFirst, role, primaryUrl, coordinatorUrls, place } = part;
  const port = place?.port ?? (isFirst ? options.port : 0);
  const metricsPort = place?.metricsPort ?? (isFirst ? metricsListen.port : 0);
  return {
    PS_RUN: folder,
    PS_HOST: host,
    PS_PORT: String(port),
    ...(tokenFile !== undefined && { PS_TOKEN_FILE: tokenFile }),
    ...tlsEnvironment('PS', options.tls),
    PS_SHARD: String(shard),
    PS_SHARDS: String(options.numServers),
    PS_ROLE: role,
    ...(primaryUrl !== undefined && { PS_PRIMARY: primaryUrl }),
    ...(coordinatorUrls.length > 0 && {
      PS_COORDINATOR: coordinatorUrls.join(','),
    }),
    ...(options.route && { PS_ADVERTISE: 'ask' }),
    ...(data !== undefined && { PS_DATA: data }),
    ...(dataBytesPerSecond !== undefined && {
      PS_DATA_BYTES_PER_SECOND: String(dataBytesPerSecond),
    }),
    PS_CHECKPOINT_EVERY: String(options.checkpointEvery),
    PS_LEASE_MS: String(options.leaseMs),
    PS_HEARTBEAT_MS: String(options.heartbeatMs),
    PS_STRAGGLER_FACTOR: String(options.stragglerFactor),
    PS_LOG_LEVEL: options.logLevel,
    PS_LOG_FILE: join(folder, 'logs', `${name}.log`),
    PS_EXPECTED_WORKERS: String(options.expectedWorkers ?? options.numWorkers),
    ...(options.tensorboard === true && { PS_TENSORBOARD: 'true' }),
    PS_METRICS: String(options.metrics),
    PS_METRICS_HOST: metricsListen.host,
    PS_METRICS_PORT: String(metricsPort),
    PS_DASHBOARD_PORT: String(pagePort(options, part)),
    ...serverAccess(options.access),
  };
}

/** Open pages find a server that was started again where it was before. */
function pagePort(
  { dashboardPort = 'off' }: ClusterOptions,
  { isFirst, pagePort: before }: Part,
): number | 'auto' | 'off' {
  if (dashboardPort === 'off' || dashboardPort === 'auto') {
    return dashboardPort === 'auto' ? (before ?? 'auto') : 'off';
  }
  return before ?? (isFirst ? dashboardPort : 'auto');
}

/** Where a process finds the files for TLS. */
export function tlsEnvironment(
  prefix: 'PS' | 'WORKER',
  { cert, key, ca }: TlsFiles = {},
): Environment {
  return {
    ...(cert !== undefined && { [`${prefix}_TLS_CERT`]: cert }),
    ...(key !== undefined && { [`${prefix}_TLS_KEY`]: key }),
    ...(ca !== undefined && { [`${prefix}_TLS_CA`]: ca }),
  };
}

/**
 * The environment of a worker.
 * @param servers addresses of the coordinator, its primary's first.
 */
export function workerEnvironment(
  options: ClusterOptions,
  name: string,
  servers: readonly string[],
): Environment {
  const { folder, tokenFile, backend, data, logLevel } = options;
  return {
    ...WORKER_THREADS,
    WORKER_SERVER: servers.join(','),
    WORKER_ID: name,
    ...(tokenFile !== undefined && { WORKER_TOKEN_FILE: tokenFile }),
    ...tlsEnvironment('WORKER', options.tls),
    WORKER_BACKEND: backend,
    ...(data !== undefined && { WORKER_DATA: data }),
    WORKER_LOG_LEVEL: logLevel,
    WORKER_LOG_FILE: join(folder, 'logs', `${name}.log`),
    WORKER_METRICS: String(options.metrics),
    WORKER_METRICS_HOST: options.metricsListen.host,
    ...metricsAccess('WORKER', options.access),
  };
}
