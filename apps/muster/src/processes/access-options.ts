/**
 * Who may reach the processes of a cluster, and how they are told.
 */

/** Limits of a server's door and who may read metrics. */
export interface AccessOptions {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly handshakeTimeoutMs: number;
  readonly maxFailedLogins: number;
  readonly minBytesPerSecond: number;
  /** Names under which metrics are asked for, a comma between. */
  readonly metricsHosts: string | undefined;
  /** Holds the token that `/metrics` want; undefined: they want none. */
  readonly metricsTokenFile: string | undefined;
}

/** What a server process is told of it; nothing leaves it the defaults. */
export function serverAccess(
  access: AccessOptions | undefined,
): Readonly<Record<string, string>> {
  if (access === undefined) return {};
  return {
    PS_MAX_CONNECTIONS: String(access.maxConnections),
    PS_MAX_CONNECTIONS_PER_ADDRESS: String(access.maxConnectionsPerAddress),
    PS_HANDSHAKE_TIMEOUT_MS: String(access.handshakeTimeoutMs),
    PS_MAX_FAILED_LOGINS: String(access.maxFailedLogins),
    PS_MIN_BYTES_PER_SECOND: String(access.minBytesPerSecond),
    ...metricsAccess('PS', access),
  };
}

/** What a worker process is told of it. */
export function metricsAccess(
  prefix: 'PS' | 'WORKER',
  access: Pick<AccessOptions, 'metricsHosts' | 'metricsTokenFile'> | undefined,
): Readonly<Record<string, string>> {
  const { metricsHosts: hosts, metricsTokenFile: file } = access ?? {};
  return {
    ...(hosts !== undefined && { [`${prefix}_METRICS_HOSTS`]: hosts }),
    ...(file !== undefined && { [`${prefix}_METRICS_TOKEN_FILE`]: file }),
  };
}
