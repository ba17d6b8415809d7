/**
 * What comes of a push. All of it is a value: that a gradient comes late,
 * twice, or as it must not be, is expected to happen.
 */
import type { ErrorCode } from '@muster/protocol';

/** What came of a push; `applied` is set when it made a new version. */
export type PushDecision =
  | {
      readonly outcome: 'accepted';
      /** Versions made since the one it was computed from; 0 in a step. */
      readonly staleness: number;
      readonly applied?: AppliedStep;
    }
  | { readonly outcome: 'duplicate' | 'overlap' | 'stale' }
  | {
      readonly outcome: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
    };

/** A new version: `version` exists now. */
export interface AppliedStep {
  readonly version: number;
  /** Global step that was worked on. */
  readonly step: number;
  /** Examples that went in. */
  readonly count: number;
  /** Sum of their losses, float64. */
  readonly lossSum: number;
  /** How many of them were classified correctly. */
  readonly correct: number;
  /** Of the run's schedule at that step, with the scaling by staleness. */
  readonly learningRate: number;
  /** Of the mean gradient over this shard's range: L2 norm, squared. */
  readonly squaredNorm: number;
  /** What the optimizer was given: float32 `[end - begin]`, not changed. */
  readonly sum: Float32Array;
}

/** The decision on what must not be added to anything. */
export function refused(code: ErrorCode, message: string): PushDecision {
  return { outcome: 'refused', code, message };
}
