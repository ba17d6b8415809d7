// Clusters of one to three shards over many lives, each ended by a power cut in
// the middle of checkpoint writes: 10,000 of them, all from seeds.
import { describe, expect, it } from 'vitest';
import { readWholeRun } from './read-whole-run.js';
import { reshard } from './reshard.js';
import type { KeyRange } from './snapshot.js';
import { MemoryDisk, seededIntegers } from './testing.js';
import {
  evenRanges,
  LOSSES,
  pause,
  ROOT,
  runSnapshotOf,
  writeRun,
  writeSlice,
} from './testing-run.js';

/** A cluster over many lives, each ended by a power cut; all from a seed. */
class History {
  readonly #integer: (limit: number) => number;
  readonly #numParameters: number;
  readonly #keepsCommitted: boolean;
  #disk = new MemoryDisk();
  #ranges: readonly KeyRange[];
  /** The newest version that every shard has written, and in which life. */
  #committed = { version: 0, life: 0 };
  #life = 0;
  /** Lives that ended in the middle of a write. */
  numCuts = 0;
  /** Cuts in the middle of resharding, besides. */
  numReshardCuts = 0;
  /** Committed versions that were not found. */
  numLost = 0;

  constructor(seed: number, keepsCommitted: boolean) {
    this.#integer = seededIntegers(seed);
    this.#numParameters = 3 + this.#integer(60);
    this.#keepsCommitted = keepsCommitted;
    this.#ranges = this.#randomRanges();
  }

  async run(numCuts: number): Promise<void> {
    const start = runSnapshotOf(0, this.#numParameters);
    await writeRun(this.#disk, start, evenRanges(1, this.#numParameters));
    while (this.numCuts < numCuts && this.numLost === 0) {
      await this.#resume();
      await this.#live();
      await this.#check();
    }
  }

  /** Starts a life; now and then with other ranges, or a cut on the way. */
  async #resume(): Promise<void> {
    if (this.#integer(8) === 0) {
      this.#ranges = this.#randomRanges();
      this.#disk.cutPowerAfter(this.#integer(60));
      const cut = await this.#reshard().catch(() => undefined);
      if (cut === undefined) this.numReshardCuts += 1;
      this.#cutPower();
      await this.#check();
    }
    expect(await this.#reshard()).toBe(this.#committed.version);
    this.#life += 1;
  }

  /** Rounds in which every shard writes some versions, until the cut. */
  async #live(): Promise<void> {
    const written = this.#ranges.map(() => new Set([this.#committed.version]));
    for (let offered = this.#committed.version, isCut = false; !isCut; ) {
      isCut = this.#integer(8) > 0;
      const operations = this.#integer(15 * this.#ranges.length);
      if (isCut) this.#disk.cutPowerAfter(operations);
      offered += 1 + this.#integer(3);
      const versions = [offered, (offered += 1)].slice(this.#integer(2));
      const results = await this.#writeAtOnce(versions, written);
      if (results.includes('rejected')) this.numCuts += 1;
      this.#commit(written);
    }
    this.#cutPower();
  }

  /** A shard that is busy does not write every version that is offered. */
  async #writeAtOnce(
    versions: readonly number[],
    written: readonly Set<number>[],
  ): Promise<string[]> {
    const keepFrom = this.#committed.version;
    const results = await Promise.allSettled(
      written.map(async (own, shard) => {
        await pause(this.#integer(60));
        for (const version of versions) {
          if (this.#integer(4) === 0) continue;
          await this.#write(shard, version, keepFrom);
          own.add(version);
        }
      }),
    );
    return results.map(({ status }) => status);
  }

  #commit([first = new Set(), ...others]: readonly Set<number>[]): void {
    const common = [...first].filter((v) => others.every((o) => o.has(v)));
    const version = Math.max(...common);
    if (version === this.#committed.version) return;
    this.#committed = { version, life: this.#life };
  }

  async #write(
    shard: number,
    version: number,
    keepFrom: number,
  ): Promise<void> {
    const snapshot = runSnapshotOf(version, this.#numParameters, this.#life);
    const keep = 1 + this.#integer(2);
    const retention = this.#keepsCommitted ? { keep, keepFrom } : { keep };
    await writeSlice(this.#disk, snapshot, this.#ranges, shard, retention);
  }

  #reshard(): Promise<number> {
    return reshard(ROOT, this.#ranges, { disk: this.#disk });
  }

  #cutPower(): void {
    const loss = LOSSES[this.#integer(LOSSES.length)] ?? 'everything';
    this.#disk = this.#disk.afterPowerCut(loss);
  }

  /** Whether what is found is the committed version, or a newer whole one. */
  async #check(): Promise<void> {
    const disk = this.#disk;
    const found = await readWholeRun(ROOT, { disk }).catch(() => undefined);
    const { version = -1, path, ledger } = found?.checkpoint ?? {};
    if (version < this.#committed.version) {
      this.numLost += 1;
      return;
    }
    // All slices are of one life: that which committed it, or the last.
    const isNewer = version > this.#committed.version;
    const life = isNewer ? this.#life : this.#committed.life;
    const expected = runSnapshotOf(version, this.#numParameters, life);
    expect(ledger).toEqual(expected.ledger);
    expect(found).toEqual({ checkpoint: { ...expected, path }, damaged: [] });
    this.#committed = { version, life };
  }

  #randomRanges(): readonly KeyRange[] {
    const numShards = 1 + this.#integer(3);
    if (this.#integer(2) === 0) {
      return evenRanges(numShards, this.#numParameters);
    }
    const bounds = new Set([0, this.#numParameters]);
    while (bounds.size <= numShards) {
      bounds.add(this.#integer(this.#numParameters));
    }
    const sorted = [...bounds].sort((a, b) => a - b);
    return sorted
      .slice(1)
      .map((end, index) => ({ begin: sorted[index] ?? 0, end }));
  }
}

describe('10,000 power cuts while checkpoints are written', () => {
  const NUM_SEEDS = 20;
  const NUM_CUTS = 10_000 / NUM_SEEDS;

  it.each(Array.from({ length: NUM_SEEDS }, (_, index) => index + 1))(
    'lose no committed checkpoint (seed %i)',
    async (seed) => {
      const history = new History(seed, true);
      await history.run(NUM_CUTS);
      expect(history.numLost).toBe(0);
      expect(history.numCuts).toBe(NUM_CUTS);
      expect(history.numReshardCuts).toBeGreaterThan(NUM_CUTS / 50);
    },
  );

  it('would lose some, if shards did not keep what all have', async () => {
    for (let seed = 1; seed <= NUM_SEEDS; seed++) {
      const history = new History(seed, false);
      await history.run(NUM_CUTS);
      if (history.numLost > 0) return;
    }
    expect.unreachable('the simulation cannot tell');
  });
});
