/**
 * The worker's settings: the only place that reads its environment.
 */
import { randomUUID } from 'node:crypto';
import {
  enginePlaceOf,
  MusterError,
  serverUrlAt,
  workerNameAt,
} from '@muster/protocol';
import { z } from 'zod';

const booleanText = z.enum(['true', 'false']).transform((t) => t === 'true');

const schema = z.strictObject({
  /**
   * Where the coordinator, or its standby, listens: `ws://host:port`,
   * `wss://host:port` or `ws+unix:/path`, several with commas between them.
   */
  WORKER_SERVER: z
    .string()
    .min(1)
    .transform((text) => text.split(',').filter((one) => one !== '')),
  /** A name that is stable over reconnects. */
  WORKER_ID: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  /** File that holds the token. */
  WORKER_TOKEN_FILE: z.string().optional(),
  /** PEM files for TLS: what it shows, and who must have signed the server's. */
  WORKER_TLS_CERT: z.string().optional(),
  WORKER_TLS_KEY: z.string().optional(),
  WORKER_TLS_CA: z.string().optional(),
  WORKER_BACKEND: z.enum(['auto', 'tensorflow', 'wasm']).default('auto'),
  /** Folder of IDX files; the MNIST package when it is not set. */
  WORKER_DATA: z.string().optional(),
  /** Where data from a server are kept; in the user's cache if not set. */
  WORKER_CACHE_DIR: z.string().min(1).optional(),
  /** How long to look for the server before giving up. Milliseconds. */
  WORKER_CONNECT_TIMEOUT_MS: z.coerce.number().min(0).default(60_000),
  WORKER_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** File for log lines; standard error when it is not set. */
  WORKER_LOG_FILE: z.string().optional(),
  /** Whether to serve `/metrics`, and where. */
  WORKER_METRICS: booleanText.default(true),
  WORKER_METRICS_HOST: z.string().default('127.0.0.1'),
  WORKER_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Names under which others ask for metrics; commas between them. */
  WORKER_METRICS_HOSTS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((one) => one !== '')),
  /** File of the token that `/metrics` want; without one they want none. */
  WORKER_METRICS_TOKEN_FILE: z.string().optional(),
});

/** The worker's settings by environment name. */
export type WorkerConfig = Readonly<z.infer<typeof schema>>;

/**
 * Reads and checks every `WORKER_…` variable.
 * @throws MusterError `ERR_CONFIG` that lists all problems at once.
 */
export function readConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const ours = Object.entries(env).filter(([name]) =>
    name.startsWith('WORKER_'),
  );
  const parsed = schema.safeParse(Object.fromEntries(ours));
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'environment'}: ${message}`,
  );
  throw new MusterError(
    'ERR_CONFIG',
    `the worker's environment is not usable: ${problems.join('; ')}`,
  );
}

/**
 * Adds a name and an address where the environment has none: by what the
 * engine that started this process says, or a name for this life alone.
 * @throws MusterError `ERR_CONFIG` when the engine's variables are unusable.
 */
export function withEnginePlace(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { WORKER_ID: id, WORKER_SERVER: given } = env;
  if (id !== undefined && given !== undefined) return env;
  const place = enginePlaceOf(env);
  const isSecure =
    (env['WORKER_TLS_CA'] ?? env['WORKER_TLS_CERT']) !== undefined;
  const server = place && serverUrlAt(place, isSecure);
  return {
    WORKER_ID: place
      ? workerNameAt(place)
      : `worker-${randomUUID().slice(0, 8)}`,
    ...(server !== undefined && { WORKER_SERVER: server }),
    ...env,
  };
}
