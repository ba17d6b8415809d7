/**
 * `POST /api/classify`: one image in, what the network says of it out.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { toMusterError } from '@muster/protocol';
import type { ErrorCode } from '@muster/protocol';
import type { Logger } from '@muster/telemetry';
import type { Feed } from '../feed.js';
import { refuse, sendJson } from './answers.js';
import { RequestBudget } from './request-budget.js';

/** Status of the answers that are no classification; the others are faults. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  ERR_NO_WORKERS: 503,
  ERR_CONNECTION_LOST: 503,
  ERR_REQUEST_TIMEOUT: 504,
  ERR_CONFIG: 400,
};
const TYPE = 'application/octet-stream';

/** See the head of this file. */
export class ClassifyRoute {
  readonly #feed: Feed;
  readonly #log: Logger;
  readonly #numPixels: number;
  readonly #budget = new RequestBudget();

  /** @param numPixels bytes of an image. */
  constructor(feed: Feed, numPixels: number, log: Logger) {
    this.#feed = feed;
    this.#numPixels = numPixels;
    this.#log = log;
  }

  /** Answers a request; never rejects. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const problem = this.#problemOf(request);
    if (problem) {
      const { status, message, ...headers } = problem;
      const code = 'ERR_MALFORMED_MESSAGE';
      return refuse(response, status, { code, message }, headers);
    }
    const address = request.socket.remoteAddress ?? '';
    const busy = this.#budget.begin(address, performance.now());
    if (busy !== undefined) {
      const error = { code: 'ERR_SERVER_UNREACHABLE', message: busy } as const;
      return refuse(response, 429, error, { 'retry-after': '1' });
    }
    try {
      await this.#classify(request, response);
    } finally {
      this.#budget.end(address);
    }
  }

  #problemOf({ method, headers }: IncomingMessage) {
    if (method !== 'POST') {
      return { status: 405, message: 'only POST', allow: 'POST' };
    }
    if (headers['content-type'] !== TYPE) {
      return { status: 415, message: `expected content-type ${TYPE}` };
    }
    const numBytes = Number(headers['content-length']);
    if (numBytes === this.#numPixels) return undefined;
    const got = Number.isNaN(numBytes) ? 'no content-length' : numBytes;
    return {
      status: numBytes > this.#numPixels ? 413 : 400,
      message: `expected an image of ${this.#numPixels} bytes, got ${got}`,
    };
  }

  async #classify(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    try {
      const image = await readAll(request, this.#numPixels);
      sendJson(response, 200, await this.#feed.classify(image));
    } catch (error) {
      const { code, message } = toMusterError(error);
      const status = STATUS[code];
      if (status === undefined && !request.destroyed) {
        this.#log.error('classify-failed', { code, message });
      }
      if (!response.headersSent)
        refuse(response, status ?? 500, { code, message });
    }
  }
}

/** Node holds a body to the length that its header gave. */
async function readAll(
  request: IncomingMessage,
  numBytes: number,
): Promise<Uint8Array> {
  const image = new Uint8Array(numBytes);
  let length = 0;
  for await (const chunk of request) {
    image.set(chunk as Buffer, length);
    length += (chunk as Buffer).length;
  }
  return image;
}
