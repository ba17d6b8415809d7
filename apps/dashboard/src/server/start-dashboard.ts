/**
 * The live page's server: the page's own files, the stream of what happens,
 * and the network's answer to an image.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkLogin, checkOrigin, startGuardedServer } from '@muster/telemetry';
import type {
  Answer,
  GuardedServer,
  Logger,
  RequestPolicy,
} from '@muster/telemetry';
import type { Feed, RunFacts } from '../feed.js';
import type { PageFile } from '../page-files.js';
import { refuse } from './answers.js';
import { ClassifyRoute } from './classify-route.js';
import { PageStreams } from './page-streams.js';
import { StaticFiles } from './static-files.js';

/** How long open pages have to read the last news. Milliseconds. */
const LAST_WORDS_MS = 500;
/** Browsers say from where a request comes; these are the page's own. */
const OWN_SITES: readonly unknown[] = [undefined, 'same-origin', 'none'];

/**
 * How a dashboard is made. The login is asked at `/api/...`; the page itself
 * holds no secret and is for everybody.
 */
export interface DashboardOptions extends RequestPolicy {
  /** 0 takes a free one. */
  readonly port: number;
  readonly feed: Feed;
  /** The page's own files; `/` is the page. */
  readonly files: readonly PageFile[];
  readonly log: Logger;
  /** What gave the port, for messages. Default: `--dashboard-port`. */
  readonly setting?: string;
}

/** A page that is served. */
export interface Dashboard {
  readonly port: number;
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Pages that are open. */
  readonly numPages: number;
  /** Ends all streams, once the last news is out, and listens no more. */
  close(): Promise<void>;
}

/**
 * Listens; resolves once it does.
 * @throws an error with code `ERR_PORT_IN_USE` or `ERR_CONFIG`.
 */
export async function startDashboard(
  options: DashboardOptions,
): Promise<Dashboard> {
  const site = new Site(options);
  const { host, port, log, setting = '--dashboard-port' } = options;
  const server = await startGuardedServer({
    ...{ host, port, what: 'the live page', setting },
    respond: (request, response, keep) => site.respond(request, response, keep),
    onError: (error) => log.error('dashboard-failed', { error }),
  });
  let closing: Promise<void> | undefined;
  return {
    ...{ port: server.port, url: server.url },
    get numPages() {
      return site.streams.size;
    },
    close: () => (closing ??= close(site, server)),
  };
}

async function close(site: Site, server: GuardedServer): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LAST_WORDS_MS);
  });
  await Promise.race([site.streams.close(), late]);
  clearTimeout(timer);
  await server.close();
}

/** What is where. */
class Site {
  readonly streams: PageStreams;
  readonly #options: DashboardOptions;
  readonly #files: StaticFiles;
  readonly #classify: ClassifyRoute;

  constructor(options: DashboardOptions) {
    const { feed, files, log } = options;
    this.#options = options;
    this.#files = new StaticFiles(files);
    this.streams = new PageStreams(feed);
    this.#classify = new ClassifyRoute(feed, numPixelsOf(feed), log);
  }

  respond(
    request: IncomingMessage,
    response: ServerResponse,
    keep: () => void,
  ): void {
    const foreign = checkOrigin(this.#options, request);
    if (foreign) return refuseWith(response, foreign);
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (!path.startsWith('/api/')) {
      return this.#files.answer(path, request, response);
    }
    const refused = checkSite(request) ?? checkLogin(this.#options, request);
    if (refused) return refuseWith(response, refused);
    this.#answerApi(path, request, response, keep);
  }

  #answerApi(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    keep: () => void,
  ): void {
    if (path === '/api/classify') {
      return void this.#classify.answer(request, response);
    }
    const code = 'ERR_MALFORMED_MESSAGE';
    if (path !== '/api/events') {
      const message = 'nothing here: try /api/events or /api/classify';
      return refuse(response, 404, { code, message });
    }
    if (request.method !== 'GET') {
      const message = 'only GET for /api/events';
      return refuse(response, 405, { code, message }, { allow: 'GET' });
    }
    if (this.streams.open(response)) keep();
  }
}

/** A page of somebody else's asks for a picture or a script of ours. */
function checkSite({ headers }: IncomingMessage): Answer | undefined {
  if (OWN_SITES.includes(headers['sec-fetch-site'])) return undefined;
  return { status: 403, body: "only this server's own page may ask this\n" };
}

function refuseWith(response: ServerResponse, { status, body }: Answer): void {
  const headers: Record<string, string> =
    status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  const error = { code: 'ERR_UNAUTHORIZED', message: body.trim() } as const;
  refuse(response, status, error, headers);
}

function numPixelsOf(feed: Feed): number {
  const facts = feed
    .history()
    .find((message): message is RunFacts => message.type === 'run');
  if (facts === undefined) throw new TypeError('a feed begins with its run');
  return facts.rows * facts.columns;
}
