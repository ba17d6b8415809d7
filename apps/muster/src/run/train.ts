/**
 * Trains a run on a cluster of this machine, to its end or until it is asked
 * to stop, and writes what it came to.
 */
import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { describeModel, saveLayersModel } from '@muster/model';
import { toMusterError } from '@muster/protocol';
import type { ServerReport } from '@muster/protocol';
import { Cluster } from '../processes/cluster.js';
import type { ClusterOptions } from '../processes/cluster-options.js';
import { LauncherLog } from '../processes/launcher-log.js';
import type { Run } from './create-run.js';
import { sha256Of } from './parameters-sha256.js';
import { cutForServers, finalParameters } from './run-checkpoints.js';
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
 * Starts servers and workers, waits for the end, writes `model/` and
 * `summary.json`. No process of it is left when this returns or throws.
 * @throws MusterError what ended the run: `ERR_NO_WORKERS`,
 *   `ERR_PROCESS_FAILED`, `ERR_PORT_IN_USE`, `ERR_NON_FINITE_GRADIENT`, …
 */
export async function trainRun(options: TrainOptions): Promise<TrainResult> {
  const { run, signal, force, onReport, ...cluster } = options;
  const startMs = performance.now();
  const report = (heard: ServerReport) => onReport?.(heard);
  const folder = run.folder.path;
  await cutForServers(run, cluster.numServers, (text) =>
    report({ type: 'notice', text }),
  );
  const log = LauncherLog.open(folder, run.definition.runId);
  const processes = new Cluster({ ...cluster, folder, onReport: report, log });
  const drain = () => {
    log.stopping('drain');
    processes.drain();
  };
  const kill = () => {
    log.stopping('kill');
    processes.kill();
  };
  force?.addEventListener('abort', kill);
  try {
    const { numWorkers, numServers, numStandbys, maxRestarts } = cluster;
    log.started({ numWorkers, numServers, numStandbys, maxRestarts });
    processes.start();
    if (signal?.aborted === true) drain();
    signal?.addEventListener('abort', drain);
    const { outcome, result } = await processes.ended;
    const parameters = await finalParameters(run, result.steps);
    const summary = summaryOf(run.definition, outcome, result, {
      workers: cluster.numWorkers,
      servers: cluster.numServers,
      standbys: cluster.numServers * cluster.numStandbys,
      restarts: processes.numRestarts,
      parametersSha256: sha256Of(parameters),
      wallSeconds: (performance.now() - startMs) / 1000,
    });
    await keep(run, summary, parameters);
    await processes.settled();
    log.ended({ outcome, step: result.steps, restarts: summary.restarts });
    return { summary, parameters };
  } catch (error) {
    log.failed(toMusterError(error));
    throw error;
  } finally {
    signal?.removeEventListener('abort', drain);
    force?.removeEventListener('abort', kill);
    await processes.close();
    log.close();
  }
}

/** Writes the trained network and the summary. */
async function keep(
  { folder, definition }: Run,
  summary: Summary,
  parameters: Float32Array,
): Promise<void> {
  const description = describeModel(definition.model.topology);
  await saveLayersModel(folder.model, description, parameters);
  await writeFile(folder.summary, `${JSON.stringify(summary, null, 2)}\n`);
}
