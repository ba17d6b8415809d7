/**
 * Which hosts take part, which stand by, and which are asked again. Pure.
 */
import { isAdmitted } from './admission.js';
import type { Host } from './hosts.js';

/** See the head of this file. */
export class HostRoster {
  readonly #serverHost: Host;
  readonly #maxHosts: number;
  readonly #active = new Set<Host>();
  /** Ready, but beyond the most that take part. */
  readonly #spares: Host[] = [];
  /** Asked again and again. */
  readonly #waiting = new Set<Host>();

  /** @param maxHosts that take part at a time. */
  constructor(serverHost: Host, maxHosts: number) {
    this.#serverHost = serverHost;
    this.#maxHosts = maxHosts;
  }

  /** Hosts that take part. */
  get active(): readonly Host[] {
    return [...this.#active];
  }

  /** Whether somebody computes, or may still come to do so. */
  get hasWorkers(): boolean {
    if (this.#waiting.size + this.#spares.length > 0) return true;
    return this.active.some(({ slots }) => slots > 0);
  }

  /** A host is ready; tells whether it takes part, or stands by. */
  join(host: Host): boolean {
    const isServer = host === this.#serverHost;
    const takesPart = isAdmitted(this.#active.size, this.#maxHosts, isServer);
    if (takesPart) this.#active.add(host);
    else this.#spares.push(host);
    return takesPart;
  }

  /** A host takes no part any more. */
  leave(host: Host): void {
    this.#active.delete(host);
  }

  /** Takes the first of those that stand by, to join in another's place. */
  takeSpare(): Host | undefined {
    return this.#spares.shift();
  }

  /** A host is asked until it is ready. */
  await(host: Host): void {
    this.#waiting.add(host);
  }

  /** A host is ready, or will not be: it is not asked again. */
  awaited(host: Host): void {
    this.#waiting.delete(host);
  }
}
