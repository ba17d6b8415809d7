/**
 * The calling side: one attempt to reach a server, with one deadline over
 * all of it, from the name's look-up to the end of the upgrade.
 */
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { MusterError } from '@muster/protocol';
import { WebSocket, type ClientOptions } from 'ws';
import { readBody } from './body.js';
import {
  SocketConnection,
  type Connection,
  type ConnectionHandlers,
} from './connection.js';
import {
  lateError,
  refusedError,
  unreachableError,
  versionError,
} from './dial-errors.js';
import {
  connectionLimits,
  set,
  type ConnectionLimits,
  type Settings,
} from './limits.js';
import { isLocal, parseServerUrl, type ServerTarget } from './server-url.js';
import {
  ACCEPTED,
  SHARED_MEMORY_HEADER,
  SharedMemory,
} from './shared-memory.js';
import { TLS_VERSIONS, socketOptions, tuneSocket } from './socket-options.js';
import type { TlsOptions } from './tls-files.js';
import { bearer, requireUsableToken } from './token.js';
import { SUBPROTOCOL } from './upgrade.js';

const DEFAULT_TIMEOUT_MS = 10_000;

/** Whom to call, and what to do with what comes. */
export interface DialOptions {
  /** `ws://host:port`, `wss://host:port` or `ws+unix:/path`. */
  readonly url: string;
  /** The token the server was started with. */
  readonly token?: string | undefined;
  /**
   * For `wss://`: the CA that must have signed the server's certificate (the
   * system's without one), and what to show where mutual TLS is asked for.
   * With it, `ws://` is refused.
   */
  readonly tls?: TlsOptions | undefined;
  readonly handlers: ConnectionHandlers;
  /** Longest payload the server may send, in bytes; see `FrameLimits`. */
  readonly maxPayloadBytes?: number | undefined;
  /** The other limits; each has a default. */
  readonly limits?: Settings<ConnectionLimits> | undefined;
  /** Deadline of the attempt. Milliseconds, default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Ends the attempt; it does not end the connection. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether frames go out with a zero mask, which spares a pass over the
   * bytes. `auto` (default): to this machine and inside TLS only, as the mask
   * is there against proxies on the way (RFC 6455, 10.3).
   */
  readonly zeroMask?: 'auto' | 'always' | 'never' | undefined;
  /**
   * Whether frames go through memory that both processes share. `auto`
   * (default): where the server is on this machine and can open it.
   */
  readonly sharedMemory?: 'auto' | 'never' | undefined;
}

/**
 * Connects once. The handlers may be called before the promise resolves.
 *
 * @throws MusterError ERR_SERVER_UNREACHABLE, ERR_UNAUTHORIZED,
 *   ERR_PROTOCOL_VERSION, ERR_REQUEST_TIMEOUT, ERR_CONFIG, ERR_TLS; the
 *   signal's own reason when that ended it
 */
export async function dial(options: DialOptions): Promise<Connection> {
  const { signal, token } = options;
  signal?.throwIfAborted();
  requireUsableToken(token);
  return await new Attempt(options).run();
}

/** One handshake, which settles once. */
class Attempt {
  readonly #options: DialOptions;
  readonly #target: ServerTarget;
  readonly #limits: ConnectionLimits;
  readonly #socket: WebSocket;
  /** Offered to a server on this machine. */
  readonly #offered: SharedMemory | undefined;
  #isShared = false;
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;
  #resolve: (connection: Connection) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(options: DialOptions) {
    const { limits, maxPayloadBytes, timeoutMs } = options;
    this.#options = options;
    this.#target = parseServerUrl(options.url);
    if (options.tls) requireTls(this.#target);
    this.#limits = connectionLimits({ ...limits, maxPayloadBytes });
    this.#timeoutMs = timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#offered =
      options.sharedMemory !== 'never' && isLocal(this.#target)
        ? SharedMemory.create()
        : undefined;
    this.#socket = new WebSocket(this.#target.url, [SUBPROTOCOL], {
      ...clientOptions(options, this.#target, this.#limits),
      headers: headersOf(options, this.#offered),
    });
  }

  run(): Promise<Connection> {
    const socket = this.#socket;
    socket.on('upgrade', (response) => this.#onUpgrade(response));
    socket.on('unexpected-response', (_, response) => {
      void this.#onRefused(response);
    });
    socket.once('open', () => this.#onOpen());
    // Stays after the attempt: a socket destroyed half open reports once more.
    socket.on('error', this.#onError);
    this.#timer = setTimeout(() => this.#onLate(), this.#timeoutMs);
    this.#options.signal?.addEventListener('abort', this.#onAbort);
    return new Promise<Connection>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    }).finally(() => {
      clearTimeout(this.#timer);
      this.#options.signal?.removeEventListener('abort', this.#onAbort);
      if (!this.#isShared) this.#offered?.close();
    });
  }

  #onUpgrade(response: IncomingMessage): void {
    const spoken = response.headers['sec-websocket-protocol'];
    if (spoken !== SUBPROTOCOL) {
      return this.#fail(versionError(this.#target.name, spoken));
    }
    tuneSocket(response.socket);
    this.#isShared = response.headers[SHARED_MEMORY_HEADER] === ACCEPTED;
  }

  #onOpen(): void {
    const { handlers } = this.#options;
    const { name } = this.#target;
    this.#socket.off('error', this.#onError);
    const shared = this.#isShared ? this.#offered : undefined;
    const connection = new SocketConnection(
      ...([this.#socket, name, this.#limits, undefined, shared] as const),
    );
    this.#resolve(connection.attach(handlers));
  }

  async #onRefused(response: IncomingMessage): Promise<void> {
    const { statusCode = 0 } = response;
    const body = await readBody(response);
    this.#fail(refusedError(this.#target.name, statusCode, body));
  }

  readonly #onError = (error: Error): void => {
    this.#fail(unreachableError(this.#target.name, error));
  };

  #onLate(): void {
    this.#fail(lateError(this.#target.name, this.#timeoutMs));
  }

  readonly #onAbort = (): void => {
    this.#fail(this.#options.signal?.reason);
  };

  #fail(error: unknown): void {
    this.#reject(error);
    this.#socket.terminate();
  }
}

/**
 * Whoever has given a CA does not mean to speak in the clear.
 *
 * @throws MusterError ERR_TLS
 */
export function requireTls({ name, url, socketPath }: ServerTarget): void {
  if (socketPath !== undefined || url.startsWith('wss:')) return;
  throw new MusterError(
    'ERR_TLS',
    `${name} is not encrypted: expected wss:// with --tls-ca or --tls-cert (--server)`,
  );
}

function headersOf(
  { token }: DialOptions,
  offered: SharedMemory | undefined,
): Record<string, string> {
  return {
    ...(token !== undefined && { Authorization: bearer(token) }),
    ...(offered && { [SHARED_MEMORY_HEADER]: offered.offer }),
  };
}

function clientOptions(
  { tls, zeroMask = 'auto' }: DialOptions,
  { socketPath, isPrivate }: ServerTarget,
  limits: ConnectionLimits,
): ClientOptions {
  const isZero = zeroMask === 'auto' ? isPrivate : zeroMask === 'always';
  return {
    ...socketOptions(limits),
    ...TLS_VERSIONS,
    ...(tls && set({ ca: tls.ca, cert: tls.cert, key: tls.key })),
    followRedirects: false,
    ...(isZero && { generateMask: zeroMaskOf }),
    ...(socketPath !== undefined && {
      createConnection: () => connect(socketPath),
    }),
  };
}

/** `ws` neither masks nor copies for a zero mask. */
function zeroMaskOf(mask: Buffer): void {
  mask.fill(0);
}
