/**
 * One shard's checkpoints as values in memory, and what befalls them: writes
 * that a dying process leaves torn, a full disk, bits that flip.
 */
import type { LedgerState, OrderEntry } from '@muster/cluster';
import type { EventQueue } from './event-queue.js';
import type { SeededRandom } from './seeded-random.js';
import type { SimulatedProcess } from './simulated-process.js';

/** What a checkpoint holds. */
export interface Saved {
  readonly version: number;
  readonly parameters: Float32Array;
  readonly slots: Readonly<Record<string, Float32Array>>;
  readonly ledger: LedgerState;
  /** What was applied before it, in the modes where that is recorded. */
  readonly order: readonly OrderEntry[];
}

interface Stored extends Saved {
  isWhole: boolean;
}

/** One write. */
export interface Write {
  readonly saved: Saved;
  /** Older ones are removed once it is down. */
  readonly keepFrom: number;
  readonly done: (ok: boolean) => void;
  /** Nothing more is to be written. */
  readonly idle: () => void;
}

/** The folder of one shard, which its primary and its standby share. */
export class SimulatedDisk {
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  #stored: Stored[] = [];
  readonly #writing = new Map<SimulatedProcess, boolean>();
  readonly #waiting = new Map<SimulatedProcess, Write>();
  isFull = false;

  constructor(queue: EventQueue, random: SeededRandom, first: Saved) {
    this.#queue = queue;
    this.#random = random;
    this.#stored = [{ ...first, isWhole: true }];
  }

  /** Versions of whole checkpoints, newest first. */
  get versions(): number[] {
    const whole = this.#stored.filter(({ isWhole }) => isWhole);
    const versions = new Set(whole.map(({ version }) => version));
    return [...versions].sort((a, b) => b - a);
  }

  /** The newest attempt at a version that is whole. */
  read(version: number): Saved | undefined {
    return this.#stored.findLast(
      (one) => one.version === version && one.isWhole,
    );
  }

  /** Removes what is newer: it belongs to a history that was given up. */
  removeNewer(version: number): void {
    this.#stored = this.#stored.filter((one) => one.version <= version);
  }

  /** Writes a copy, one at a time; a newer one replaces one that waits. */
  write(by: SimulatedProcess, write: Write): void {
    if (this.#writing.get(by) !== true) return this.#begin(by, write);
    this.#waiting.get(by)?.done(false);
    this.#waiting.set(by, write);
  }

  /** Whether a process has something to write. */
  isBusy(by: SimulatedProcess): boolean {
    return this.#writing.get(by) === true;
  }

  /** A bit of the newest whole checkpoint flips. */
  flip(): void {
    const newest = this.#stored.findLast(({ isWhole }) => isWhole);
    if (newest) newest.isWhole = false;
  }

  /** What is being written takes a while. */
  #begin(by: SimulatedProcess, { saved, keepFrom, done, idle }: Write): void {
    this.#writing.set(by, true);
    const stored = { ...saved, isWhole: false };
    this.#stored.push(stored);
    this.#queue.after(this.#random.uniform(1, 250), () => {
      // a process that is dead by now leaves it torn
      by.post(() => {
        this.#writing.set(by, false);
        const ok = !this.isFull;
        if (ok) this.#finish(stored, keepFrom);
        done(ok);
        const next = this.#waiting.get(by);
        this.#waiting.delete(by);
        if (next && by.isAlive) this.#begin(by, next);
        else idle();
      });
    });
  }

  #finish(stored: Stored, keepFrom: number): void {
    stored.isWhole = true;
    const others = this.#stored.filter((one) => one !== stored);
    this.#stored = [...others, stored].filter(
      ({ version }) => version >= keepFrom,
    );
  }
}
