/**
 * The sum of one step's leaves in its one order, whatever the order in which
 * they come:
 *
 *     ((l0 + l1) + (l2 + l3)) + (l4 + l5)          six leaves
 *
 * Node `i` of level `k` covers leaves `[i 2^k, min((i+1) 2^k, numLeaves))`;
 * a node whose right half is empty is its left child. A run of leaves that is
 * exactly one node is *aligned*: whoever holds it may add it up first, with a
 * tree of its own, and the bits are the same.
 *
 * Where slices travel in fewer bits, every node is rounded: a leaf by whoever
 * has computed it, every other one when it is joined, on whichever side. So
 * what is pushed can be encoded without a loss, and the bits are the same
 * again.
 */
import { addInto } from './add-into.js';

const MAX_LEAVES = 2 ** 24;

/** What one worker's leaves came to: sums over examples, never means. */
export interface Contribution {
  /** Sum of the gradients of `count` examples, [end - begin] float32. */
  slice: Float32Array;
  /** Examples that went in. */
  count: number;
  /** Sum of their losses, float64. */
  lossSum: number;
  /** How many of them were classified correctly. */
  correct: number;
}

/** What is done with the slices of a tree beside adding them. */
export interface TreeSumOptions {
  /**
   * Is given each buffer that has been added into another and is not needed
   * any more.
   */
  readonly recycle?: ((slice: Float32Array) => void) | undefined;
  /**
   * Rounds each node that is joined here, in place. What is added from
   * outside has to be rounded already.
   */
  readonly round?: ((slice: Float32Array) => void) | undefined;
}

/** A node that waits for its sibling. */
interface Node {
  readonly numLeaves: number;
  readonly contribution: Contribution;
}

/** Adds the leaves of one step as a fixed binary tree, as they arrive. */
export class TreeSum {
  readonly #numLeaves: number;
  readonly #options: TreeSumOptions;
  readonly #isIn: Uint8Array;
  /** By first leaf: nodes are disjoint, so no two begin at the same one. */
  readonly #waiting = new Map<number, Node>();
  #leavesIn = 0;

  /**
   * @param numLeaves - leaves of the step, 1 to 2^24.
   * @throws RangeError if `numLeaves` is out of range.
   */
  constructor(numLeaves: number, options: TreeSumOptions = {}) {
    if (
      !Number.isInteger(numLeaves) ||
      !(numLeaves >= 1 && numLeaves <= MAX_LEAVES)
    ) {
      throw new RangeError(
        `tree sum: expected 1 to ${MAX_LEAVES} leaves, got ${numLeaves}`,
      );
    }
    this.#numLeaves = numLeaves;
    this.#options = options;
    this.#isIn = new Uint8Array(numLeaves);
  }

  /**
   * Whether leaves `[firstLeaf, firstLeaf + numLeavesOfRun)` are exactly one
   * node of the tree over `numLeaves` leaves.
   */
  static isAligned(
    firstLeaf: number,
    numLeavesOfRun: number,
    numLeaves: number,
  ): boolean {
    if (!isRun(firstLeaf, numLeavesOfRun, numLeaves)) return false;
    const width = powerOfTwoFrom(numLeavesOfRun);
    const isWhole = numLeavesOfRun === width;
    const reachesEnd = firstLeaf + numLeavesOfRun === numLeaves;
    return firstLeaf % width === 0 && (isWhole || reachesEnd);
  }

  /** Leaves added so far, also after {@link takeRoot}. */
  get leavesIn(): number {
    return this.#leavesIn;
  }

  /** Whether every leaf is in; stays true after {@link takeRoot}. */
  get isFull(): boolean {
    return this.#leavesIn === this.#numLeaves;
  }

  /**
   * How many of these leaves are in already. The run need not be aligned.
   *
   * @throws RangeError if the run is empty or not within the step.
   */
  covers(firstLeaf: number, numLeaves: number): 'none' | 'some' | 'all' {
    if (!isRun(firstLeaf, numLeaves, this.#numLeaves)) {
      throw new RangeError(this.#describe(firstLeaf, numLeaves));
    }
    let present = 0;
    for (let i = firstLeaf; i < firstLeaf + numLeaves; i++) {
      present += this.#isIn[i] as number;
    }
    if (present === 0) return 'none';
    return present === numLeaves ? 'all' : 'some';
  }

  /**
   * Takes in an aligned run, and joins it at once with its sibling if that is
   * there, and so on upward: left + right, in the left one's buffer, rounded
   * where the tree rounds. Nothing is changed when it throws.
   *
   * @param contribution - already the tree sum of the run; from here on the
   *   tree owns its `slice` and writes into it.
   * @throws RangeError if the run is not aligned, or the slice has another
   *   length than those before.
   * @throws Error if any of the leaves is already in: ask {@link covers}.
   */
  add(firstLeaf: number, numLeaves: number, contribution: Contribution): void {
    this.#check(firstLeaf, numLeaves, contribution.slice.length);
    this.#isIn.fill(1, firstLeaf, firstLeaf + numLeaves);
    this.#leavesIn += numLeaves;
    this.#place(firstLeaf, powerOfTwoFrom(numLeaves), contribution);
  }

  /**
   * Hands out the whole sum, once; the caller owns its buffer.
   *
   * @throws Error if leaves are missing, or it was taken before.
   */
  takeRoot(): Contribution {
    if (!this.isFull) {
      throw new Error(
        `tree sum: expected ${this.#numLeaves} leaves, got ${this.#leavesIn}`,
      );
    }
    const root = this.#waiting.get(0);
    if (root === undefined) throw new Error('tree sum: root taken before');
    this.#waiting.delete(0);
    return root.contribution;
  }

  /** Climbs from the node of width `width` at `first` as far as siblings are there. */
  #place(first: number, width: number, contribution: Contribution): void {
    let begin = first;
    let joined = contribution;
    for (let span = width; span < this.#numLeaves; span *= 2) {
      const isLeft = begin % (2 * span) === 0;
      const siblingBegin = isLeft ? begin + span : begin - span;
      if (siblingBegin >= this.#numLeaves) continue;
      const sibling = this.#waiting.get(siblingBegin);
      const siblingLeaves = this.#widthAt(siblingBegin, span);
      if (sibling?.numLeaves !== siblingLeaves) {
        this.#waiting.set(begin, {
          numLeaves: this.#widthAt(begin, span),
          contribution: joined,
        });
        return;
      }
      this.#waiting.delete(siblingBegin);
      joined = isLeft
        ? this.#join(joined, sibling.contribution)
        : this.#join(sibling.contribution, joined);
      begin = Math.min(begin, siblingBegin);
    }
    this.#waiting.set(0, { numLeaves: this.#numLeaves, contribution: joined });
  }

  #join(left: Contribution, right: Contribution): Contribution {
    const { round, recycle } = this.#options;
    addInto(left.slice, right.slice);
    round?.(left.slice);
    recycle?.(right.slice);
    return {
      slice: left.slice,
      count: left.count + right.count,
      lossSum: left.lossSum + right.lossSum,
      correct: left.correct + right.correct,
    };
  }

  #check(firstLeaf: number, numLeaves: number, length: number): void {
    if (!TreeSum.isAligned(firstLeaf, numLeaves, this.#numLeaves)) {
      throw new RangeError(this.#describe(firstLeaf, numLeaves));
    }
    if (this.covers(firstLeaf, numLeaves) !== 'none') {
      throw new Error(
        `tree sum: leaves [${firstLeaf}, ${firstLeaf + numLeaves}) are already in`,
      );
    }
    for (const { contribution } of this.#waiting.values()) {
      const expected = contribution.slice.length;
      if (expected === length) break;
      throw new RangeError(
        `tree sum: expected slices of ${expected} elements, got ${length}`,
      );
    }
  }

  #widthAt(begin: number, span: number): number {
    return Math.min(span, this.#numLeaves - begin);
  }

  #describe(firstLeaf: number, numLeaves: number): string {
    return `tree sum: expected an aligned run within ${this.#numLeaves} leaves, got ${numLeaves} from leaf ${firstLeaf}`;
  }
}

function isRun(first: number, length: number, numLeaves: number): boolean {
  return (
    Number.isInteger(first) &&
    Number.isInteger(length) &&
    first >= 0 &&
    length >= 1 &&
    first + length <= numLeaves
  );
}

/** The smallest power of two that is at least `n`. */
function powerOfTwoFrom(n: number): number {
  let width = 1;
  while (width < n) width *= 2;
  return width;
}
