/**
 * Does what several servers and workers did at once again, one contribution
 * after the other: each server applies what it applied, in its order, and
 * each gradient is computed from the very slices that it was computed from.
 */
import type { OrderEntry, ParameterShard } from '@muster/cluster';
import { MusterError } from '@muster/protocol';
import type { OrderSegment } from './order-files.js';

/** A gradient over all parameters, and its sums. */
export interface ReplayedGradient {
  /** float32 `[numParameters]`. */
  readonly gradient: Float32Array;
  readonly count: number;
  readonly lossSum: number;
  readonly correct: number;
}

/** Computes one leaf's gradient at some parameters. */
export type ComputeLeaf = (
  step: number,
  leaf: number,
  parameters: Float32Array,
) => Promise<ReplayedGradient>;

/** See the head of this file. */
export class SegmentReplay {
  readonly #segment: OrderSegment;
  readonly #shards: readonly ParameterShard[];
  readonly #compute: ComputeLeaf;
  /** Slices that an entry still needs, by server and version. */
  readonly #slices: Map<number, Float32Array>[];
  /** How many entries will need a slice, by server and version. */
  readonly #needed: Map<number, number>[];
  /** Gradients that another server still needs. */
  readonly #gradients = new Map<
    string,
    { uses: number; result: ReplayedGradient }
  >();

  /** @param shards at version `segment.from`, one a server. */
  constructor(
    segment: OrderSegment,
    shards: readonly ParameterShard[],
    compute: ComputeLeaf,
  ) {
    this.#segment = segment;
    this.#shards = shards;
    this.#compute = compute;
    this.#slices = shards.map(() => new Map<number, Float32Array>());
    this.#needed = shards.map(() => new Map<number, number>());
    for (const key of this.#uses().keys()) {
      keyBases(key).forEach((base, server) => {
        const needed = this.#needed[server];
        needed?.set(base, (needed.get(base) ?? 0) + 1);
      });
    }
    this.#shards.forEach((_, server) => this.#keep(server));
  }

  /**
   * Brings every server to `segment.end`.
   * @throws MusterError `ERR_INTERNAL` when an entry cannot have happened.
   */
  async run(): Promise<void> {
    const uses = this.#uses();
    const next = this.#shards.map(() => 0);
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (const [server, entries] of this.#segment.servers.entries()) {
        const entry = entries[next[server] ?? 0];
        if (entry === undefined || !this.#canCompute(entry)) continue;
        await this.#apply(server, entry, uses);
        next[server] = (next[server] ?? 0) + 1;
        isMoving = true;
      }
    }
    const { end } = this.#segment;
    if (this.#shards.every(({ version }) => version === end)) return;
    throw new MusterError(
      'ERR_INTERNAL',
      `the recorded order cannot have happened: servers stand at versions ${this.#shards.map(({ version }) => version).join(', ')} of ${end}`,
    );
  }

  /** How many servers applied each gradient. */
  #uses(): Map<string, number> {
    const uses = new Map<string, number>();
    for (const entry of this.#segment.servers.flat()) {
      const key = keyOf(entry);
      uses.set(key, (uses.get(key) ?? 0) + 1);
    }
    return uses;
  }

  #canCompute(entry: OrderEntry): boolean {
    if (this.#gradients.has(keyOf(entry))) return true;
    return entry.bases.every(
      (base, server) => this.#slices[server]?.has(base) === true,
    );
  }

  async #apply(
    server: number,
    entry: OrderEntry,
    uses: ReadonlyMap<string, number>,
  ): Promise<void> {
    const shard = this.#shards[server];
    if (shard === undefined) return;
    const { gradient, count, lossSum, correct } = await this.#gradientOf(
      entry,
      uses,
    );
    const { begin, end } = shard;
    const { step, leaf, bases } = entry;
    const decision = shard.push({
      ...{ step, firstLeaf: leaf, numLeaves: 1, begin, end },
      ...{ count, lossSum, correct, base: bases[server] ?? -1 },
      slice: gradient.slice(begin, end),
    });
    if (decision.outcome !== 'accepted') {
      throw new MusterError(
        'ERR_INTERNAL',
        `leaf ${leaf} of step ${step} is ${decision.outcome} at server ${server}, it was accepted there`,
      );
    }
    this.#keep(server);
  }

  async #gradientOf(
    entry: OrderEntry,
    uses: ReadonlyMap<string, number>,
  ): Promise<ReplayedGradient> {
    const key = keyOf(entry);
    const known = this.#gradients.get(key);
    if (known !== undefined) {
      if (--known.uses === 0) this.#gradients.delete(key);
      return known.result;
    }
    const last = this.#shards.at(-1)?.end ?? 0;
    const parameters = new Float32Array(last);
    entry.bases.forEach((base, server) => {
      const slice = this.#slices[server]?.get(base);
      if (slice) parameters.set(slice, this.#shards[server]?.begin ?? 0);
      this.#release(server, base);
    });
    const result = await this.#compute(entry.step, entry.leaf, parameters);
    const left = (uses.get(key) ?? 1) - 1;
    if (left > 0) this.#gradients.set(key, { uses: left, result });
    return result;
  }

  /** Copies a server's newest slice, if an entry will need it. */
  #keep(server: number): void {
    const shard = this.#shards[server];
    if (shard === undefined) return;
    const { version, parameters } = shard;
    if ((this.#needed[server]?.get(version) ?? 0) === 0) return;
    this.#slices[server]?.set(version, parameters.slice());
  }

  #release(server: number, version: number): void {
    const left = (this.#needed[server]?.get(version) ?? 1) - 1;
    this.#needed[server]?.set(version, left);
    if (left === 0) this.#slices[server]?.delete(version);
  }
}

/** A leaf computed from other slices is another gradient. */
function keyOf({ step, leaf, bases }: OrderEntry): string {
  return [step, leaf, ...bases].join(' ');
}

function keyBases(key: string): number[] {
  return key.split(' ').slice(2).map(Number);
}
