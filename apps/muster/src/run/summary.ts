/**
 * `summary.json`: what a run came to, for programs.
 */
import type { EpochSummary, RunDefinition, RunResult } from '@muster/protocol';

/** The contents of `summary.json`. */
export interface Summary {
  readonly runId: string;
  readonly outcome: 'finished' | 'drained';
  /** On the whole test set after the last whole epoch; null before it. */
  readonly testAccuracy: number | null;
  readonly testLoss: number | null;
  /** Of the float32 little-endian parameters. */
  readonly parametersSha256: string;
  /** Whether another cluster would come to the same bits. */
  readonly reproducible: boolean;
  /** Versions made: steps, rounds of local steps, or contributions. */
  readonly steps: number;
  /** Whole epochs that were trained. */
  readonly epochs: number;
  readonly examplesApplied: number;
  readonly examplesDuplicate: number;
  /** Examples of finished epochs that were not applied: 0. */
  readonly examplesLost: number;
  /** Applied contributions by staleness in versions, that of 0 first. */
  readonly staleness: readonly number[];
  readonly imagesPerSecond: number;
  readonly trainSeconds: number;
  /** From the command's start to its end, start of processes included. */
  readonly wallSeconds: number;
  readonly workers: number;
  readonly servers: number;
  /** Of all servers together. */
  readonly standbys: number;
  /** Processes that were started again, in this call of the command. */
  readonly restarts: number;
  readonly consistency: string;
  readonly seed: number;
  readonly backend: string | null;
  readonly numerics: string | null;
  readonly history: readonly EpochSummary[];
}

/** What the launcher knows of a run beside its coordinator. */
export type LauncherFigures = Pick<
  Summary,
  | 'parametersSha256'
  | 'workers'
  | 'servers'
  | 'standbys'
  | 'restarts'
  | 'wallSeconds'
>;

/** Puts a summary together. */
export function summaryOf(
  run: RunDefinition,
  outcome: 'finished' | 'drained',
  result: RunResult,
  launcher: LauncherFigures,
): Summary {
  const last = result.history.at(-1);
  const { steps, reproducible, history } = result;
  const { examplesApplied, examplesDuplicate, examplesLost } = result;
  const { workers, servers, standbys, restarts, wallSeconds } = launcher;
  return {
    runId: run.runId,
    outcome,
    testAccuracy: last?.testAccuracy ?? null,
    testLoss: last?.testLoss ?? null,
    parametersSha256: launcher.parametersSha256,
    ...{ reproducible, steps },
    epochs: history.length,
    ...{ examplesApplied, examplesDuplicate, examplesLost },
    staleness: result.staleness,
    imagesPerSecond: round(result.imagesPerSecond),
    trainSeconds: round(result.trainSeconds),
    wallSeconds: round(wallSeconds),
    ...{ workers, servers, standbys, restarts },
    consistency: run.consistency.name,
    seed: run.seed,
    backend: result.backend,
    numerics: result.numerics,
    history,
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
