/**
 * Keras's `fit` on a cluster: a Layers model goes in, comes out trained.
 */
import { availableParallelism } from 'node:os';
import type { Dataset } from '@muster/data';
import {
  describeModel,
  flatWeights,
  topologyOf,
  writeBack,
} from '@muster/model';
import type {
  Consistency,
  EpochSummary,
  OptimizerConfig,
  ScheduleConfig,
  ServerReport,
  WireFormat,
} from '@muster/protocol';
import { createRun } from './run/create-run.js';
import type { Summary } from './run/summary.js';
import { trainRun } from './run/train.js';

/** A Layers model of TensorFlow.js, built. */
type LayersModel = Parameters<typeof topologyOf>[0];

/** How to train; everything has the command's default. */
export interface FitOptions {
  /** Passes over the training set. */
  readonly epochs?: number;
  /** Examples a step, over all workers. */
  readonly batchSize?: number;
  /** Leaves a step: the most workers that can share one. */
  readonly microBatches?: number;
  readonly optimizer?: OptimizerConfig;
  readonly schedule?: ScheduleConfig;
  /** Decides start, order and dropout: same seed, same bits. */
  readonly seed?: number;
  /**
   * Where the parameters start: drawn from the seed by the layers'
   * initializers (default, reproducible), or the model's present weights.
   */
  readonly start?: 'seed' | 'weights';
  /** When a gradient is applied; default: with its whole step (`sync`). */
  readonly consistency?: Consistency;
  /**
   * Numbers in which sums of gradients are pushed: `float32` (default), or
   * `bf16`, rounded to 16 bits at every addition.
   */
  readonly wire?: WireFormat;
  /** Worker processes; default: one a core. */
  readonly workers?: number;
  /** Parameter servers that share the parameters; default: 1. */
  readonly servers?: number;
  readonly backend?: 'auto' | 'tensorflow' | 'wasm';
  /** Folder in which the run gets its own. */
  readonly out?: string;
  readonly onEpochEnd?: (epoch: EpochSummary) => void;
  /** Aborting it stops after a checkpoint. */
  readonly signal?: AbortSignal;
}

/** What `fit` came to. */
export interface FitHistory {
  readonly summary: Summary;
  /** The run's folder. */
  readonly folder: string;
}

const DEFAULTS = {
  epochs: 5,
  batchSize: 256,
  microBatches: 4,
  seed: 1,
  start: 'seed',
  consistency: { name: 'sync' },
  wire: 'float32',
  servers: 1,
  backend: 'auto',
  out: 'runs',
  optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  schedule: { name: 'cosine', learningRate: 0.004, warmupRatio: 0.1 },
} as const;

/**
 * Trains a Layers model on worker processes of this machine and writes the
 * result into it. The model may come from any copy of TensorFlow.js.
 * @param dataset as `loadDataset` gives it: the workers read its folder.
 * @throws MusterError `ERR_MODEL_UNSUPPORTED`, `ERR_CONFIG`,
 *   `ERR_NO_WORKERS`, …
 */
export async function fit(
  model: LayersModel,
  dataset: Dataset,
  options: FitOptions = {},
): Promise<FitHistory> {
  const o = { ...DEFAULTS, ...options };
  const topology = topologyOf(model);
  const description = describeModel(topology);
  const run = await createRun({
    out: o.out,
    dataset,
    topology,
    parameters:
      o.start === 'weights' ? flatWeights(model, description) : undefined,
    plan: {
      seed: o.seed,
      epochs: o.epochs,
      globalBatchSize: o.batchSize,
      microBatches: o.microBatches,
      consistency: o.consistency,
      wire: o.wire,
      optimizer: o.optimizer,
      schedule: o.schedule,
    },
  });
  const { summary, parameters } = await trainRun({
    run,
    numWorkers: o.workers ?? Math.min(availableParallelism(), o.microBatches),
    numServers: o.servers,
    ...LOCAL_CLUSTER,
    tokenFile: run.folder.token,
    backend: o.backend,
    data: dataset.directory,
    onReport: (report: ServerReport) => {
      if (report.type === 'epoch') options.onEpochEnd?.(report.summary);
    },
    ...(options.signal && { signal: options.signal }),
  });
  writeBack(model, description, parameters);
  return { summary, folder: run.folder.path };
}

const LOCAL_CLUSTER = {
  host: '127.0.0.1',
  port: 0,
  numStandbys: 0,
  maxRestarts: 10,
  checkpointEvery: 200,
  leaseMs: 5000,
  heartbeatMs: 1000,
  stragglerFactor: 2,
  logLevel: 'info',
  metrics: false,
  metricsListen: { host: '127.0.0.1', port: 0 },
} as const;
