/**
 * Plain HTTP to a server's port, for what is too large for frames: one
 * connection that is kept, one request at a time.
 */
import { Agent, request, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { MusterError } from '@muster/protocol';
import { readBody } from './body.js';
import { answerError, lateError, unreachableError } from './dial-errors.js';
import { requireTls } from './dial.js';
import { set } from './limits.js';
import { parseServerUrl, type ServerTarget } from './server-url.js';
import { TLS_VERSIONS } from './socket-options.js';
import type { TlsOptions } from './tls-files.js';
import { bearer, requireUsableToken } from './token.js';

const DEFAULT_TIMEOUT_MS = 10_000;
const KEPT = { keepAlive: true, maxSockets: 1 };

/** Whom to ask. */
export interface HttpSessionOptions {
  /** As for `dial`: `ws://host:port`, `wss://host:port`, `ws+unix:/path`. */
  readonly url: string;
  /** The token the server was started with. */
  readonly token?: string | undefined;
  /** As for `dial`. */
  readonly tls?: TlsOptions | undefined;
  /** Longest silence of the server. Milliseconds, default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Ends requests and answers. */
  readonly signal?: AbortSignal | undefined;
}

/** What came back. */
export interface HttpAnswer {
  /** Which byte of the whole the body begins with. */
  readonly begin: number;
  /** Bytes of the body, as the server says; undefined if it does not. */
  readonly length: number | undefined;
  /**
   * The body, once; each piece is the reader's. Fails with a `MusterError`
   * when it breaks off.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

/** See the head of this file. Disposing of it ends the connection. */
export class HttpSession implements Disposable {
  /** The server as messages name it. */
  readonly name: string;
  readonly #options: HttpSessionOptions;
  readonly #target: ServerTarget;
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  /** @throws MusterError ERR_CONFIG, ERR_TLS */
  constructor(options: HttpSessionOptions) {
    requireUsableToken(options.token);
    this.#options = options;
    this.#target = parseServerUrl(options.url);
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.name = this.#target.name;
    if (options.tls) requireTls(this.#target);
    this.#agent = this.#isTls ? tlsAgent(options.tls) : new Agent(KEPT);
  }

  /**
   * Asks for a path, from byte `begin` on. The body has to be read before the
   * next request.
   *
   * @throws MusterError ERR_SERVER_UNREACHABLE, ERR_UNAUTHORIZED, ERR_TLS,
   *   ERR_REQUEST_TIMEOUT, or the code of the server's answer; the signal's
   *   own reason when that ended it
   */
  async get(path: string, begin = 0): Promise<HttpAnswer> {
    const { signal } = this.#options;
    signal?.throwIfAborted();
    const wait = { isLate: false };
    const response = await this.#ask(path, begin, wait);
    // a body that nobody reads may break off as well
    response.on('error', () => undefined);
    const { statusCode = 0, headers } = response;
    if (statusCode !== 200 && statusCode !== 206) {
      const body = await readBody(response);
      throw answerError(this.name, path, statusCode, body);
    }
    const range = /^bytes (\d+)-/.exec(headers['content-range'] ?? '');
    const length = headers['content-length'];
    return {
      begin: statusCode === 206 ? Number(range?.[1] ?? NaN) : 0,
      length: length === undefined ? undefined : Number(length),
      body: this.#bodyOf(response, wait),
    };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  get #isTls(): boolean {
    return this.#target.url.startsWith('wss:');
  }

  #ask(
    path: string,
    begin: number,
    wait: { isLate: boolean },
  ): Promise<IncomingMessage> {
    const { token, signal } = this.#options;
    const { socketPath } = this.#target;
    const url = new URL(path, this.#target.url.replace(/^ws/, 'http'));
    const asked = (this.#isTls ? tlsRequest : request)(url, {
      agent: this.#agent,
      timeout: this.#timeoutMs,
      headers: {
        ...(token !== undefined && { Authorization: bearer(token) }),
        ...(begin > 0 && { Range: `bytes=${begin}-` }),
      },
      ...(signal && { signal }),
      ...(socketPath !== undefined && { socketPath }),
    });
    return new Promise((resolve, reject) => {
      asked.once('response', resolve);
      asked.on('timeout', () => {
        wait.isLate = true;
        asked.destroy();
      });
      asked.on('error', (error) => reject(this.#failure(error, wait.isLate)));
      asked.end();
    });
  }

  async *#bodyOf(
    response: IncomingMessage,
    wait: { readonly isLate: boolean },
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* response as AsyncIterable<Uint8Array>;
    } catch (cause) {
      this.#options.signal?.throwIfAborted();
      if (wait.isLate) throw lateError(this.name, this.#timeoutMs);
      const message = `the connection to ${this.name} ended before its answer did`;
      throw new MusterError('ERR_CONNECTION_LOST', message, { cause });
    }
  }

  #failure(error: Error, isLate: boolean): Error {
    const { signal } = this.#options;
    if (signal?.aborted === true) return signal.reason as Error;
    if (isLate) return lateError(this.name, this.#timeoutMs);
    return unreachableError(this.name, error);
  }
}

/** A server that asks for a certificate wants to see it each time. */
function tlsAgent(tls: TlsOptions | undefined): TlsAgent {
  return new TlsAgent({
    ...KEPT,
    ...TLS_VERSIONS,
    ...(tls && set({ ca: tls.ca, cert: tls.cert, key: tls.key })),
    maxCachedSessions: 0,
  });
}
