/**
 * Trains a run on a cluster of this machine, to its end or until it is asked
 * to stop, and writes what it came to.
 */
import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { nodeDisk, readNewestCheckpoint } from '@muster/checkpoint';
import { describeModel, saveLayersModel } from '@muster/model';
import { MusterError } from '@muster/protocol';
import type { ServerReport } from '@muster/protocol';
import { Cluster } from '../processes/cluster.js';
import type { ClusterOptions } from '../processes/cluster.js';
import type { Run } from './create-run.js';
import { summaryOf } from './summary.js';
import type { Summary } from './summary.js';

/** The cluster of a run, and who listens. */
export type TrainOptions = Omit<ClusterOptions, 'folder' | 'onReport'> & {
  readonly run: Run;
  readonly onReport?: (report: ServerReport) => void;
  /** Aborting it drains: a checkpoint, then an orderly end. */
  readonly signal?: AbortSignal;
  /** Aborting it ends every process at once; nothing is written any more. */
  readonly force?: AbortSignal;
};

/** A run that has ended. */
export interface TrainResult {
  readonly summary: Summary;
  /** float32 [numParameters], of the last version. */
  readonly parameters: Float32Array;
}

/**
 * Starts server and workers, waits for the end, writes `model/` and
 * `summary.json`. No process of it is left when this returns or throws.
 * @throws MusterError what ended the run: `ERR_NO_WORKERS`,
 *   `ERR_PROCESS_FAILED`, `ERR_PORT_IN_USE`, `ERR_NON_FINITE_GRADIENT`, …
 */
export async function trainRun(options: TrainOptions): Promise<TrainResult> {
  const { run, signal, force, onReport, ...cluster } = options;
  const startMs = performance.now();
  const processes = new Cluster({
    ...cluster,
    folder: run.folder.path,
    onReport: (report) => onReport?.(report),
  });
  const drain = () => processes.drain();
  const kill = () => processes.kill();
  force?.addEventListener('abort', kill);
  try {
    processes.start();
    if (signal?.aborted === true) drain();
    signal?.addEventListener('abort', drain);
    const { outcome, result } = await processes.ended;
    const wallSeconds = (performance.now() - startMs) / 1000;
    const size = { workers: cluster.numWorkers, servers: 1, wallSeconds };
    const summary = summaryOf(run.definition, outcome, result, size);
    const parameters = await keep(run, summary);
    await processes.settled();
    return { summary, parameters };
  } finally {
    signal?.removeEventListener('abort', drain);
    force?.removeEventListener('abort', kill);
    await processes.close();
  }
}

/** Writes the trained network and the summary. */
async function keep(run: Run, summary: Summary): Promise<Float32Array> {
  const parameters = await newestParameters(run);
  const description = describeModel(run.definition.model.topology);
  await saveLayersModel(run.folder.model, description, parameters);
  await writeFile(run.folder.summary, `${JSON.stringify(summary, null, 2)}\n`);
  return parameters;
}

/**
 * The parameters of a run's newest whole checkpoint, float32 [numParameters].
 * @throws MusterError `ERR_RUN_NOT_FOUND`, `ERR_CHECKPOINT_CORRUPT`.
 */
export async function newestParameters(run: Run): Promise<Float32Array> {
  const { folder } = run;
  const found = await readNewestCheckpoint(folder.checkpoints, {
    disk: nodeDisk,
  });
  if (found === undefined) {
    const message = `${folder.checkpoints} holds no checkpoint`;
    throw new MusterError('ERR_RUN_NOT_FOUND', message);
  }
  return found.checkpoint.parameters;
}
