/**
 * A TCP proxy in front of one server, that does to its connections what
 * networks do: cuts, silence, slowness, refusals. On command only.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { RandomStream } from '@muster/data';
import type { SlowLink } from './flow.js';
import { Link } from './link.js';

/** Faults that last for a time. */
type LastingFault = 'half-open' | 'slow' | 'refuse';

const HOST = '127.0.0.1';

/**
 * See the head of this file. Faults of different kinds may overlap; one of a
 * kind that is on already is replaced, its end too.
 */
export class FaultProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #timers = new Map<LastingFault, NodeJS.Timeout>();
  readonly #conditions: { slow: SlowLink | undefined } = { slow: undefined };
  #targetPort: number;

  /** @param targetPort where the server listens, on 127.0.0.1. */
  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    const options = { allowHalfOpen: true, noDelay: true };
    this.#server = createServer(options, (client) => this.#accept(client));
  }

  /** Begins to listen on a free port of 127.0.0.1, and gives that. */
  async start(): Promise<number> {
    this.#server.listen(0, HOST);
    await once(this.#server, 'listening');
    return this.port;
  }

  /** Where it listens, after `start`. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `ws://127.0.0.1:port`, after `start`. */
  get url(): string {
    return `ws://${HOST}:${this.port}`;
  }

  /** Connections at this moment, black-holed ones too. */
  get numConnections(): number {
    return this.#links.size;
  }

  /** Bytes that were read and have not left this process. */
  get heldBytes(): number {
    return [...this.#links].reduce((sum, link) => sum + link.heldBytes, 0);
  }

  /** Leads new connections to another port; present ones stay. */
  retarget(port: number): void {
    this.#targetPort = port;
  }

  /** Destroys all present connections, both sides; gives how many. */
  cut(): number {
    const all = [...this.#links];
    for (const link of all) link.destroy();
    return all.length;
  }

  /** Destroys one connection, drawn by chance; gives how many: 0 or 1. */
  cutOne(random: RandomStream): number {
    const all = [...this.#links];
    if (all.length === 0) return 0;
    all[random.nextBelow(all.length)]?.destroy();
    return 1;
  }

  /**
   * Silence: nothing passes in either direction and nobody is told. New
   * connections are taken and lead nowhere. At the end all of them are
   * destroyed.
   */
  halfOpen(durationMs: number): void {
    for (const link of this.#links) link.freeze();
    this.#begin('half-open', durationMs, () => void this.cut());
  }

  /** Slows each direction of each connection down, new ones too. */
  slow(slow: SlowLink, durationMs: number): void {
    this.#conditions.slow = slow;
    this.#begin('slow', durationMs, () => {
      this.#conditions.slow = undefined;
      for (const link of this.#links) link.hurry();
    });
  }

  /** Destroys new connections at once; present ones stay. */
  refuse(durationMs: number): void {
    this.#begin('refuse', durationMs, () => undefined);
  }

  /** Ends every fault and every connection, and stops listening. Idempotent. */
  async close(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    const closed = this.#server.listening && once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(client: Socket): void {
    const forget = (link: Link) => void this.#links.delete(link);
    if (!this.#server.listening || this.#timers.has('refuse')) {
      client.on('error', () => undefined).destroy();
    } else if (this.#timers.has('half-open')) {
      this.#links.add(Link.blackHole(client, forget));
    } else {
      const target = { host: HOST, port: this.#targetPort };
      this.#links.add(Link.open(client, target, this.#conditions, forget));
    }
  }

  #begin(fault: LastingFault, durationMs: number, end: () => void): void {
    clearTimeout(this.#timers.get(fault));
    const timer = setTimeout(() => {
      this.#timers.delete(fault);
      end();
    }, durationMs);
    this.#timers.set(fault, timer);
  }
}
