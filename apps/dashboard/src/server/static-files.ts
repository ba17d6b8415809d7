/**
 * The files of the live page: a closed list in memory, so that no path can
 * lead anywhere else. They are asked for anew each time and come again only
 * where they have changed.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { PageFile } from '../page-files.js';
import { refuse, SECURITY_HEADERS } from './answers.js';

interface Packed extends PageFile {
  readonly etag: string;
  /** Smaller than the body; undefined where it would not be. */
  readonly gzip: Buffer | undefined;
}

/** Characters of the hash that tell one content from another. */
const ETAG_CHARACTERS = 22;

/** See the head of this file. */
export class StaticFiles {
  readonly #byPath: ReadonlyMap<string, Packed>;

  constructor(files: readonly PageFile[]) {
    this.#byPath = new Map(files.map((file) => [file.path, pack(file)]));
  }

  /** Answers a request for `path`, whatever it is. */
  answer(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const file = this.#byPath.get(path);
    if (file === undefined) {
      const message = 'nothing here: the page is /, its stream /api/events';
      return refuse(response, 404, { code: 'ERR_MALFORMED_MESSAGE', message });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const error = { code: 'ERR_MALFORMED_MESSAGE' } as const;
      const message = `only GET and HEAD for ${file.path}`;
      const allow = { allow: 'GET, HEAD' };
      return refuse(response, 405, { ...error, message }, allow);
    }
    send(file, request, response);
  }
}

function send(
  file: Packed,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
): void {
  const { etag, gzip, contentType } = file;
  const shared = {
    ...SECURITY_HEADERS,
    'cache-control': 'no-cache',
    etag,
    vary: 'accept-encoding',
  };
  if (headers['if-none-match']?.includes(etag) === true) {
    response.writeHead(304, shared).end();
    return;
  }
  const takesGzip = /\bgzip\b/.test(
    headers['accept-encoding']?.toString() ?? '',
  );
  const packed = takesGzip ? gzip : undefined;
  const body = packed ?? file.body;
  response.writeHead(200, {
    ...shared,
    'content-type': contentType,
    'content-length': body.length,
    ...(packed && { 'content-encoding': 'gzip' }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

function pack(file: PageFile): Packed {
  const { body } = file;
  const hash = createHash('sha256').update(body).digest('base64url');
  const gzip = gzipSync(body, { level: 9 });
  return {
    ...file,
    etag: `"${hash.slice(0, ETAG_CHARACTERS)}"`,
    gzip: gzip.length < body.length ? gzip : undefined,
  };
}
