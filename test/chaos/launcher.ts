/**
 * The launcher of the built `muster`, and what this program needs of it. It
 * is loaded at run time: what is tested here is what people run, and the
 * tests' walls do not lead into an application.
 */
import type { Dataset } from '@muster/data';
import type { RunDefinition } from '@muster/protocol';

/** A run of `createRun`. */
export interface Run {
  readonly folder: { readonly path: string; readonly token: string };
}

/** What a training reports; other types are of no interest here. */
export type Report =
  | {
      readonly type: 'progress';
      readonly step: number;
      readonly totalSteps: number;
    }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'listening' | 'epoch' };

/** The part of `summary.json` that is looked at. */
export interface Summary {
  readonly outcome: 'finished' | 'drained';
  readonly parametersSha256: string;
  readonly reproducible: boolean;
  readonly steps: number;
  readonly examplesApplied: number;
}

/** What decides a run's bits, beside data and network. */
export type Plan = Pick<
  RunDefinition,
  | 'seed'
  | 'epochs'
  | 'globalBatchSize'
  | 'microBatches'
  | 'consistency'
  | 'wire'
  | 'optimizer'
  | 'schedule'
>;

/** What makes a run. */
export interface NewRun {
  readonly out: string;
  readonly dataset: Dataset;
  readonly topology: unknown;
  readonly plan: Plan;
}

/** How a run is trained. */
export interface TrainOptions {
  readonly run: Run;
  readonly numWorkers: number;
  readonly numServers: number;
  readonly numStandbys: number;
  readonly maxRestarts: number;
  readonly host: string;
  readonly port: number;
  readonly tokenFile: string | undefined;
  readonly backend: string;
  readonly data: string | undefined;
  readonly checkpointEvery: number;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly stragglerFactor: number;
  readonly logLevel: string;
  readonly metrics: boolean;
  readonly metricsListen: { readonly host: string; readonly port: number };
  readonly route?: (name: string, url: string) => Promise<string>;
  readonly onStart?: (name: string, pid: number) => void;
  readonly onReport?: (report: Report) => void;
  /** Aborting it ends every process at once; the promise stays open. */
  readonly force?: AbortSignal;
}

/** What `@muster/muster` exports, as far as it is needed. */
export interface Launcher {
  createRun(options: NewRun): Promise<Run>;
  trainRun(options: TrainOptions): Promise<{ readonly summary: Summary }>;
}

/** Not a literal where it is imported: see the head of this file. */
const PACKAGE: string = '@muster/muster';

/** Loads the built launcher. */
export async function loadLauncher(): Promise<Launcher> {
  return (await import(PACKAGE)) as Launcher;
}
