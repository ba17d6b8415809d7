/**
 * Writes snapshots one at a time beside the training: the newest one that
 * waits replaces an older one that waits; a failure is told and training
 * goes on.
 */
import { performance } from 'node:perf_hooks';
import { toMusterError } from '@muster/protocol';
import type { MusterError } from '@muster/protocol';

/** What became of a write. */
export type CheckpointOutcome<S> =
  | {
      readonly outcome: 'written';
      readonly snapshot: S;
      readonly path: string;
      readonly seconds: number;
    }
  /** A newer one took its place, or it was not wanted any more. */
  | { readonly outcome: 'skipped'; readonly snapshot: S }
  | {
      readonly outcome: 'failed';
      readonly snapshot: S;
      readonly error: MusterError;
    };

/** A queue of one. `S` is the snapshot; it belongs to the queue once offered. */
export class CheckpointQueue<S> {
  readonly #write: (snapshot: S) => Promise<string>;
  readonly #onOutcome: (outcome: CheckpointOutcome<S>) => void;
  #waiting: S | undefined;
  #loop: Promise<void> | undefined;

  /**
   * @param write writes one snapshot and gives its path.
   * @param onOutcome hears what became of each snapshot, once.
   */
  constructor(
    write: (snapshot: S) => Promise<string>,
    onOutcome: (outcome: CheckpointOutcome<S>) => void,
  ) {
    this.#write = write;
    this.#onOutcome = onOutcome;
  }

  /** Queues a snapshot; returns at once. */
  offer(snapshot: S): void {
    this.#skip();
    this.#waiting = snapshot;
    this.#loop ??= this.#drain();
  }

  /** Resolves when nothing is queued or being written. Never rejects. */
  async idle(): Promise<void> {
    while (this.#loop !== undefined) await this.#loop;
  }

  /** Forgets what waits; resolves when nothing is being written any more. */
  async drop(): Promise<void> {
    this.#skip();
    await this.idle();
  }

  #skip(): void {
    const snapshot = this.#waiting;
    this.#waiting = undefined;
    if (snapshot !== undefined)
      this.#onOutcome({ outcome: 'skipped', snapshot });
  }

  async #drain(): Promise<void> {
    while (this.#waiting !== undefined) {
      const snapshot = this.#waiting;
      this.#waiting = undefined;
      await this.#writeOne(snapshot);
    }
    this.#loop = undefined;
  }

  async #writeOne(snapshot: S): Promise<void> {
    const start = performance.now();
    try {
      const path = await this.#write(snapshot);
      const seconds = (performance.now() - start) / 1000;
      this.#onOutcome({ outcome: 'written', snapshot, path, seconds });
    } catch (cause) {
      const error = toMusterError(cause);
      this.#onOutcome({ outcome: 'failed', snapshot, error });
    }
  }
}
