/**
 * What a monitoring system asks a process: `/metrics`, whether it is alive
 * (`/healthz`) and whether it can do its work (`/readyz`).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { startGuardedServer } from './guarded-server.js';
import type { GuardedServer } from './guarded-server.js';
import type { Logger } from './logger.js';
import { checkLogin, checkOrigin } from './request-check.js';
import type { Answer, RequestPolicy, Route } from './request-check.js';

/** Whether a process can do its work, and why (not). */
export interface Readiness {
  readonly ready: boolean;
  /** A few words: `training`, `waiting for a worker`. */
  readonly reason: string;
}

/** How a health server is made. */
export interface HealthServerOptions extends RequestPolicy {
  /** 0 takes a free one. */
  readonly port: number;
  readonly registry: Registry;
  /** Called before each `/metrics`: figures that are not kept up to date. */
  readonly refresh?: () => void;
  /** Asked at each `/readyz`. */
  readonly ready: () => Readiness;
  /** Further paths, such as `/sd`: who may read metrics may read them. */
  readonly routes?: Readonly<Record<string, Route>>;
  readonly log?: Logger;
  /** The setting that gave the address, for messages. Default `--metrics-listen`. */
  readonly setting?: string;
}

/** A listening health server. */
export type HealthServer = GuardedServer;

/**
 * Listens; resolves once it does.
 *
 * @throws TelemetryError `ERR_PORT_IN_USE`, or `ERR_CONFIG` where the
 *   address cannot be listened on for another reason.
 */
export function startHealthServer(
  options: HealthServerOptions,
): Promise<HealthServer> {
  const { host, port, setting = '--metrics-listen', log } = options;
  return startGuardedServer({
    ...{ host, port, what: 'metrics', setting },
    respond: (request, response) => void respond(options, request, response),
    onError: (error) => log?.error('health-failed', { error }),
  });
}

async function respond(
  options: HealthServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = await answerTo(options, request).catch((error: unknown) => {
    options.log?.error('health-request-failed', {
      error: error instanceof Error ? error : String(error),
    });
    return { status: 500, body: 'internal error, see the log\n' };
  });
  response.writeHead(answer.status, headersOf(answer));
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

function headersOf({ status, type, body }: Answer): Record<string, string> {
  return {
    'content-type': type ?? 'text/plain; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // who knows several servers by one name asks another one next time
    ...(status === 503 ? { connection: 'close' } : {}),
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  };
}

async function answerTo(
  options: HealthServerOptions,
  request: IncomingMessage,
): Promise<Answer> {
  const { registry, ready, refresh, routes = {} } = options;
  const foreign = checkOrigin(options, request);
  if (foreign) return foreign;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, body: 'only GET and HEAD\n' };
  }
  const [path = ''] = (request.url ?? '').split('?', 1);
  switch (path) {
    case '/metrics': {
      const refused = checkLogin(options, request);
      if (refused) return refused;
      refresh?.();
      const body = await registry.metrics();
      return { status: 200, type: registry.contentType, body };
    }
    case '/healthz':
      return { status: 200, body: 'alive\n' };
    case '/readyz': {
      const { ready: isReady, reason } = ready();
      return isReady
        ? { status: 200, body: `ready: ${reason}\n` }
        : { status: 503, body: `not ready: ${reason}\n` };
    }
    default:
      return Object.hasOwn(routes, path)
        ? answerOfRoute(options, request, routes[path])
        : notFound(Object.keys(routes));
  }
}

function answerOfRoute(
  options: HealthServerOptions,
  request: IncomingMessage,
  route: Route | undefined,
): Answer {
  const { localAddress = '', remoteAddress = '' } = request.socket;
  return (
    checkLogin(options, request) ??
    route?.({ localAddress, remoteAddress }) ??
    notFound([])
  );
}

function notFound(routes: readonly string[]): Answer {
  const paths = ['/metrics', ...routes, '/healthz'].join(', ');
  return { status: 404, body: `try ${paths} or /readyz\n` };
}
