/**
 * The connections that a server makes by itself, to the coordinator and to
 * the primary that it follows: signs of life, silence, and dialling again.
 */
import type { ServerLink } from './effects.js';
import type { Outbox } from './outbox.js';

/** First wait before dialling again, and the longest. Milliseconds. */
const REDIAL_MS = 50;
const MAX_REDIAL_MS = 400;

interface Link {
  connection: number | undefined;
  isDialling: boolean;
  lastHeardMs: number;
  lastBeatMs: number;
  redialMs: number;
  redialAtMs: number | undefined;
}

/** Links by name. */
export class Links {
  readonly #out: Outbox;
  readonly #timing: { readonly leaseMs: number; readonly heartbeatMs: number };
  readonly #links = new Map<ServerLink, Link>();
  #sequence = 0;

  constructor(
    out: Outbox,
    timing: { readonly leaseMs: number; readonly heartbeatMs: number },
  ) {
    this.#out = out;
    this.#timing = timing;
  }

  /** The connection of a link that is there. */
  connectionOf(name: ServerLink): number | undefined {
    return this.#links.get(name)?.connection;
  }

  /** Begins to dial; until it is closed, a lost link is dialled again. */
  open(name: ServerLink, nowMs: number): void {
    if (this.#links.has(name)) return;
    const link = {
      ...{ connection: undefined, isDialling: false, redialAtMs: undefined },
      ...{ lastHeardMs: nowMs, lastBeatMs: nowMs, redialMs: REDIAL_MS },
    };
    this.#links.set(name, link);
    this.#dialNow(name, link);
  }

  /** Gives a link up; its connection ends. */
  close(name: ServerLink): void {
    const connection = this.#links.get(name)?.connection;
    this.#links.delete(name);
    if (connection === undefined) return;
    this.#out.add({ type: 'terminate', connection });
  }

  /** A link is there; tells whether it is still wanted. */
  linked(name: ServerLink, connection: number, nowMs: number): boolean {
    const link = this.#links.get(name);
    if (link?.connection !== undefined || !link) {
      this.#out.add({ type: 'terminate', connection });
      return false;
    }
    link.connection = connection;
    link.isDialling = false;
    link.redialAtMs = undefined;
    link.lastHeardMs = nowMs;
    link.lastBeatMs = nowMs;
    return true;
  }

  /** Nobody answered: dials again a little later. */
  unreachable(name: ServerLink, nowMs: number): void {
    const link = this.#links.get(name);
    if (link === undefined) return;
    link.isDialling = false;
    this.#dialLater(link, nowMs);
  }

  /** Notes a sign of life; gives the link's name if it is one. */
  heard(connection: number, nowMs: number): ServerLink | undefined {
    for (const [name, link] of this.#links) {
      if (link.connection !== connection) continue;
      link.lastHeardMs = nowMs;
      link.redialMs = REDIAL_MS;
      return name;
    }
    return undefined;
  }

  /** A connection is gone; gives the link's name if it was one. */
  disconnected(connection: number, nowMs: number): ServerLink | undefined {
    for (const [name, link] of this.#links) {
      if (link.connection !== connection) continue;
      link.connection = undefined;
      this.#dialLater(link, nowMs);
      return name;
    }
    return undefined;
  }

  /**
   * Signs of life out, dialling again, and the end of silent connections;
   * gives the names of those.
   */
  tick(nowMs: number): ServerLink[] {
    const silent: ServerLink[] = [];
    for (const [name, link] of this.#links) {
      if (link.redialAtMs !== undefined && link.redialAtMs <= nowMs) {
        this.#dialNow(name, link);
      }
      if (this.#isSilent(link, nowMs)) silent.push(name);
    }
    return silent;
  }

  #isSilent(link: Link, nowMs: number): boolean {
    const { connection } = link;
    if (connection === undefined) return false;
    const { leaseMs, heartbeatMs } = this.#timing;
    if (nowMs - link.lastHeardMs > leaseMs) {
      this.#out.add({ type: 'terminate', connection });
      link.connection = undefined;
      this.#dialLater(link, nowMs);
      return true;
    }
    if (nowMs - link.lastBeatMs >= heartbeatMs) {
      link.lastBeatMs = nowMs;
      const sequence = ++this.#sequence;
      this.#out.send(connection, { message: { type: 'heartbeat', sequence } });
    }
    return false;
  }

  /** Longer each time until somebody is heard: who refuses is not besieged. */
  #dialLater(link: Link, nowMs: number): void {
    link.redialAtMs = nowMs + link.redialMs;
    link.redialMs = Math.min(MAX_REDIAL_MS, link.redialMs * 2);
  }

  #dialNow(name: ServerLink, link: Link): void {
    link.redialAtMs = undefined;
    if (link.isDialling) return;
    link.isDialling = true;
    this.#out.add({ type: 'dial', link: name });
  }
}
