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
  readonly steps: number;
  /** Whole epochs that were trained. */
  readonly epochs: number;
  readonly examplesApplied: number;
  readonly examplesDuplicate: number;
  readonly imagesPerSecond: number;
  readonly trainSeconds: number;
  /** From the command's start to its end, start of processes included. */
  readonly wallSeconds: number;
  readonly workers: number;
  readonly servers: number;
  readonly consistency: string;
  readonly seed: number;
  readonly backend: string | null;
  readonly numerics: string | null;
  readonly history: readonly EpochSummary[];
}

/** Puts a summary together. */
export function summaryOf(
  run: RunDefinition,
  outcome: 'finished' | 'drained',
  result: RunResult,
  cluster: { workers: number; servers: number; wallSeconds: number },
): Summary {
  const last = result.history.at(-1);
  const { steps, parametersSha256, reproducible, history } = result;
  const { examplesApplied, examplesDuplicate } = result;
  return {
    runId: run.runId,
    outcome,
    testAccuracy: last?.testAccuracy ?? null,
    testLoss: last?.testLoss ?? null,
    ...{ parametersSha256, reproducible, steps },
    epochs: history.length,
    ...{ examplesApplied, examplesDuplicate },
    imagesPerSecond: round(result.imagesPerSecond),
    trainSeconds: round(result.trainSeconds),
    wallSeconds: round(cluster.wallSeconds),
    workers: cluster.workers,
    servers: cluster.servers,
    consistency: run.consistency,
    seed: run.seed,
    backend: result.backend,
    numerics: result.numerics,
    history,
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
