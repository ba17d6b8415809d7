/**
 * The account of a run: what has entered the parameters, once each, and what
 * the epochs came to. Plain data; it is part of each checkpoint.
 */
import type { MessageOf, PushOutcome } from '@muster/protocol';
import type { Plan } from '../plan/plan.js';

/** What one epoch came to. */
export interface EpochResult {
  /** From 1. */
  readonly epoch: number;
  /** The version that was evaluated. */
  readonly version: number;
  /** Means over the epoch's training examples, dropout on, as Keras does. */
  readonly trainLoss: number;
  /** 0 to 1. */
  readonly trainAccuracy: number;
  /** Means over the whole test set. */
  readonly testLoss: number;
  /** 0 to 1. */
  readonly testAccuracy: number;
  /** Test examples that were classified correctly, and all of them. */
  readonly testCorrect: number;
  readonly testCount: number;
  /** Training time since the run began, all lives of it added. Milliseconds. */
  readonly trainMs: number;
}

/** Sums over examples. */
export interface Totals {
  /** Examples. */
  readonly count: number;
  /** Sum of their losses, float64. */
  readonly lossSum: number;
  /** How many of them were classified correctly. */
  readonly correct: number;
}

/** An epoch that is trained and not evaluated yet. */
export interface OwedEpoch {
  /** From 1. */
  readonly epoch: number;
  /** The version at its end. */
  readonly version: number;
  readonly totals: Totals;
  /** Training time up to its end, as in {@link EpochResult}. Milliseconds. */
  readonly trainMs: number;
}

/** A new version, as a server tells of it. */
export type AppliedReport = NonNullable<MessageOf<'received'>['applied']>;

/** Applied contributions are counted by staleness up to this one. */
const MAX_COUNTED_STALENESS = 256;

/** The ledger as it stands in a checkpoint: JSON. */
export interface LedgerState {
  /** Examples that have entered the parameters. */
  readonly examplesApplied: number;
  /** Examples that were pushed when they had entered already. */
  readonly examplesDuplicate: number;
  /** Examples of trained epochs that were not applied: 0, by construction. */
  readonly examplesLost: number;
  readonly pushes: Readonly<Record<PushOutcome, number>>;
  /** Applied contributions by staleness, from 0; the last holds all above. */
  readonly staleness: readonly number[];
  /** Of the epoch that is being trained. */
  readonly epochTotals: Totals;
  /** The epoch whose evaluation is still out, if there is one. */
  readonly owed: OwedEpoch | null;
  readonly history: readonly EpochResult[];
  /** Numerics fingerprint of the first contribution, if there was one. */
  readonly numerics: string | null;
  readonly backend: string | null;
  readonly reproducible: boolean;
  readonly trainMs: number;
}

const NOTHING: Totals = { count: 0, lossSum: 0, correct: 0 };

/** The ledger of a run that has not begun. */
export const EMPTY_LEDGER: LedgerState = {
  examplesApplied: 0,
  examplesDuplicate: 0,
  examplesLost: 0,
  pushes: { accepted: 0, duplicate: 0, overlap: 0, stale: 0, refused: 0 },
  staleness: [],
  epochTotals: NOTHING,
  owed: null,
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
  countPush(outcome: PushOutcome, count: number): void {
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

  /** Counts an applied contribution by its staleness. */
  countStaleness(staleness: number): void {
    const counts = [...this.#state.staleness];
    const index = Math.min(staleness, MAX_COUNTED_STALENESS);
    while (counts.length <= index) counts.push(0);
    counts[index] = (counts[index] ?? 0) + 1;
    this.#set({ staleness: counts });
  }

  /** Enters a new version. */
  apply(applied: Totals): void {
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

  /**
   * Ends the training of an epoch at this version; its evaluation is owed.
   * @param numTrain examples that every epoch applies.
   */
  endEpoch(version: number, numTrain: number): void {
    const { epochTotals, history, trainMs, examplesLost } = this.#state;
    const epoch = history.length + 1;
    this.#set({
      owed: { epoch, version, totals: epochTotals, trainMs },
      epochTotals: NOTHING,
      examplesLost: examplesLost + numTrain - epochTotals.count,
    });
  }

  /** Closes the owed epoch with the evaluation of its version. */
  closeEpoch(owed: OwedEpoch, test: Totals): EpochResult {
    const { epoch, version, totals, trainMs } = owed;
    const result: EpochResult = {
      ...{ epoch, version, trainMs },
      trainLoss: totals.lossSum / totals.count,
      trainAccuracy: totals.correct / totals.count,
      testLoss: test.lossSum / test.count,
      testAccuracy: test.correct / test.count,
      testCorrect: test.correct,
      testCount: test.count,
    };
    this.#set({ history: [...this.#state.history, result], owed: null });
    return result;
  }

  /** Whether an epoch ends with this version and was not ended yet. */
  owes(version: number, plan: Plan): boolean {
    if (!plan.endsEpoch(version)) return false;
    const { history, owed } = this.#state;
    const numEnded = history.length + (owed === null ? 0 : 1);
    // an older epoch may still be owed: then this one was not ended either
    const isThisOwed = owed?.version === version;
    return !isThisOwed && numEnded < version / plan.versionsPerEpoch;
  }

  /** Goes back, or takes over from another server. */
  replace(state: LedgerState): void {
    this.#state = state;
  }

  #set(change: Partial<LedgerState>): void {
    this.#state = { ...this.#state, ...change };
  }
}
