/**
 * Where a bug can be planted without a line of it in the sources: between a
 * brain and its edge, in the edge, and in what the libraries export.
 */
import type {
  GradientResult,
  ServerEffect,
  ServerEvent,
  ServerOptions,
  WorkerEffect,
  WorkerEvent,
} from '@muster/cluster';
import type { GradientTask } from '@muster/protocol';
import type { Saved, SimulatedDisk } from './simulated-disk.js';
import type { SimulatedServer } from './simulated-server.js';
import type { SimulatedWorker } from './simulated-worker.js';

/** Changes what a healthy cluster would do; all of it is optional. */
export interface Sabotage {
  /** Puts it in; gives what takes it out again. */
  readonly patch?: () => () => void;
  readonly serverOptions?: (options: ServerOptions) => ServerOptions;
  /** Gives what the brain is to handle instead; nothing drops it. */
  readonly serverEvent?: (
    event: ServerEvent,
    server: SimulatedServer,
  ) => ServerEvent | undefined;
  readonly serverEffects?: (
    effects: readonly ServerEffect[],
    server: SimulatedServer,
    event: ServerEvent | undefined,
  ) => readonly ServerEffect[];
  readonly workerEvent?: (
    event: WorkerEvent,
    worker: SimulatedWorker,
  ) => WorkerEvent | undefined;
  readonly workerEffects?: (
    effects: readonly WorkerEffect[],
    worker: SimulatedWorker,
  ) => readonly WorkerEffect[];
  readonly gradient?: (
    result: GradientResult,
    task: GradientTask,
    worker: SimulatedWorker,
  ) => GradientResult;
  /** What is read instead of what is asked for. */
  readonly read?: (
    saved: Saved | undefined,
    version: number,
    disk: SimulatedDisk,
  ) => Saved | undefined;
  /** Whether checkpoints share the memory that goes on to change. */
  readonly savesWithoutCopy?: boolean;
  /** Whether packets share the memory that goes on to change. */
  readonly sendsWithoutCopy?: boolean;
  /** Whether a task that was given up is answered as the one after it. */
  readonly answersAbandoned?: boolean;
}
