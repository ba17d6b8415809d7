/**
 * The order in which gradients were applied, where they are applied as they
 * arrive: `order/from-VERSION-shard-K-of-N.order`, a few bytes a contribution.
 *
 * One file for each time that training began from a version; where a later
 * one begins, the earlier ones end.
 */
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeOrder } from '@muster/cluster';
import type { OrderEntry } from '@muster/cluster';

const NAME = /^from-(\d{8,16})-shard-(\d+)-of-(\d+)\.order$/;
/** Entries that are gathered before they are written. */
const MAX_WAITING_BYTES = 16_384;

/** Appends entries of one server. */
export class OrderFile {
  readonly #directory: string;
  readonly #shard: number;
  readonly #numShards: number;
  #file: FileHandle | undefined;
  #waiting: number[] = [];
  #version = 0;
  /** What is to be done, one after the other. */
  #queue: Promise<void> = Promise.resolve();

  /** @param run the run's folder. */
  constructor(run: string, shard: number, numShards: number) {
    this.#directory = join(run, 'order');
    this.#shard = shard;
    this.#numShards = numShards;
  }

  /** Begins at a version: what was recorded from there on is void. */
  begin(version: number): void {
    this.#waiting = [];
    this.#version = version;
    this.#queue = this.#queue.then(() => this.#begin(version));
  }

  /** Adds an entry; it is durable after the next {@link sync}. */
  append(entry: OrderEntry): void {
    this.#version++;
    this.#waiting.push(...encodeOrder(entry, this.#version));
    if (this.#waiting.length >= MAX_WAITING_BYTES) this.#flush();
  }

  /** Makes all entries so far durable. */
  async sync(): Promise<void> {
    this.#flush();
    await this.#queue;
    await this.#file?.sync();
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    await this.sync();
    await this.#file?.close();
    this.#file = undefined;
  }

  #flush(): void {
    const bytes = Uint8Array.from(this.#waiting);
    this.#waiting = [];
    if (bytes.length === 0) return;
    this.#queue = this.#queue.then(async () => {
      await this.#file?.write(bytes);
    });
  }

  async #begin(version: number): Promise<void> {
    await this.#file?.close();
    await mkdir(this.#directory, { recursive: true });
    for (const name of await readdir(this.#directory)) {
      const [, from, shard, numShards] = NAME.exec(name) ?? [];
      const isOurs =
        Number(shard) === this.#shard || Number(numShards) !== this.#numShards;
      if (from === undefined || Number(from) < version || !isOurs) continue;
      await rm(join(this.#directory, name), { force: true });
    }
    const digits = String(version).padStart(8, '0');
    const name = `from-${digits}-shard-${this.#shard}-of-${this.#numShards}.order`;
    this.#file = await open(join(this.#directory, name), 'w');
  }
}
