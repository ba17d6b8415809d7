/**
 * Gradients that are applied one by one: which leaves are in, which are too
 * stale, and how long a step they make.
 */
import type { Consistency } from '@muster/protocol';

/** The account of one shard in the modes `bounded` and `async`. */
export class OnArrival {
  readonly #maxStaleness: number;
  readonly #isInverse: boolean;
  /** Every leaf at a place below is in. */
  #firstMissing: number;
  /** Places from there on that are in. */
  readonly #entered = new Set<number>();

  /** @param version at which it begins: as many leaves are in, the first ones. */
  constructor(consistency: Consistency, version: number) {
    const { maxStaleness, scaling } = boundsOf(consistency);
    this.#maxStaleness = maxStaleness;
    this.#isInverse = scaling === 'inverse';
    this.#firstMissing = version;
  }

  /**
   * Why a leaf is not applied now; nothing when it is.
   * @param place of the leaf in the run's order: `Plan.versionOf`.
   * @param base version that it was computed from.
   * @param version of the shard at present.
   */
  judge(
    place: number,
    base: number,
    version: number,
  ): 'duplicate' | 'stale' | undefined {
    if (place < this.#firstMissing || this.#entered.has(place)) {
      return 'duplicate';
    }
    const staleness = version - base;
    const isFresh = staleness >= 0 && staleness <= this.#maxStaleness;
    return isFresh ? undefined : 'stale';
  }

  /** Notes that a leaf is in. */
  enter(place: number): void {
    this.#entered.add(place);
    while (this.#entered.delete(this.#firstMissing)) this.#firstMissing++;
  }

  /**
   * Share of the learning rate for a gradient of this staleness: with
   * `inverse`, 1 / staleness from 2 on (Zhang et al. 2016, equation 5).
   */
  scaleOf(staleness: number): number {
    return this.#isInverse ? 1 / Math.max(1, staleness) : 1;
  }
}

/** The most staleness that a mode allows, in versions, and its scaling. */
export function boundsOf(consistency: Consistency): {
  maxStaleness: number;
  scaling: 'none' | 'inverse';
} {
  switch (consistency.name) {
    case 'bounded':
      return {
        maxStaleness: consistency.staleness,
        scaling: consistency.scaling,
      };
    case 'async':
      return {
        maxStaleness: consistency.maxStaleness,
        scaling: consistency.scaling,
      };
    case 'sync':
    case 'local':
      return { maxStaleness: 0, scaling: 'none' };
  }
}
