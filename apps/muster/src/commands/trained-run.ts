/**
 * A trained run, loaded into this process to be asked something.
 */
import { loadDataset } from '@muster/data';
import type { Dataset } from '@muster/data';
import { describeModel, Replica, startBackend } from '@muster/model';
import { MusterError } from '@muster/protocol';
import { WORKER_THREADS } from '../processes/worker-threads.js';
import type { Run } from '../run/create-run.js';
import { findRun } from '../run/run-folder.js';
import { newestParameters } from '../run/run-checkpoints.js';
import type { Settings } from '../settings/read-settings.js';

/** Network and parameters of a run; `dispose` gives the tensors back. */
export interface TrainedRun {
  readonly run: Run;
  readonly replica: Replica;
  /** float32 [numParameters]. */
  readonly parameters: Float32Array;
}

/**
 * Finds a run and loads the network of its newest checkpoint.
 * @throws MusterError `ERR_RUN_NOT_FOUND`, `ERR_BACKEND`.
 */
export async function openRun(
  name: string,
  settings: Settings,
): Promise<TrainedRun> {
  const folder = await findRun(name, settings.out);
  const run = { folder, definition: await folder.readDefinition() };
  const parameters = await newestParameters(run);
  await startBackendHere(settings.backend);
  const replica = new Replica(describeModel(run.definition.model.topology));
  return { run, replica, parameters };
}

/** Starts a backend in this process, with a worker's one thread. */
export function startBackendHere(
  backend: Settings['backend'],
): ReturnType<typeof startBackend> {
  for (const [name, value] of Object.entries(WORKER_THREADS)) {
    process.env[name] ??= value;
  }
  return startBackend(backend);
}

/** Test examples in one batch; the size the cluster evaluates in. */
const BATCH = 500;

/** What an evaluation came to. */
export interface TestResult {
  readonly testAccuracy: number;
  readonly testLoss: number;
  readonly correct: number;
  readonly count: number;
}

/** Evaluates on the whole test set of a data set. */
export function evaluateOn(
  { replica, parameters }: TrainedRun,
  { test, rows, columns }: Dataset,
): TestResult {
  let correct = 0;
  let lossSum = 0;
  for (let begin = 0; begin < test.count; begin += BATCH) {
    const end = Math.min(begin + BATCH, test.count);
    const sums = replica.evaluate({
      parameters,
      version: 0,
      images: test.images.subarray(
        begin * rows * columns,
        end * rows * columns,
      ),
      labels: test.labels.subarray(begin, end),
      count: end - begin,
    });
    correct += sums.correct;
    lossSum += sums.lossSum;
  }
  const { count } = test;
  return {
    testAccuracy: correct / count,
    testLoss: lossSum / count,
    correct,
    count,
  };
}

/**
 * Loads data whose pictures a run's network can take.
 * @throws MusterError `ERR_CONFIG` when size or classes differ.
 */
export async function dataFor(
  { definition }: Run,
  directory: string | undefined,
): Promise<Dataset> {
  const dataset = await loadDataset(directory);
  const { rows, columns, numClasses, name } = definition.dataset;
  const fits =
    dataset.rows === rows &&
    dataset.columns === columns &&
    dataset.numClasses <= numClasses;
  if (fits) return dataset;
  throw new MusterError(
    'ERR_CONFIG',
    `run ${definition.runId} was trained on '${name}' (${rows}x${columns}, ${numClasses} classes), '${dataset.name}' holds ${dataset.rows}x${dataset.columns}, ${dataset.numClasses} classes (--data)`,
  );
}
