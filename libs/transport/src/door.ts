/**
 * Everything that stands between a listener and whoever connects: who may
 * pass, how many, how often they may fail, and whether those inside keep up.
 */
import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { MusterError } from '@muster/protocol';
import type { WebSocket } from 'ws';
import { addressKey } from './address-key.js';
import type { Connection } from './connection.js';
import { FailedLogins } from './failed-logins.js';
import { Handshakes } from './handshakes.js';
import type { ListenerLimits } from './limits.js';
import { PeerWatch } from './peer-watch.js';
import { createTokenCheck, type TokenCheck, type Tokens } from './token.js';
import {
  checkUpgrade,
  tooMany,
  tooManyFailed,
  type Refusal,
} from './upgrade.js';

/** Peers are looked at ten times in a window, and at least each second. */
const LOOKS_PER_WINDOW = 10;
const MAX_LOOK_MS = 1000;
/** Sockets that are being closed stay for a moment beside all others. */
const CLOSING_SLACK = 64;

/** Who connects with what: both ends of one connection. */
interface Guest {
  readonly connection: Connection;
  readonly webSocket: WebSocket;
  readonly socket: Socket;
}

/** The door of one listener; it is for the role `worker`. */
export class Door {
  readonly #limits: ListenerLimits;
  readonly #checkToken: TokenCheck;
  readonly #handshakes: Handshakes;
  readonly #failedLogins: FailedLogins;
  readonly #watches = new Map<Connection, PeerWatch>();
  /** Connections by address. */
  readonly #numByAddress = new Map<string, number>();
  #looking: NodeJS.Timeout | undefined;

  /**
   * @param isPlain whether HTTP is spoken without TLS.
   * @param onCut hears of sockets that are cut off in their handshake.
   * @throws MusterError ERR_CONFIG for tokens that cannot be used
   */
  constructor(
    limits: ListenerLimits,
    tokens: Tokens,
    isPlain: boolean,
    onCut: (error: MusterError, remote: string) => void,
  ) {
    const { maxFailedLogins, failedLoginWindowMs } = limits;
    this.#limits = limits;
    this.#checkToken = createTokenCheck('worker', tokens);
    this.#handshakes = new Handshakes(limits, isPlain, onCut);
    this.#failedLogins = new FailedLogins(maxFailedLogins, failedLoginWindowMs);
  }

  /** Stands before a server that does not listen yet. */
  guard(server: Server): void {
    const { maxConnections, maxHandshakes } = this.#limits;
    // sockets beyond all limits are dropped without an answer
    server.maxConnections = maxConnections + maxHandshakes + CLOSING_SLACK;
    server.on('connection', (socket: Socket) => this.#handshakes.begin(socket));
  }

  /** Judges an upgrade request; the address is the peer's. */
  check(request: IncomingMessage, address: string): Refusal | undefined {
    const { url = '', headers } = request;
    const check = (checkToken: TokenCheck) =>
      checkUpgrade({ url, headers }, checkToken);
    return this.login(address, check) ?? this.#checkNumbers(address);
  }

  /**
   * Judges a request that shows a token, unless its address has failed too
   * often; remembers if it has now.
   */
  login(
    address: string,
    check: (checkToken: TokenCheck) => Refusal | undefined,
  ): Refusal | undefined {
    const nowMs = performance.now();
    const blockedMs = this.#failedLogins.blockedMs(address, nowMs);
    if (blockedMs > 0) {
      return tooManyFailed(this.#limits.maxFailedLogins, blockedMs);
    }
    const refusal = check(this.#checkToken);
    if (refusal?.isFailedLogin) this.#failedLogins.failed(address, nowMs);
    return refusal;
  }

  /** A socket's request was granted: its handshake is over. */
  admit(socket: Socket): void {
    this.#handshakes.end(socket);
  }

  /** Counts and watches a connection; before it is attached to anything. */
  watch({ connection, webSocket, socket }: Guest, address: string): void {
    const watch = new PeerWatch(connection, webSocket, socket, this.#limits);
    const key = addressKey(address);
    this.#looking ??= this.#startLooking();
    this.#watches.set(connection, watch);
    this.#changeCount(key, 1);
    void connection.closed.then(() => {
      this.#watches.delete(connection);
      this.#changeCount(key, -1);
    });
  }

  /** Destroys the sockets in their handshake, and watches no more. */
  close(): void {
    clearInterval(this.#looking);
    this.#handshakes.close();
  }

  #checkNumbers(address: string): Refusal | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#limits;
    if (this.#watches.size >= maxConnections) {
      return tooMany('maxConnections', maxConnections);
    }
    const numThere = this.#numByAddress.get(addressKey(address)) ?? 0;
    return numThere < maxConnectionsPerAddress
      ? undefined
      : tooMany('maxConnectionsPerAddress', maxConnectionsPerAddress);
  }

  #startLooking(): NodeJS.Timeout {
    const { slowWindowMs } = this.#limits;
    const everyMs = Math.min(MAX_LOOK_MS, slowWindowMs / LOOKS_PER_WINDOW);
    return setInterval(() => this.#look(), everyMs).unref();
  }

  #look(): void {
    const nowMs = performance.now();
    for (const watch of this.#watches.values()) watch.look(nowMs);
  }

  #changeCount(key: string, change: number): void {
    const count = (this.#numByAddress.get(key) ?? 0) + change;
    if (count > 0) this.#numByAddress.set(key, count);
    else this.#numByAddress.delete(key);
  }
}
