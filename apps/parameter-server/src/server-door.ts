/**
 * Where a server is reached: its listener, the connections that come in there
 * or that it makes itself, and the address that others are told.
 */
import { maxMistakeBytes } from '@muster/cluster';
import type { ServerEvent } from '@muster/cluster';
import type { MusterError, RunDefinition } from '@muster/protocol';
import type { Logger } from '@muster/telemetry';
import { listen, readTls } from '@muster/transport';
import type { Connection, ConnectionHandlers } from '@muster/transport';
import type { Access } from './access.js';
import type { ServerConfig } from './config.js';
import { createDataRoute } from './data/create-data-route.js';
import { ServerConnections } from './server-connections.js';

/** Vectors as long as the slice that a standby may be sent at once. */
const MAX_STATE_VECTORS = 9;
const BYTES_PER_FLOAT32 = 4;
/** Beside vectors: the run's definition, the account. */
const SLACK_BYTES = 4 * 1024 * 1024;

/** What a door needs of the process around it. */
export interface ServerDoorOptions {
  readonly config: ServerConfig;
  readonly access: Access;
  readonly run: RunDefinition;
  /** Parameters in this server's slice. */
  readonly numElements: number;
  readonly log: Logger;
  readonly handle: (event: ServerEvent) => void;
  /** Takes a connection in place of the brain, where it has ended. */
  readonly instead: (connection: Connection) => ConnectionHandlers | undefined;
  readonly onClosed: (connection: Connection, error?: MusterError) => void;
  readonly onRefused: (error: MusterError, remote: string) => void;
  /** Hears of each piece of data that was sent. Bytes. */
  readonly onDataSent: (numBytes: number) => void;
}

/** A door that is open. */
export interface ServerDoor {
  readonly connections: ServerConnections;
  /** The address that it listens on. */
  readonly url: string;
  /** Resolves when all have left, or so many milliseconds later. */
  empty(withinMs: number): Promise<void>;
  /** Stops listening. Idempotent. */
  close(): Promise<void>;
}

/**
 * Listens.
 * @throws MusterError `ERR_PORT_IN_USE`, `ERR_CONFIG`, `ERR_TLS`.
 */
export async function openDoor(
  options: ServerDoorOptions,
): Promise<ServerDoor> {
  const { config, access, run, numElements, log } = options;
  const { PS_HOST: host, PS_PORT: port } = config;
  const { worker: token, ...otherTokens } = access.tokens;
  const tls = readTls({
    cert: config.PS_TLS_CERT,
    key: config.PS_TLS_KEY,
    ca: config.PS_TLS_CA,
  });
  const sliceBytes = numElements * BYTES_PER_FLOAT32;
  const stateBytes = MAX_STATE_VECTORS * sliceBytes + SLACK_BYTES;
  const connections = new ServerConnections({
    ...{ token, tls },
    maxPayloadBytes: stateBytes,
    addresses: {
      coordinator: config.PS_COORDINATOR,
      primary: config.PS_PRIMARY,
    },
    handle: options.handle,
    onClosed: options.onClosed,
    onRefused: options.onRefused,
    onRetry: (link, url, reason) => log.debug('retry', { link, url, reason }),
  });
  const data = createDataRoute(config, run, log, options.onDataSent);
  const listener = await listen({
    ...{ host, port, token, otherTokens, tls },
    maxPayloadBytes: maxWorkerBytes(numElements, run),
    limits: { ...access.limits, maxBufferedBytes: 2 * stateBytes },
    onConnection: (connection) =>
      options.instead(connection) ?? connections.accept(connection),
    onRequest: data.answer,
    onRefused: options.onRefused,
  });
  const { url } = listener;
  return {
    ...{ connections, url },
    empty: (withinMs) => allGone(connections, withinMs),
    close: () => listener.close(),
  };
}

/**
 * Bytes of the longest payload that a worker may send: its slice, or of a very
 * small network the pictures of an evaluation's mistakes.
 */
export function maxWorkerBytes(
  numElements: number,
  { dataset }: Pick<RunDefinition, 'dataset'>,
): number {
  const sliceBytes = numElements * BYTES_PER_FLOAT32;
  return Math.max(sliceBytes, maxMistakeBytes(dataset));
}

async function allGone(
  { all }: ServerConnections,
  withinMs: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  const gone = Promise.all(all.map(({ closed }) => closed));
  await Promise.race([gone, late]);
  clearTimeout(timer);
}
