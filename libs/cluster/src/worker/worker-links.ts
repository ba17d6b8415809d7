/**
 * A worker's connections, one to each server: link 0 to the coordinator, link
 * `k` to server `k`. Signs of life on each, and the end of silent ones.
 */
import type { Packet, ShardPlace } from '@muster/protocol';
import type { WorkerEffect } from './worker-events.js';

/** Heartbeats of silence after which a server is taken for dead. */
const SERVER_SILENT_HEARTBEATS = 5;

interface WorkerLink {
  /** Where it was dialled last. */
  urls: readonly string[];
  isConnected: boolean;
  isDialling: boolean;
  lastHeardMs: number;
  lastBeatMs: number;
}

/** Links by server. */
export class WorkerLinks {
  readonly #emit: (effect: WorkerEffect) => void;
  readonly #links: WorkerLink[] = [];
  #places: readonly ShardPlace[] = [];
  #heartbeatMs = 1000;
  #sequence = 0;

  constructor(emit: (effect: WorkerEffect) => void) {
    this.#emit = emit;
  }

  /** Servers of the run, once it was joined. */
  get numServers(): number {
    return this.#places.length;
  }

  /** How long a server may be silent. Milliseconds. */
  get patienceMs(): number {
    return this.#heartbeatMs * SERVER_SILENT_HEARTBEATS;
  }

  /** Links that are there. */
  get connectedLinks(): number[] {
    return this.#links.flatMap(({ isConnected }, link) =>
      isConnected ? [link] : [],
    );
  }

  /** The key range of a server, and where it is. */
  placeOf(link: number): ShardPlace | undefined {
    return this.#places[link];
  }

  /** How often signs of life are given. Milliseconds. */
  setHeartbeat(heartbeatMs: number): void {
    this.#heartbeatMs = heartbeatMs;
  }

  /** Takes in where the servers are; connects to those that have moved. */
  setPlaces(places: readonly ShardPlace[]): void {
    this.#places = places;
    for (let link = 1; link < places.length; link++) {
      const urls = places[link]?.urls ?? [];
      if (urls.length === 0) continue;
      const known = this.#links[link];
      const isThere = known?.isConnected === true || known?.isDialling === true;
      if (isThere && known.urls[0] === urls[0]) continue;
      this.#dialNow(link, urls);
    }
  }

  /** Dials a link, at every address that is known for it. */
  dial(link: number): void {
    const urls = this.#places[link]?.urls ?? [];
    if (link > 0 && urls.length === 0) return;
    this.#dialNow(link, urls);
  }

  /** A link is there. */
  connected(link: number, nowMs: number): void {
    const one = this.#linkOf(link);
    one.isConnected = true;
    one.isDialling = false;
    one.lastHeardMs = nowMs;
    one.lastBeatMs = nowMs;
  }

  /** A link is gone. */
  disconnected(link: number): void {
    this.#linkOf(link).isConnected = false;
  }

  /** Notes a sign of life. */
  heard(link: number, nowMs: number): void {
    this.#linkOf(link).lastHeardMs = nowMs;
  }

  /** Sends, if the link is there. */
  send(link: number, packet: Packet): void {
    if (this.#links[link]?.isConnected !== true) return;
    this.#emit({ type: 'send', link, packet });
  }

  /** @param mayBeat whether the coordinator knows this worker yet. */
  tick(nowMs: number, mayBeat: boolean): void {
    this.#links.forEach((one, link) => {
      if (!one.isConnected) return;
      const silentMs = nowMs - one.lastHeardMs;
      if (silentMs > this.patienceMs) {
        one.lastHeardMs = nowMs;
        return this.#emit({ type: 'terminate', link });
      }
      if (link === 0 && !mayBeat) return;
      if (nowMs - one.lastBeatMs < this.#heartbeatMs) return;
      one.lastBeatMs = nowMs;
      const sequence = ++this.#sequence;
      this.send(link, { message: { type: 'heartbeat', sequence } });
    });
  }

  #dialNow(link: number, urls: readonly string[]): void {
    const one = this.#linkOf(link);
    one.urls = urls;
    one.isConnected = false;
    one.isDialling = true;
    this.#emit({ type: 'dial', link, urls });
  }

  #linkOf(link: number): WorkerLink {
    return (this.#links[link] ??= {
      urls: [],
      isConnected: false,
      isDialling: false,
      lastHeardMs: 0,
      lastBeatMs: 0,
    });
  }
}
