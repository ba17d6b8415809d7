/**
 * Who works on what: the units of one piece of work (the leaves of a step, the
 * chunks of an evaluation), each pending, leased or done, and the leases. A
 * lease holds as long as its worker is heard; the coordinator ends it.
 */
import { TreeSum } from '@muster/optimizer';

/** Units `[first, first + num)`, an aligned run, held by one worker. */
export interface Lease {
  readonly taskId: number;
  readonly workerId: string;
  readonly first: number;
  readonly num: number;
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
}

type UnitState = 'pending' | 'leased' | 'done';

/** Leases over `numUnits` units. Every method is synchronous and total. */
export class TaskBoard {
  readonly numUnits: number;
  readonly #units: UnitState[];
  readonly #leases = new Map<number, Lease>();
  /** Workers that failed a unit: another one is preferred for it. */
  readonly #failedBy: (Set<string> | undefined)[];
  #numDone = 0;

  constructor(numUnits: number) {
    this.numUnits = numUnits;
    this.#units = Array.from({ length: numUnits }, () => 'pending');
    this.#failedBy = Array.from({ length: numUnits }, () => undefined);
  }

  /** Whether every unit is done. */
  get isDone(): boolean {
    return this.#numDone === this.numUnits;
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

  /** Marks units as done, whoever held them. */
  complete(first: number, num: number): void {
    for (let unit = first; unit < first + num; unit++) {
      if (this.#units[unit] === 'done') continue;
      this.#units[unit] = 'done';
      this.#numDone++;
    }
  }

  /** Ends one lease; its units that are not done are pending again. */
  release(taskId: number): Lease | undefined {
    const lease = this.#leases.get(taskId);
    if (lease === undefined) return undefined;
    this.#leases.delete(taskId);
    for (let unit = lease.first; unit < lease.first + lease.num; unit++) {
      if (this.#units[unit] === 'leased') this.#units[unit] = 'pending';
    }
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
    for (let first = 0; first < this.numUnits; first += size) {
      if (fits(first)) return first;
    }
    return undefined;
  }

  #isFree(first: number, size: number, request: LeaseRequest): boolean {
    const { workerId, isAlone } = request;
    const end = Math.min(first + size, this.numUnits);
    if (first >= end) return false;
    for (let unit = first; unit < end; unit++) {
      if (this.#units[unit] !== 'pending') return false;
      if (!isAlone && this.failedBy(unit).has(workerId)) return false;
    }
    return TreeSum.isAligned(first, end - first, this.numUnits);
  }

  #take(first: number, size: number, request: LeaseRequest): Lease {
    const num = Math.min(size, this.numUnits - first);
    const { taskId, workerId } = request;
    const lease = { taskId, workerId, first, num };
    this.#leases.set(taskId, lease);
    this.#units.fill('leased', first, first + num);
    return lease;
  }
}
