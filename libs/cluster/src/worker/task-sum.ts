/**
 * The worker's side of the sum: adds the leaves of one task in the tree's
 * order, so that its contribution has the bits the server would have made.
 */
import { TreeSum } from '@muster/optimizer';
import type { Contribution } from '@muster/optimizer';
import type { WireFormat } from '@muster/protocol';
import { rounderOf } from '../formats/slice-format.js';

/** Sums one task's leaves; buffers that become free go back to the pool. */
export class TaskSum {
  readonly #tree: TreeSum;
  readonly #round: ((slice: Float32Array) => void) | undefined;
  #numAdded = 0;

  /**
   * @param wire the run's format, to which every node is rounded.
   * @param recycle takes a float32 buffer that is not needed any more.
   */
  constructor(
    numLeaves: number,
    wire: WireFormat,
    recycle?: (buffer: Float32Array) => void,
  ) {
    this.#round = rounderOf(wire);
    this.#tree = new TreeSum(numLeaves, { recycle, round: this.#round });
  }

  /** Adds the next leaf, first to last; takes ownership of its slice. */
  addLeaf(leaf: Contribution): void {
    this.#round?.(leaf.slice);
    this.#tree.add(this.#numAdded, 1, leaf);
    this.#numAdded++;
  }

  /** The sum over all leaves; the caller owns its slice. */
  take(): Contribution {
    return this.#tree.takeRoot();
  }
}
