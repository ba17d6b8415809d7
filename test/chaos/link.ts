/**
 * One proxied connection: the socket that came, the socket to the server, and
 * a flow each way. They end together.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { Flow } from './flow.js';
import type { LinkConditions } from './flow.js';

/** Where a link leads. */
export interface LinkTarget {
  readonly host: string;
  readonly port: number;
}

/** See the head of this file. */
export class Link {
  readonly #client: Socket;
  readonly #server: Socket | undefined;
  readonly #flows: readonly Flow[];
  readonly #onEnd: (link: Link) => void;
  #isFrozen = false;

  private constructor(
    client: Socket,
    server: Socket | undefined,
    conditions: LinkConditions,
    onEnd: (link: Link) => void,
  ) {
    this.#client = client;
    this.#server = server;
    this.#onEnd = onEnd;
    this.#flows =
      server === undefined
        ? []
        : [
            new Flow(client, server, conditions),
            new Flow(server, client, conditions),
          ];
    for (const socket of this.#sockets) this.#watch(socket);
  }

  /** Connects a client to the server. */
  static open(
    client: Socket,
    target: LinkTarget,
    conditions: LinkConditions,
    onEnd: (link: Link) => void,
  ): Link {
    const server = connect({ ...target, allowHalfOpen: true, noDelay: true });
    return new Link(client, server, conditions, onEnd);
  }

  /** Takes a client and leads nowhere: nothing is read, nothing comes. */
  static blackHole(client: Socket, onEnd: (link: Link) => void): Link {
    client.pause();
    const link = new Link(client, undefined, { slow: undefined }, onEnd);
    link.freeze();
    return link;
  }

  /** Bytes that were read and have not left this process, both ways. */
  get heldBytes(): number {
    return this.#flows.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
  }

  /** Nothing passes any more, and neither side hears of the other's end. */
  freeze(): void {
    this.#isFrozen = true;
    for (const flow of this.#flows) flow.freeze();
  }

  /** Hands on what is held, at once. */
  hurry(): void {
    for (const flow of this.#flows) flow.hurry();
  }

  /** Destroys both sides. Idempotent. */
  destroy(): void {
    for (const flow of this.#flows) flow.stop();
    for (const socket of this.#sockets) socket.destroy();
    this.#onEnd(this);
  }

  get #sockets(): Socket[] {
    return this.#server ? [this.#client, this.#server] : [this.#client];
  }

  #watch(socket: Socket): void {
    // 'close' follows; a peer that was killed is what this is for
    socket.on('error', () => undefined);
    socket.on('close', (hadError) => {
      if (this.#isFrozen) return;
      // who said all and heard all is gone: what is held still has to arrive
      const isOver = this.#sockets.every(({ closed }) => closed);
      if (hadError || isOver) this.destroy();
    });
  }
}
