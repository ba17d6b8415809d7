/**
 * The run's data for workers that do not have them: `GET /data/manifest`, and
 * `GET /data/SHA-256` for each chunk that it names. Read only; nothing else
 * of the disk can be named.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  DATA_MANIFEST_PATH,
  MusterError,
  chunkOfPath,
  toMusterError,
} from '@muster/protocol';
import type { ErrorCode } from '@muster/protocol';
import { parseByteRange } from './byte-range.js';
import type { ByteRange } from './byte-range.js';
import { readCatalogue } from './chunk-catalogue.js';
import type { ChunkCatalogue } from './chunk-catalogue.js';
import { RateLimit } from './rate-limit.js';
import { sendFile } from './send-file.js';

/** Answers at one time; who comes then is told to come again. */
const MAX_ANSWERS = 64;

/** A reader that takes nothing for so long is cut off. */
const MAX_SILENCE_MS = 10_000;

/** What is given out, and how fast. */
export interface DataRouteOptions {
  /** IDX files; the MNIST package when undefined. */
  readonly directory: string | undefined;
  /** Of the run's data. */
  readonly fingerprint: string;
  /** Over all who download; 0 gives nothing out. */
  readonly bytesPerSecond: number;
  /** Longest pause of a reader. Milliseconds, default 10,000. */
  readonly maxSilenceMs?: number | undefined;
  readonly onSent: (numBytes: number) => void;
  /** Something was asked for that could not be given. */
  readonly onRefused: (error: MusterError) => void;
}

/** See the head of this file. */
export class DataRoute {
  readonly #options: DataRouteOptions;
  readonly #limit: RateLimit;
  #catalogue: Promise<ChunkCatalogue> | undefined;
  #numAnswers = 0;

  constructor(options: DataRouteOptions) {
    this.#options = options;
    this.#limit = new RateLimit(options.bytesPerSecond);
  }

  /** Answers a request whose token was checked. Never throws. */
  readonly answer = (
    request: IncomingMessage,
    response: ServerResponse,
  ): void => {
    void this.#answer(request, response);
  };

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    response.on('error', () => response.destroy());
    if (this.#numAnswers >= MAX_ANSWERS) return refuseBusy(response);
    this.#numAnswers++;
    try {
      await this.#route(request, response);
    } catch (error) {
      this.#refuse(response, toMusterError(error));
    } finally {
      this.#numAnswers--;
    }
  }

  async #route(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { method = '', url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') return refuseMethod(response);
    if (url === DATA_MANIFEST_PATH) return this.#sendManifest(response, method);
    const hash = chunkOfPath(url);
    if (hash === undefined) return refuseUnknown(response);
    return this.#sendChunk(request, response, hash);
  }

  async #sendManifest(response: ServerResponse, method: string): Promise<void> {
    const { manifest } = await this.#described();
    const body = Buffer.from(JSON.stringify(manifest));
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': body.length,
      'Cache-Control': 'no-store',
    });
    response.end(method === 'HEAD' ? undefined : body);
  }

  async #sendChunk(
    request: IncomingMessage,
    response: ServerResponse,
    hash: string,
  ): Promise<void> {
    const { bytesPerSecond, onSent } = this.#options;
    const { maxSilenceMs = MAX_SILENCE_MS } = this.#options;
    const chunk = (await this.#described()).chunks.get(hash);
    if (chunk === undefined) return refuseUnknown(response);
    const { path, offset, length } = chunk;
    const asked = parseByteRange(request.headers.range, length);
    if (asked === 'unsatisfiable') return refuseRange(response, length);
    const { begin, end } = asked ?? { begin: 0, end: length };
    response.writeHead(asked ? 206 : 200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': end - begin,
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'private, immutable',
      ETag: `"${hash}"`,
      ...(asked && { 'Content-Range': contentRange(asked, length) }),
    });
    if (request.method === 'HEAD') return void response.end();
    response.flushHeaders();
    await sendFile(response, {
      ...{ path, begin: offset + begin, end: offset + end },
      ...{ limit: this.#limit, bytesPerSecond, maxSilenceMs, onSent },
    });
  }

  /** @throws MusterError `ERR_DATASET_MISMATCH`. */
  #described(): Promise<ChunkCatalogue> {
    const { directory, fingerprint, bytesPerSecond } = this.#options;
    if (bytesPerSecond === 0) {
      const message =
        'the server gives no data out (--data-bytes-per-second 0)';
      throw new MusterError('ERR_DATASET_MISMATCH', message);
    }
    this.#catalogue ??= readCatalogue(directory, fingerprint).catch(
      (error: unknown) => {
        // the next one who asks may find it mended
        this.#catalogue = undefined;
        throw error;
      },
    );
    return this.#catalogue;
  }

  #refuse(response: ServerResponse, error: MusterError): void {
    this.#options.onRefused(error);
    if (response.headersSent) return void response.destroy();
    const { code, message } = error;
    const status = code === 'ERR_DATASET_MISMATCH' ? 404 : 500;
    refuse(response, status, code, message);
  }
}

function contentRange({ begin, end }: ByteRange, length: number): string {
  return `bytes ${begin}-${end - 1}/${length}`;
}

function refuseUnknown(response: ServerResponse): void {
  const message = `nothing of this name: see ${DATA_MANIFEST_PATH}`;
  refuse(response, 404, 'ERR_DATASET_MISMATCH', message);
}

function refuseRange(response: ServerResponse, length: number): void {
  const headers = { 'Content-Range': `bytes */${length}` };
  const message = `expected a range within ${length} bytes`;
  refuse(response, 416, 'ERR_MALFORMED_MESSAGE', message, headers);
}

function refuseMethod(response: ServerResponse): void {
  const message = 'expected GET or HEAD';
  const headers = { Allow: 'GET, HEAD' };
  refuse(response, 405, 'ERR_MALFORMED_MESSAGE', message, headers);
}

function refuseBusy(response: ServerResponse): void {
  const message = `too many downloads: at most ${MAX_ANSWERS} at one time`;
  const headers = { 'Retry-After': '1' };
  refuse(response, 503, 'ERR_SERVER_UNREACHABLE', message, headers);
}

/** Answers with JSON `{code, message}` and ends the connection. */
function refuse(
  response: ServerResponse,
  status: number,
  code: ErrorCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'application/json',
    Connection: 'close',
  });
  response.end(JSON.stringify({ code, message }));
}
