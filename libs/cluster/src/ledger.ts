/**
 * The account of a run: what has entered the parameters, once each, and what
 * the epochs came to. Plain data; it is part of each checkpoint.
 */
import type { AppliedStep } from './parameter-shard.js';
import type { Schedule } from './schedule.js';

/** What one epoch came to. */
export interface EpochResult {
  /** From 1. */
  readonly epoch: number;
  /** The version that was evaluated. */
  readonly version: number;
  /** Means over the epoch's training examples, dropout on, as Keras does. */
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  /** Means over the whole test set. */
  readonly testLoss: number;
  readonly testAccuracy: number;
  readonly testCorrect: number;
  readonly testCount: number;
  /** Training time since the run began, all lives of it added. Milliseconds. */
  readonly trainMs: number;
}

/** Sums over examples. */
export interface Totals {
  readonly count: number;
  readonly lossSum: number;
  readonly correct: number;
}

/** The ledger as it stands in a checkpoint: JSON. */
export interface LedgerState {
  readonly examplesApplied: number;
  readonly examplesDuplicate: number;
  readonly pushes: Readonly<Record<PushCounter, number>>;
  /** Of the epoch that is being trained. */
  readonly epochTotals: Totals;
  readonly history: readonly EpochResult[];
  /** Numerics fingerprint of the first contribution, if there was one. */
  readonly numerics: string | null;
  readonly backend: string | null;
  readonly reproducible: boolean;
  readonly trainMs: number;
}

type PushCounter = 'accepted' | 'duplicate' | 'stale' | 'refused';

const NOTHING: Totals = { count: 0, lossSum: 0, correct: 0 };

/** The ledger of a run that has not begun. */
export const EMPTY_LEDGER: LedgerState = {
  examplesApplied: 0,
  examplesDuplicate: 0,
  pushes: { accepted: 0, duplicate: 0, stale: 0, refused: 0 },
  epochTotals: NOTHING,
  history: [],
  numerics: null,
  backend: null,
  reproducible: true,
  trainMs: 0,
};

/** Keeps the account. Synchronous; states are immutable values. */
export class Ledger {
  #state: LedgerState;

  constructor(state: LedgerState) {
    this.#state = state;
  }

  /** The account now: an immutable value, safe to keep. */
  get state(): LedgerState {
    return this.#state;
  }

  /** Counts a push by outcome; a duplicate's examples were applied already. */
  countPush(outcome: PushCounter, count: number): void {
    const { pushes, examplesDuplicate } = this.#state;
    this.#set({
      pushes: { ...pushes, [outcome]: pushes[outcome] + 1 },
      examplesDuplicate:
        examplesDuplicate + (outcome === 'duplicate' ? count : 0),
    });
  }

  /**
   * Remembers whose numerics went in; the first contribution sets what the
   * others must equal for the run to be reproducible.
   * @returns whether this contribution made the run not reproducible.
   */
  countNumerics(numerics: string, backend: string): boolean {
    const state = this.#state;
    if (state.numerics === null) {
      this.#set({ numerics, backend });
      return false;
    }
    if (state.numerics === numerics || !state.reproducible) return false;
    this.#set({ reproducible: false });
    return true;
  }

  /** Enters an applied step. */
  applyStep(applied: AppliedStep): void {
    const { examplesApplied, epochTotals } = this.#state;
    this.#set({
      examplesApplied: examplesApplied + applied.count,
      epochTotals: {
        count: epochTotals.count + applied.count,
        lossSum: epochTotals.lossSum + applied.lossSum,
        correct: epochTotals.correct + applied.correct,
      },
    });
  }

  /** Adds time in which steps were worked on. Milliseconds. */
  addTrainTime(milliseconds: number): void {
    this.#set({ trainMs: this.#state.trainMs + milliseconds });
  }

  /** Closes an epoch with the evaluation of its last version. */
  closeEpoch(version: number, test: Totals): EpochResult {
    const { epochTotals, history, trainMs } = this.#state;
    const result: EpochResult = {
      epoch: history.length + 1,
      version,
      trainLoss: epochTotals.lossSum / epochTotals.count,
      trainAccuracy: epochTotals.correct / epochTotals.count,
      testLoss: test.lossSum / test.count,
      testAccuracy: test.correct / test.count,
      testCorrect: test.correct,
      testCount: test.count,
      trainMs,
    };
    this.#set({ history: [...history, result], epochTotals: NOTHING });
    return result;
  }

  /** Whether version `version` ends an epoch that was not evaluated yet. */
  owesEvaluation(version: number, schedule: Schedule): boolean {
    if (version === 0 || version % schedule.stepsPerEpoch !== 0) return false;
    return this.#state.history.length < version / schedule.stepsPerEpoch;
  }

  #set(change: Partial<LedgerState>): void {
    this.#state = { ...this.#state, ...change };
  }
}
