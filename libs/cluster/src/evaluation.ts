/**
 * One exact evaluation of a version, cut into chunks of the test set like a
 * step is cut into leaves: whoever computes them, the sums are the same.
 */
import type { MessageOf } from '@muster/protocol';
import type { OwedEpoch, Totals } from './ledger.js';
import { TaskBoard } from './task-board.js';

/** Test examples in one evaluation task. Fixed: it orders the loss's sum. */
export const EVALUATION_CHUNK = 500;

/** Collects the chunks' counts of one version. */
export class Evaluation {
  readonly owed: OwedEpoch;
  readonly board: TaskBoard;
  readonly #numTest: number;
  readonly #chunks: (Totals | undefined)[];

  constructor(owed: OwedEpoch, numTest: number) {
    this.owed = owed;
    this.#numTest = numTest;
    this.board = new TaskBoard(Math.ceil(numTest / EVALUATION_CHUNK));
    this.#chunks = Array.from({ length: this.board.numUnits });
  }

  /** The version that is evaluated. */
  get version(): number {
    return this.owed.version;
  }

  /** Examples `[begin, end)` of one chunk. */
  rangeOf(chunk: number): { begin: number; end: number } {
    const begin = chunk * EVALUATION_CHUNK;
    return { begin, end: Math.min(begin + EVALUATION_CHUNK, this.#numTest) };
  }

  /** Decides on a chunk's counts. */
  add(
    message: MessageOf<'evaluated'>,
  ): 'accepted' | 'duplicate' | 'stale' | 'refused' {
    if (message.version !== this.version) return 'stale';
    const chunk = Math.floor(message.begin / EVALUATION_CHUNK);
    if (!this.#fits(message, chunk)) return 'refused';
    if (this.#chunks[chunk] !== undefined) return 'duplicate';
    const { count, correct, lossSum } = message;
    this.#chunks[chunk] = { count, correct, lossSum };
    this.board.mark(0, chunk, 1);
    return 'accepted';
  }

  /** The sums in the chunks' order; all chunks must be in. */
  totals(): Totals {
    const totals = { count: 0, correct: 0, lossSum: 0 };
    for (const chunk of this.#chunks) {
      totals.count += chunk?.count ?? 0;
      totals.correct += chunk?.correct ?? 0;
      totals.lossSum += chunk?.lossSum ?? 0;
    }
    return totals;
  }

  #fits(message: MessageOf<'evaluated'>, chunk: number): boolean {
    if (chunk >= this.#chunks.length) return false;
    const { begin, end } = this.rangeOf(chunk);
    return (
      message.begin === begin &&
      message.end === end &&
      message.count === end - begin &&
      message.correct <= message.count
    );
  }
}
