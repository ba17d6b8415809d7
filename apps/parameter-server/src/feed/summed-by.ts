/**
 * Whose sums of leaves counted, for the steps that are worked on.
 */
import type { RunReport } from '@muster/cluster';

/** Steps that are remembered. */
const MAX_STEPS = 4;

/** See the head of this file. */
export class SummedBy {
  /** Workers by leaf, by step. */
  readonly #steps = new Map<number, string[]>();

  /** Hears of a push. */
  pushed(report: Extract<RunReport, { type: 'pushed' }>): void {
    const { workerId, outcome, step, firstLeaf, numLeaves } = report;
    if (outcome !== 'accepted') return;
    const leaves = this.#steps.get(step) ?? [];
    leaves.length = Math.max(leaves.length, firstLeaf + numLeaves);
    leaves.fill(workerId, firstLeaf, firstLeaf + numLeaves);
    this.#steps.set(step, leaves);
    const [oldest] = this.#steps.keys();
    if (this.#steps.size > MAX_STEPS && oldest !== undefined) {
      this.#steps.delete(oldest);
    }
  }

  /** Whose sum of a leaf counted, if it is known. */
  of(step: number, leaf: number): string | undefined {
    return this.#steps.get(step)?.[leaf];
  }
}
