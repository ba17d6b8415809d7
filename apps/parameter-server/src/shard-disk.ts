/**
 * What a server has on its disk: carries out what the brain wants written and
 * read there, one thing after the other, and hands in what came of it.
 */
import type { ServerEffect, ServerEvent, ServerMachine } from '@muster/cluster';
import { CheckpointQueue } from './checkpoint-queue.js';
import type { CheckpointOutcome } from './checkpoint-queue.js';
import { OrderFile } from './order-file.js';
import {
  restoreVersion,
  snapshotOf,
  versionsNow,
  writeSnapshot,
} from './run-state.js';
import type { ShardFiles, Snapshot } from './run-state.js';

type EffectOf<T extends ServerEffect['type']> = Extract<
  ServerEffect,
  { type: T }
>;

/** What the disk needs of the process around it. */
export interface ShardDiskOptions {
  readonly files: ShardFiles;
  readonly machine: ServerMachine;
  readonly handle: (event: ServerEvent) => void;
  /** Something that a person should know. */
  readonly notice: (text: string) => void;
  /** Hears of each snapshot; nobody changes it any more. */
  readonly snapshotTaken: (snapshot: Snapshot) => void;
  /** Hears what became of each snapshot, before the brain does. */
  readonly checkpointDone: (outcome: CheckpointOutcome<Snapshot>) => void;
}

/** See the head of this file. */
export class ShardDisk {
  readonly #options: ShardDiskOptions;
  readonly #checkpoints: CheckpointQueue<Snapshot>;
  readonly #order: OrderFile;
  /** Each order to restore counts; an answer to an older one is dropped. */
  #numRestores = 0;

  constructor(options: ShardDiskOptions) {
    const { folder, shard, numShards } = options.files;
    this.#options = options;
    this.#order = new OrderFile(folder, shard, numShards);
    this.#checkpoints = new CheckpointQueue(
      (snapshot) => this.#write(snapshot),
      (outcome) => this.#checkpointDone(outcome),
    );
  }

  /** Goes back to a checkpoint; an event tells what came of it. */
  async restore(effect: EffectOf<'restore'>): Promise<void> {
    const { files, handle, notice } = this.#options;
    const number = ++this.#numRestores;
    // what is being written is of steps that will be done again
    await this.#checkpoints.drop();
    const event = await restoreVersion(files, effect);
    if (number !== this.#numRestores) return;
    if (event.type === 'restore-failed') notice(event.message);
    handle(event);
  }

  /** Looks which checkpoints are whole; an event tells. */
  async list(): Promise<void> {
    const { files, handle } = this.#options;
    const checkpoints = await versionsNow(files);
    handle({ type: 'checkpoints', checkpoints });
  }

  /** Copies the shard at once, and writes the copy when it can. */
  checkpoint(effect: EffectOf<'checkpoint'>): void {
    const { shard, ledger } = this.#options.machine;
    if (shard === undefined) return;
    const snapshot = snapshotOf(shard, ledger, effect);
    this.#checkpoints.offer(snapshot);
    this.#options.snapshotTaken(snapshot);
  }

  /** Writes down what was applied to what. */
  order({ entry, start }: EffectOf<'order'>): void {
    if (entry) this.#order.append(entry);
    else this.#order.begin(start);
  }

  /** Resolves when no checkpoint is being written any more. Never rejects. */
  idle(): Promise<void> {
    return this.#checkpoints.idle();
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    await this.#checkpoints.idle();
    await this.#order.close();
  }

  /** What a replay needs up to a checkpoint is down before the checkpoint. */
  async #write(snapshot: Snapshot): Promise<string> {
    await this.#order.sync();
    return writeSnapshot(this.#options.files, snapshot);
  }

  #checkpointDone(outcome: CheckpointOutcome<Snapshot>): void {
    const { checkpointDone, handle } = this.#options;
    checkpointDone(outcome);
    const { version } = outcome.snapshot;
    const ok = outcome.outcome === 'written';
    handle({ type: 'checkpoint-done', version, ok });
  }
}
