/**
 * One exact evaluation of a version, cut into chunks of the test set like a
 * step is cut into leaves: whoever computes them, the sums are the same.
 */
import { surestOf } from '@muster/data';
import type { TestMistake } from '@muster/data';
import { MAX_MISTAKES } from '@muster/protocol';
import type {
  ErrorCode,
  MessageOf,
  Packet,
  RunDefinition,
} from '@muster/protocol';
import type { OwedEpoch, Totals } from '../coordinator/ledger.js';
import { decodeMistakes, mistakesProblem } from '../formats/mistake-format.js';
import type { ExampleSizes } from '../formats/mistake-format.js';
import { TaskBoard } from './task-board.js';

/** Test examples in one evaluation task. Fixed: it orders the loss's sum. */
export const EVALUATION_CHUNK = 500;

/** The run's test examples: how many, and what they look like. */
export type TestSet = ExampleSizes & Pick<RunDefinition['dataset'], 'numTest'>;

/** What became of a chunk's counts. */
export type EvaluationDecision =
  | { readonly outcome: 'accepted' | 'duplicate' | 'stale' }
  | {
      readonly outcome: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
    };

/** Collects the chunks' counts of one version, and its surest mistakes. */
export class Evaluation {
  readonly owed: OwedEpoch;
  readonly board: TaskBoard;
  readonly #testSet: TestSet;
  readonly #chunks: (Totals | undefined)[];
  #mistakes: readonly TestMistake[] = [];

  constructor(owed: OwedEpoch, testSet: TestSet) {
    this.owed = owed;
    this.#testSet = testSet;
    const { numTest } = testSet;
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
    const { numTest } = this.#testSet;
    return { begin, end: Math.min(begin + EVALUATION_CHUNK, numTest) };
  }

  /**
   * Of the mistakes of all chunks that are in those of whose answer the
   * network is surest, the same for any cluster.
   */
  get mistakes(): readonly TestMistake[] {
    return this.#mistakes;
  }

  /** Decides on a chunk's counts; its payload is not kept. */
  add(packet: Packet<MessageOf<'evaluated'>>): EvaluationDecision {
    const { message } = packet;
    if (message.version !== this.version) return { outcome: 'stale' };
    const chunk = Math.floor(message.begin / EVALUATION_CHUNK);
    if (!this.#fits(message, chunk)) return refusedCounts(message);
    if (this.#chunks[chunk] !== undefined) return { outcome: 'duplicate' };
    const problem = mistakesProblem(packet, this.#testSet);
    if (problem !== undefined) return { outcome: 'refused', ...problem };
    const mistakes = decodeMistakes(packet, this.#testSet);
    this.#mistakes = surestOf([...this.#mistakes, ...mistakes], MAX_MISTAKES);
    const { count, correct, lossSum } = message;
    this.#chunks[chunk] = { count, correct, lossSum };
    this.board.mark(0, chunk, 1);
    return { outcome: 'accepted' };
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

function refusedCounts({
  begin,
  end,
  count,
  correct,
}: MessageOf<'evaluated'>): EvaluationDecision {
  return {
    outcome: 'refused',
    code: 'ERR_MALFORMED_MESSAGE',
    message: `an evaluation of test examples ${begin} to ${end - 1} was refused: expected one chunk of ${EVALUATION_CHUNK}, or what is left, and no more right than there are, got ${count} examples and ${correct} right`,
  };
}
