/**
 * Who may do what with this server, out of its settings: the tokens of its
 * roles and the limits of its door.
 */
import { createLogin, readTokenFile } from '@muster/transport';
import type { ListenerLimits, Login, Tokens } from '@muster/transport';
import type { ServerConfig } from './config.js';

/** A worker beats at least this often before its first frame is late. */
const FIRST_FRAME_HEARTBEATS = 3;
const MIN_FIRST_FRAME_MS = 10_000;

/** See the head of this file. */
export interface Access {
  readonly tokens: Tokens;
  readonly limits: Partial<ListenerLimits>;
  /** Judges who asks for metrics, where they want a token. */
  readonly login: Login | undefined;
  /** What there is to say of the token files. */
  readonly warnings: readonly string[];
}

/**
 * Reads the token files.
 * @throws MusterError `ERR_CONFIG`.
 */
export async function readAccess(config: ServerConfig): Promise<Access> {
  const worker = await read(config.PS_TOKEN_FILE, '--token-file');
  const dashboard = await read(
    config.PS_METRICS_TOKEN_FILE,
    '--metrics-token-file',
  );
  const tokens = { worker: worker?.token, dashboard: dashboard?.token };
  const limits = limitsOf(config);
  return {
    tokens,
    limits,
    login: dashboard && createLogin('dashboard', tokens, limits),
    warnings: [worker, dashboard].flatMap((file) => file?.warning ?? []),
  };
}

function read(file: string | undefined, setting: string) {
  return file === undefined ? undefined : readTokenFile(file, setting);
}

function limitsOf(config: ServerConfig): Partial<ListenerLimits> {
  return {
    maxConnections: config.PS_MAX_CONNECTIONS,
    maxConnectionsPerAddress: config.PS_MAX_CONNECTIONS_PER_ADDRESS,
    handshakeTimeoutMs: config.PS_HANDSHAKE_TIMEOUT_MS,
    maxFailedLogins: config.PS_MAX_FAILED_LOGINS,
    minBytesPerSecond: config.PS_MIN_BYTES_PER_SECOND,
    firstFrameTimeoutMs: Math.max(
      MIN_FIRST_FRAME_MS,
      FIRST_FRAME_HEARTBEATS * config.PS_HEARTBEAT_MS,
    ),
  };
}
