/**
 * Puts the length of a step's gradient together from what the servers say of
 * their parts.
 */

/** Versions of which some server has not spoken that are remembered. */
const MAX_WAITING = 64;

/** Sums of squares by version, in the servers' order. */
export class StepNorms {
  readonly #numShards: number;
  readonly #waiting = new Map<number, (number | undefined)[]>();

  constructor(numShards: number) {
    this.#numShards = numShards;
  }

  /** Adds a server's part; gives the L2 norm when it was the last one. */
  add(version: number, shard: number, squaredNorm: number): number | undefined {
    const parts = this.#waiting.get(version) ?? [];
    parts[shard] = squaredNorm;
    this.#waiting.set(version, parts);
    let sum = 0;
    for (let i = 0; i < this.#numShards; i++) {
      const part = parts[i];
      if (part === undefined) return this.#limit();
      sum += part;
    }
    this.#waiting.delete(version);
    return Math.sqrt(sum);
  }

  /** Forgets what waits: steps are done again. */
  clear(): void {
    this.#waiting.clear();
  }

  #limit(): undefined {
    if (this.#waiting.size <= MAX_WAITING) return undefined;
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined) this.#waiting.delete(oldest);
    return undefined;
  }
}
