/**
 * The coordinator's board in a simulation: a step's leaves, dealt to whoever
 * is idle as aligned runs, and over when each server has them all.
 */

/** Leaves `[first, first + num)` of a step. */
export interface LeafRun {
  readonly first: number;
  readonly num: number;
}

/** One step's leaves and who has which. */
export class Deal {
  readonly #numLeaves: number;
  readonly #numServers: number;
  /** Most leaves in one task: the largest power of two that leaves each one. */
  readonly #most: number;
  #next = 0;
  #leavesDone = 0;
  /** By first leaf: servers that have the run. */
  readonly #presence = new Map<number, number>();

  constructor(numLeaves: number, numWorkers: number, numServers: number) {
    this.#numLeaves = numLeaves;
    this.#numServers = numServers;
    let most = 1;
    while (most * 2 <= numLeaves / numWorkers) most *= 2;
    this.#most = most;
  }

  /** Whether every leaf is in on every server. */
  get isOver(): boolean {
    return this.#leavesDone === this.#numLeaves;
  }

  /** The next run for an idle worker, if leaves are left. */
  take(): LeafRun | undefined {
    const first = this.#next;
    const num = Math.min(this.#most, this.#numLeaves - first);
    if (num === 0) return undefined;
    this.#next += num;
    return { first, num };
  }

  /** A server has a run; tells whether all of them have it now. */
  mark({ first, num }: LeafRun): boolean {
    const presence = (this.#presence.get(first) ?? 0) + 1;
    this.#presence.set(first, presence);
    if (presence < this.#numServers) return false;
    this.#leavesDone += num;
    return true;
  }
}
