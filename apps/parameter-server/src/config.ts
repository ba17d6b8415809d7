/**
 * The parameter server's settings: the only place that reads its environment.
 */
import { enginePlaceOf, MusterError } from '@muster/protocol';
import { listenerLimits } from '@muster/transport';
import { z } from 'zod';

const booleanText = z.enum(['true', 'false']).transform((t) => t === 'true');
const milliseconds = z.coerce.number().min(1);
/** Comma-separated. */
const list = z
  .string()
  .default('')
  .transform((text) => text.split(',').filter((one) => one !== ''));

/** `own`, `ask`, or an address. */
const advertised = z.string().regex(/^(?:own|ask|wss?:\/\/[^/?#@\s]+)$/, {
  message: 'expected own, ask, or an address: ws://host:port',
});
const DEFAULTS = listenerLimits();
const limit = (name: keyof typeof DEFAULTS, least: number) =>
  z.coerce.number().int().min(least).default(DEFAULTS[name]);

const schema = z
  .strictObject({
    /** The run's folder; holds `run.json` and `checkpoints/`. */
    PS_RUN: z.string().min(1),
    /** Which server this is, from 0, and of how many. */
    PS_SHARD: z.coerce.number().int().min(0).max(31).default(0),
    PS_SHARDS: z.coerce.number().int().min(1).max(32).default(1),
    /** Addresses of the coordinator, the likeliest first; not for itself. */
    PS_COORDINATOR: list,
    /** `standby` follows the primary at `PS_PRIMARY` until that is gone. */
    PS_ROLE: z.enum(['primary', 'standby']).default('primary'),
    PS_PRIMARY: list,
    /**
     * Under which address others reach it: the one it listens on (`own`), an
     * address (`ws://server-1:7070`, as containers know each other), or `ask`,
     * which waits for the launcher to say.
     */
    PS_ADVERTISE: advertised.default('own'),
    PS_HOST: z.string().default('127.0.0.1'),
    /** 0 takes a free port. */
    PS_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
    /** File that holds the token; without one nobody has to show any. */
    PS_TOKEN_FILE: z.string().optional(),
    /** Limits of the listener, by the names that they have there. */
    PS_MAX_CONNECTIONS: limit('maxConnections', 1),
    PS_MAX_CONNECTIONS_PER_ADDRESS: limit('maxConnectionsPerAddress', 1),
    PS_HANDSHAKE_TIMEOUT_MS: limit('handshakeTimeoutMs', 1),
    PS_MAX_FAILED_LOGINS: limit('maxFailedLogins', 1),
    PS_MIN_BYTES_PER_SECOND: limit('minBytesPerSecond', 0),
    /** PEM files for TLS; with a CA every peer has to show a certificate. */
    PS_TLS_CERT: z.string().optional(),
    PS_TLS_KEY: z.string().optional(),
    PS_TLS_CA: z.string().optional(),
    /** Steps between checkpoints, 0 for none; each epoch's end has one. */
    PS_CHECKPOINT_EVERY: z.coerce.number().int().min(0).default(200),
    /** Silence after which a worker's tasks go to others. */
    PS_LEASE_MS: milliseconds.default(5000),
    /** How often workers give a sign of life: at most half a lease. */
    PS_HEARTBEAT_MS: milliseconds.default(1000),
    /** How many times the median pace makes a task slow; 0 gives no copies. */
    PS_STRAGGLER_FACTOR: z.coerce.number().min(0).default(2),
    /** Folder of IDX files for workers; the MNIST package when not set. */
    PS_DATA: z.string().optional(),
    /** How fast workers may get them, all together; 0 gives none. */
    PS_DATA_BYTES_PER_SECOND: z.coerce.number().int().min(0).default(1e8),
    PS_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    /** File for log lines; standard error when it is not set. */
    PS_LOG_FILE: z.string().optional(),
    /** How many workers are meant to be there, for metrics; 0: nobody says. */
    PS_EXPECTED_WORKERS: z.coerce.number().int().min(0).default(0),
    /** Whether events for TensorBoard are written into the run's folder. */
    PS_TENSORBOARD: booleanText.default(false),
    PS_METRICS: booleanText.default(true),
    PS_METRICS_HOST: z.string().default('127.0.0.1'),
    PS_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
    /**
     * Port of the live page on the host of the metrics, which the coordinator
     * serves; `auto` takes a free one, unless other machines reach that host
     * and no token is wanted.
     */
    PS_DASHBOARD_PORT: z
      .union([
        z.enum(['off', 'auto']),
        z.coerce.number().int().min(0).max(65_535),
      ])
      .default('off'),
    /**
     * Whether it stays when the run has ended, so that an engine that starts
     * every process again leaves it alone, and late workers end well.
     */
    PS_AFTER_END: z.enum(['exit', 'stay']).default('exit'),
    /** Names under which others ask for metrics. */
    PS_METRICS_HOSTS: list,
    /**
     * File of the token that `/metrics` and the live page want; without one
     * they want none.
     */
    PS_METRICS_TOKEN_FILE: z.string().optional(),
  })
  .refine((c) => c.PS_HEARTBEAT_MS * 2 <= c.PS_LEASE_MS, {
    message: 'PS_HEARTBEAT_MS must be at most half of PS_LEASE_MS',
  })
  .refine((c) => c.PS_SHARD < c.PS_SHARDS, {
    message: 'PS_SHARD must be below PS_SHARDS',
  })
  .refine((c) => c.PS_SHARD === 0 || c.PS_COORDINATOR.length > 0, {
    message: 'PS_COORDINATOR must be given to every server but server 0',
  })
  .refine((c) => c.PS_ROLE === 'primary' || c.PS_PRIMARY.length > 0, {
    message: 'PS_PRIMARY must be given to a standby',
  });

/** The parameter server's settings by environment name. */
export type ServerConfig = Readonly<z.infer<typeof schema>>;

/**
 * Reads and checks every `PS_…` variable.
 * @throws MusterError `ERR_CONFIG` that lists all problems at once.
 */
export function readConfig(env: NodeJS.ProcessEnv): ServerConfig {
  const ours = Object.entries(env).filter(([name]) => name.startsWith('PS_'));
  const parsed = schema.safeParse(Object.fromEntries(ours));
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'environment'}: ${message}`,
  );
  throw new MusterError(
    'ERR_CONFIG',
    `the server's environment is not usable: ${problems.join('; ')}`,
  );
}

/**
 * Adds which of several servers this is where nobody has said so: by its rank,
 * where an engine has started it.
 * @throws MusterError `ERR_CONFIG` when the engine's variables are unusable.
 */
export function withEnginePlace(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PS_SHARD: shard, PS_SHARDS: shards = '1' } = env;
  if (shard !== undefined || shards === '1') return env;
  const place = enginePlaceOf(env);
  return place === undefined ? env : { ...env, PS_SHARD: String(place.rank) };
}
