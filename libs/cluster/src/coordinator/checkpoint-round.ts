/**
 * One checkpoint over all servers: ordered at a version that all of them are
 * at, taken by each before the next step may begin, and written beside it.
 */
import type { CheckpointReason } from '../server/effects.js';

/** How far the newest ordered checkpoint is. */
export class CheckpointRound {
  /** Of the parameters that are written. */
  readonly version: number;
  readonly reason: CheckpointReason;
  readonly #notTaken: Set<number>;
  readonly #notDone: Set<number>;
  #hasFailed = false;

  constructor(version: number, reason: CheckpointReason, numShards: number) {
    this.version = version;
    this.reason = reason;
    const all = Array.from({ length: numShards }, (_, shard) => shard);
    this.#notTaken = new Set(all);
    this.#notDone = new Set(all);
  }

  /** Whether every server has its copy: training may go on. */
  get isTaken(): boolean {
    return this.#notTaken.size === 0;
  }

  /** Whether every server has written, or failed to. */
  get isDone(): boolean {
    return this.#notDone.size === 0;
  }

  /** Whether it is whole on every server. */
  get isWhole(): boolean {
    return this.isDone && !this.#hasFailed;
  }

  /** Notes what a server says of it. */
  note(shard: number, progress: 'taken' | 'written' | 'failed'): void {
    this.#notTaken.delete(shard);
    if (progress === 'taken') return;
    this.#notDone.delete(shard);
    if (progress === 'failed') this.#hasFailed = true;
  }
}
