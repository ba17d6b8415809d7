/**
 * Who works on what: the units of one piece of work (the leaves of a segment,
 * the chunks of an evaluation), each pending, leased or done, and the leases.
 * A unit is done when it is in on every server. A lease holds as long as its
 * worker is heard; the coordinator ends it.
 */
import { TreeSum } from '@muster/optimizer';
import { UnitPresence } from './unit-presence.js';

/** Units `[first, first + num)`, an aligned run, held by one worker. */
export interface Lease {
  readonly taskId: number;
  readonly workerId: string;
  /** From 0, within the work. */
  readonly first: number;
  readonly num: number;
  /** When it was given. Milliseconds. */
  readonly sinceMs: number;
  /** Units that were done when it was given. */
  readonly doneBefore: number;
  /** Whether somebody slow held the same unit when it was given. */
  readonly isBackup: boolean;
}

/** What a worker may be given. */
export interface LeaseRequest {
  readonly taskId: number;
  readonly workerId: string;
  /** Most units in one task. */
  readonly maxUnits: number;
  /** Where the worker's last task began: taken again if it is free. */
  readonly preferred?: number | undefined;
  /** Whether there is nobody else: it gets units again that it failed at. */
  readonly isAlone: boolean;
  readonly nowMs: number;
}

/** A second holder for a unit whose first one is slow. */
export interface BackupRequest {
  readonly taskId: number;
  readonly workerId: string;
  /** Age of a lease, for each of its units, from which it counts as slow. */
  readonly slowUnitMs: number;
  readonly nowMs: number;
}

/** Leases over `numUnits` units. Every method is synchronous and total. */
export class TaskBoard {
  readonly #presence: UnitPresence;
  #numUnits: number;
  /** How many leases each unit is in: two when it has a backup. */
  readonly #numHolders: number[];
  readonly #leases = new Map<number, Lease>();
  /** Units that are given one by one: some server has some of a run. */
  readonly #isSingle: boolean[];
  /** Workers that failed a unit: another one is preferred for it. */
  readonly #failedBy: (Set<string> | undefined)[];
  /** First unit that was never leased. */
  #firstFresh = 0;

  /** @param numServers that each unit has to be in on, 1 to 32. */
  constructor(numUnits: number, numServers = 1) {
    this.#numUnits = numUnits;
    this.#presence = new UnitPresence(numUnits, numServers);
    this.#numHolders = Array.from({ length: numUnits }, () => 0);
    this.#isSingle = Array.from({ length: numUnits }, () => false);
    this.#failedBy = Array.from({ length: numUnits }, () => undefined);
  }

  /** Units of the work. */
  get numUnits(): number {
    return this.#numUnits;
  }

  /** Units that are done. */
  get numDone(): number {
    return this.#presence.numDone;
  }

  /** Whether every unit is done. */
  get isDone(): boolean {
    return this.numDone === this.#numUnits;
  }

  /** Whether a unit is in on every server. */
  isUnitDone(unit: number): boolean {
    return this.#presence.isDone(unit);
  }

  /** Leases that are held, by task id. */
  get leases(): ReadonlyMap<number, Lease> {
    return this.#leases;
  }

  /**
   * Leases the longest aligned run of pending units of at most `maxUnits`,
   * sticky where it can be; nothing when no unit is pending for this worker.
   */
  lease(request: LeaseRequest): Lease | undefined {
    let size = 1;
    while (size * 2 <= request.maxUnits) size *= 2;
    for (; size >= 1; size /= 2) {
      const first = this.#findRun(size, request);
      if (first !== undefined) return this.#take(first, size, request);
    }
    return undefined;
  }

  /**
   * Leases the first undone unit of the oldest slow lease of somebody else a
   * second time; nothing when nobody is slow or each slow one has a backup.
   */
  leaseBackup(request: BackupRequest): Lease | undefined {
    const { workerId, slowUnitMs, nowMs, taskId } = request;
    const slow = [...this.#leases.values()]
      .filter((lease) => lease.workerId !== workerId)
      .filter(({ sinceMs, num }) => nowMs - sinceMs > slowUnitMs * num)
      .sort((a, b) => a.sinceMs - b.sinceMs);
    for (const lease of slow) {
      const first = this.#firstWithoutBackup(lease);
      if (first === undefined) continue;
      const copy = { taskId, workerId, first, num: 1, sinceMs: nowMs };
      return this.#hold({ ...copy, isBackup: true });
    }
    return undefined;
  }

  /**
   * Marks units as in on one server, whoever held them; ends and gives the
   * leases of which nothing is left to do.
   */
  mark(server: number, first: number, num: number): Lease[] {
    const end = Math.min(first + num, this.#numUnits);
    for (let unit = first; unit < end; unit++) {
      this.#presence.mark(server, unit);
    }
    const over = [...this.#leases.values()].filter((lease) =>
      this.#isOver(lease),
    );
    for (const { taskId } of over) this.release(taskId);
    return over;
  }

  /** Forgets what a server had: it has lost it. */
  forget(server: number): void {
    this.#presence.forget(server, this.#numUnits);
  }

  /**
   * Has units given one by one from now on: a server that is not known to
   * have some of them has them, and can't use the others together with those.
   */
  splitUp(first: number, num: number): void {
    const end = Math.min(first + num, this.#numUnits);
    for (let unit = first; unit < end; unit++) this.#isSingle[unit] = true;
  }

  /** Cuts off the units that nobody has ever been given; tells what is left. */
  truncate(): number {
    this.#numUnits = this.#firstFresh;
    return this.#numUnits;
  }

  /** Ends one lease; its units that are not done are pending again. */
  release(taskId: number): Lease | undefined {
    const lease = this.#leases.get(taskId);
    if (lease === undefined) return undefined;
    this.#leases.delete(taskId);
    this.#count(lease, -1);
    return lease;
  }

  /** Ends every lease of a worker and returns them. */
  releaseWorker(workerId: string): Lease[] {
    const held = [...this.#leases.values()].filter(
      (lease) => lease.workerId === workerId,
    );
    for (const lease of held) this.release(lease.taskId);
    return held;
  }

  /** Remembers that a worker failed at these units. */
  markFailed(first: number, num: number, workerId: string): void {
    for (let unit = first; unit < first + num; unit++) {
      const failed = this.#failedBy[unit] ?? new Set();
      this.#failedBy[unit] = failed.add(workerId);
    }
  }

  /** Workers that failed at a unit. */
  failedBy(unit: number): ReadonlySet<string> {
    return this.#failedBy[unit] ?? new Set();
  }

  #findRun(size: number, request: LeaseRequest): number | undefined {
    const { preferred } = request;
    const fits = (first: number) => this.#isFree(first, size, request);
    if (preferred !== undefined && preferred % size === 0 && fits(preferred)) {
      return preferred;
    }
    for (let first = 0; first < this.#numUnits; first += size) {
      if (fits(first)) return first;
    }
    return undefined;
  }

  #isFree(first: number, size: number, request: LeaseRequest): boolean {
    const { workerId, isAlone } = request;
    const end = Math.min(first + size, this.#numUnits);
    if (first >= end) return false;
    for (let unit = first; unit < end; unit++) {
      if (this.isUnitDone(unit)) return false;
      // a sum of leaves is of use where none of them is in
      if (!this.#presence.areAlike(unit, first)) return false;
      if (this.#numHolders[unit] !== 0) return false;
      if (size > 1 && this.#isSingle[unit] === true) return false;
      if (!isAlone && this.failedBy(unit).has(workerId)) return false;
    }
    return TreeSum.isAligned(first, end - first, this.#numUnits);
  }

  #take(first: number, size: number, request: LeaseRequest): Lease {
    const num = Math.min(size, this.#numUnits - first);
    const { taskId, workerId, nowMs } = request;
    const lease = { taskId, workerId, first, num, sinceMs: nowMs };
    return this.#hold({ ...lease, isBackup: false });
  }

  #isOver({ first, num }: Lease): boolean {
    for (let unit = first; unit < first + num; unit++) {
      if (!this.isUnitDone(unit)) return false;
    }
    return true;
  }

  #hold(given: Omit<Lease, 'doneBefore'>): Lease {
    const lease = { ...given, doneBefore: this.numDone };
    this.#firstFresh = Math.max(this.#firstFresh, lease.first + lease.num);
    this.#leases.set(lease.taskId, lease);
    this.#count(lease, 1);
    return lease;
  }

  #count({ first, num }: Lease, by: 1 | -1): void {
    for (let unit = first; unit < first + num; unit++) {
      this.#numHolders[unit] = (this.#numHolders[unit] ?? 0) + by;
    }
  }

  #firstWithoutBackup({ first, num }: Lease): number | undefined {
    for (let unit = first; unit < first + num; unit++) {
      if (!this.isUnitDone(unit) && this.#numHolders[unit] === 1) {
        return unit;
      }
    }
    return undefined;
  }
}
