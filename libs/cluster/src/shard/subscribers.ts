/**
 * Who gets parameters from a server: connections by worker, the newest life
 * of each alone.
 */

interface Subscriber {
  readonly workerId: string;
  readonly incarnation: number;
  lastHeardMs: number;
}

/** Subscribers of one server. */
export class Subscribers {
  readonly #byConnection = new Map<number, Subscriber>();

  /** Connections that get each new version. */
  get connections(): number[] {
    return [...this.#byConnection.keys()];
  }

  /**
   * Adds a connection, unless a newer life of its worker is there.
   * @returns the connections of older lives, which it replaces.
   */
  add(
    connection: number,
    { workerId, incarnation }: { workerId: string; incarnation: number },
    nowMs: number,
  ): { outcome: 'added'; replaced: number[] } | { outcome: 'outlived' } {
    const others = [...this.#byConnection].filter(
      ([other, one]) => one.workerId === workerId && other !== connection,
    );
    if (others.some(([, one]) => one.incarnation > incarnation)) {
      return { outcome: 'outlived' };
    }
    const replaced = others.map(([other]) => other);
    for (const other of replaced) this.#byConnection.delete(other);
    const subscriber = { workerId, incarnation, lastHeardMs: nowMs };
    this.#byConnection.set(connection, subscriber);
    return { outcome: 'added', replaced };
  }

  /** Notes a sign of life. */
  heard(connection: number, nowMs: number): void {
    const subscriber = this.#byConnection.get(connection);
    if (subscriber) subscriber.lastHeardMs = nowMs;
  }

  /** Removes those that were silent so long, and gives their connections. */
  removeSilent(silentMs: number, nowMs: number): number[] {
    const silent = this.connections.filter((connection) => {
      const { lastHeardMs = nowMs } = this.#byConnection.get(connection) ?? {};
      return nowMs - lastHeardMs > silentMs;
    });
    for (const connection of silent) this.#byConnection.delete(connection);
    return silent;
  }

  /** Removes a connection. */
  remove(connection: number): void {
    this.#byConnection.delete(connection);
  }

  /** The worker behind a connection, if it has subscribed. */
  nameOf(connection: number): string | undefined {
    return this.#byConnection.get(connection)?.workerId;
  }
}
