/**
 * On which servers each unit of a piece of work is in. A unit is done when it
 * is in on all of them.
 */

/** A bitmap of servers for each unit, and how many units are done. */
export class UnitPresence {
  /** All bits: it is in everywhere. */
  readonly #everywhere: number;
  /** By unit: one bit for each server that has it. */
  readonly #servers: number[];
  #numDone = 0;

  /** @param numServers that each unit has to be in on, 1 to 32. */
  constructor(numUnits: number, numServers: number) {
    this.#everywhere = 2 ** numServers - 1;
    this.#servers = Array.from({ length: numUnits }, () => 0);
  }

  /** Units that are done. */
  get numDone(): number {
    return this.#numDone;
  }

  /** Whether a unit is in on every server. */
  isDone(unit: number): boolean {
    return this.#servers[unit] === this.#everywhere;
  }

  /** Whether two units are in on the same servers. */
  areAlike(unit: number, other: number): boolean {
    return this.#servers[unit] === this.#servers[other];
  }

  /** A server has a unit; a second time changes nothing. */
  mark(server: number, unit: number): void {
    const servers = this.#servers[unit] ?? 0;
    const bit = 2 ** server;
    if (hasBit(servers, bit)) return;
    this.#servers[unit] = servers + bit;
    if (this.isDone(unit)) this.#numDone++;
  }

  /** A server has lost what it had of units `[0, end)`. */
  forget(server: number, end: number): void {
    const bit = 2 ** server;
    for (let unit = 0; unit < end; unit++) {
      const servers = this.#servers[unit] ?? 0;
      if (!hasBit(servers, bit)) continue;
      if (this.isDone(unit)) this.#numDone--;
      this.#servers[unit] = servers - bit;
    }
  }
}

/** Without bitwise operators, which know 31 servers. */
function hasBit(servers: number, bit: number): boolean {
  return Math.floor(servers / bit) % 2 === 1;
}
