/**
 * `muster worker --server URL`: one worker by hand, on any machine, or started
 * by an engine that tells it its rank and where the server is.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  enginePlaceOf,
  MusterError,
  serverUrlAt,
  workerNameAt,
} from '@muster/protocol';
import type { EnginePlace } from '@muster/protocol';
import { hostNameOf, readTls } from '@muster/transport';
import type { TlsOptions } from '@muster/transport';
import { tlsEnvironment } from '../processes/environments.js';
import { runInForeground } from '../processes/run-in-foreground.js';
import { settingsFor } from './context.js';
import type { Context } from './context.js';
import { metricsAccess } from '../processes/access-options.js';
import { exposures, makeTokenFiles } from './token-files.js';

/** Runs the command until the worker ends; gives its exit code. */
export async function workerCommand(
  flags: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<number> {
  const settings = settingsFor('worker', flags, context);
  const { workerId, tokenFile, backend, logLevel, metrics } = settings;
  const { data, cacheDir } = settings;
  // an engine's word is not asked for where a person has given both
  const isTold = workerId !== undefined && settings.server !== undefined;
  const place = isTold ? undefined : enginePlaceOf(context.env);
  const { tlsCert: cert, tlsKey: key, tlsCa: ca } = settings;
  const tls = readTls({ cert, key, ca });
  const isSecure = tls !== undefined;
  const server = settings.server ?? (place && serverUrlAt(place, isSecure));
  if (server === undefined) {
    throw new MusterError(
      'ERR_CONFIG',
      'muster worker needs the address of a server: --server ws://host:port, as muster train and muster server print it',
    );
  }
  const say = (text: string) => context.stderr.write(`muster: ${text}\n`);
  await makeTokenFiles(settings, say);
  for (const text of exposures(settings)) say(text);
  return runInForeground('@muster/worker/main', {
    WORKER_SERVER: server,
    WORKER_ID: workerId ?? workerName(place, tls),
    WORKER_BACKEND: backend,
    WORKER_LOG_LEVEL: logLevel,
    WORKER_METRICS: String(metrics),
    WORKER_CONNECT_TIMEOUT_MS: String(settings.connectTimeoutMs),
    WORKER_METRICS_HOST: settings.metricsListen.host,
    WORKER_METRICS_PORT: String(settings.metricsListen.port),
    ...(tokenFile !== undefined && { WORKER_TOKEN_FILE: tokenFile }),
    ...tlsEnvironment('WORKER', { cert, key, ca }),
    ...(data !== undefined && { WORKER_DATA: data }),
    ...(cacheDir !== undefined && { WORKER_CACHE_DIR: cacheDir }),
    ...metricsAccess('WORKER', settings),
  });
}

/**
 * By rank where an engine gives one; else `host-1a2b3c4d`: the host for
 * people, the rest against doubles. With a certificate, servers want its name
 * in front.
 */
function workerName(
  place: EnginePlace | undefined,
  tls: TlsOptions | undefined,
): string {
  const suffix = randomUUID().slice(0, 8);
  if (tls?.cert !== undefined) {
    return `${hostNameOf(tls.names)}-${place?.rank ?? suffix}`;
  }
  if (place !== undefined) return workerNameAt(place);
  const host = hostname().replaceAll(/[^A-Za-z0-9._-]/g, '-');
  return `${host.slice(0, 40)}-${suffix}`;
}
