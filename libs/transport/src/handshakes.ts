/**
 * Sockets that have connected and not said yet who they are. Each has a
 * deadline, and there are few of them: where one comes too many, the oldest
 * of the address that holds most of them goes. Whoever means it is through
 * the door within a round trip; whoever floods it displaces himself.
 */
import type { Socket } from 'node:net';
import { MusterError } from '@muster/protocol';
import { hostAndPort } from './server-url.js';
import { addressKey } from './address-key.js';
import { namedLimit, type ListenerLimits } from './limits.js';

/** Said to who is late, where it is HTTP that is spoken. */
const LATE = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

interface Pending {
  readonly socket: Socket;
  readonly address: string;
  readonly timer: NodeJS.Timeout;
}

/** A socket's name while it lives; unix sockets have no port. */
type Name = string | Socket;

/** The sockets in their handshake of one listener. */
export class Handshakes {
  readonly #limits: ListenerLimits;
  readonly #isPlain: boolean;
  readonly #onCut: (error: MusterError, remote: string) => void;
  readonly #pending = new Map<Name, Pending>();
  /** The same by address, the oldest first. */
  readonly #byAddress = new Map<string, Set<Name>>();

  /**
   * @param isPlain whether an answer can be written without TLS.
   * @param onCut hears of each socket that is cut off here.
   */
  constructor(
    limits: ListenerLimits,
    isPlain: boolean,
    onCut: (error: MusterError, remote: string) => void,
  ) {
    this.#limits = limits;
    this.#isPlain = isPlain;
    this.#onCut = onCut;
  }

  /** Sockets that are in their handshake. */
  get size(): number {
    return this.#pending.size;
  }

  /** A socket has connected: gives it until the deadline. */
  begin(socket: Socket): void {
    const { handshakeTimeoutMs, maxHandshakes } = this.#limits;
    const name = nameOf(socket);
    const address = addressKey(socket.remoteAddress ?? 'unix');
    const timer = setTimeout(() => this.#onLate(name), handshakeTimeoutMs);
    this.#pending.set(name, { socket, address, timer });
    this.#namesOf(address).add(name);
    socket.once('close', () => this.#remove(name));
    if (this.#pending.size > maxHandshakes) this.#evict();
  }

  /** A socket has passed the door, or was answered: it has no deadline here. */
  end(socket: Socket): void {
    this.#remove(nameOf(socket));
  }

  /** Destroys all. */
  close(): void {
    for (const [name, { socket }] of [...this.#pending]) {
      this.#remove(name);
      socket.destroy();
    }
  }

  #onLate(name: Name): void {
    const late = this.#remove(name);
    if (late === undefined) return;
    const { handshakeTimeoutMs: limit } = this.#limits;
    const message = `no request within ${limit} ms (${namedLimit('handshakeTimeoutMs')})`;
    this.#onCut(new MusterError('ERR_REQUEST_TIMEOUT', message), late.address);
    if (this.#isPlain) late.socket.write(LATE);
    late.socket.destroySoon();
  }

  #evict(): void {
    let fullest: ReadonlySet<Name> = new Set();
    for (const names of this.#byAddress.values()) {
      if (names.size > fullest.size) fullest = names;
    }
    const [oldest] = fullest;
    const evicted = oldest !== undefined && this.#remove(oldest);
    if (!evicted) return;
    const { maxHandshakes } = this.#limits;
    const message = `too many connect and show no token: at most ${maxHandshakes} (${namedLimit('maxHandshakes')})`;
    const error = new MusterError('ERR_SERVER_UNREACHABLE', message);
    this.#onCut(error, evicted.address);
    evicted.socket.destroy();
  }

  #remove(name: Name): Pending | undefined {
    const pending = this.#pending.get(name);
    if (pending === undefined) return undefined;
    clearTimeout(pending.timer);
    this.#pending.delete(name);
    const names = this.#namesOf(pending.address);
    names.delete(name);
    if (names.size === 0) this.#byAddress.delete(pending.address);
    return pending;
  }

  #namesOf(address: string): Set<Name> {
    const known = this.#byAddress.get(address) ?? new Set<Name>();
    this.#byAddress.set(address, known);
    return known;
  }
}

/** Inside TLS the socket is another object with the same two ends. */
function nameOf(socket: Socket): Name {
  const { remoteAddress, remotePort } = socket;
  return remoteAddress === undefined || remotePort === undefined
    ? socket
    : hostAndPort(remoteAddress, remotePort);
}
