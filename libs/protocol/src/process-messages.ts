/**
 * What a server process tells the launcher that started it, over the pipe
 * between parent and child.
 */
import type { ErrorCode } from './errors.js';

/** What one epoch came to, as the launcher shows and stores it. */
export interface EpochSummary {
  /** From 1. */
  readonly epoch: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly testLoss: number;
  readonly testAccuracy: number;
  /** Training time since the run began. Milliseconds. */
  readonly trainMs: number;
}

/** What a run came to. */
export interface RunResult {
  /** Versions made: steps, rounds of local steps, or contributions. */
  readonly steps: number;
  readonly examplesApplied: number;
  readonly examplesDuplicate: number;
  /** Examples of finished epochs that were not applied: 0. */
  readonly examplesLost: number;
  /** Applied contributions by staleness, index 0 first. */
  readonly staleness: readonly number[];
  readonly reproducible: boolean;
  readonly backend: string | null;
  readonly numerics: string | null;
  readonly history: readonly EpochSummary[];
  /** Time in which steps were worked on, all lives of the run. */
  readonly trainSeconds: number;
  /** Applied examples over that time, in this life of the run. */
  readonly imagesPerSecond: number;
}

/** What the launcher says to a server process. */
export interface LauncherOrder {
  /** The address under which others reach it, as there is something between. */
  readonly type: 'advertise';
  readonly url: string;
}

/** A process that serves metrics, as the coordinator sees it. */
export interface ScrapedProcess {
  /** Of its series: `job`, `run_id`, and `worker` or `server` and `role`. */
  readonly labels: Readonly<Record<string, string>>;
  /** `http://host:port`, as the process knows itself. */
  readonly metricsUrl: string;
  /** Address that it is connected from; null on the coordinator's machine. */
  readonly address: string | null;
}

/** One report of a server process. */
export type ServerReport =
  | {
      readonly type: 'listening';
      readonly url: string;
      readonly metricsUrl: string | null;
      /** The version it starts from. */
      readonly version: number;
    }
  | {
      readonly type: 'progress';
      /** Applied steps. */
      readonly step: number;
      readonly totalSteps: number;
      /** From 1. */
      readonly epoch: number;
      readonly epochs: number;
      /** Means over the epoch so far. */
      readonly loss: number;
      readonly accuracy: number;
      readonly imagesPerSecond: number;
      /** Workers that take tasks. */
      readonly workers: number;
    }
  | { readonly type: 'epoch'; readonly summary: EpochSummary }
  /** The live page is served; `http://host:port/`. */
  | { readonly type: 'dashboard'; readonly url: string }
  /** A standby has taken over from its primary. */
  | { readonly type: 'promoted'; readonly url: string }
  /** Training goes on after servers had to go back, or changed places. */
  | {
      readonly type: 'resumed';
      readonly version: number;
      /** The version before the fault. */
      readonly from: number;
      /** From the loss of a server to the first task. */
      readonly seconds: number;
    }
  /** Who serves metrics has changed: all who do now, told by the coordinator. */
  | { readonly type: 'targets'; readonly targets: readonly ScrapedProcess[] }
  /** Something a person should read. */
  | { readonly type: 'notice'; readonly text: string }
  | {
      readonly type: 'ended';
      readonly outcome: 'finished' | 'drained';
      readonly result: RunResult;
    }
  | {
      readonly type: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
    };
