/**
 * What does not change in a run, out of its definition.
 */
import type { RunDefinition } from '@muster/protocol';
import type { Pictures, RunFacts } from '../feed.js';

/** What the definition does not say of a run. */
export interface RunPlan {
  /** Versions that the whole run makes, and in each epoch. */
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  readonly numServers: number;
}

/** Gives a stream's first event. */
export function runFacts(run: RunDefinition, plan: RunPlan): RunFacts {
  const { runId, seed, epochs, microBatches, dataset, model } = run;
  const { numTrain, numTest, rows, columns, numClasses } = dataset;
  return {
    ...{ type: 'run', runId, seed, epochs, microBatches, ...plan },
    network: networkName(model.topology),
    numParameters: model.numParameters,
    dataset: dataset.name,
    ...{ numTrain, numTest, rows, columns, numClasses },
    globalBatch: run.globalBatchSize,
    consistency: run.consistency.name,
    optimizer: run.optimizer.name,
  };
}

/** Keras writes the name a model was given into its configuration. */
function networkName(topology: unknown): string {
  const { config } = (topology ?? {}) as { config?: { name?: unknown } };
  return typeof config?.name === 'string' ? config.name : 'network';
}

/** Most numbers that are sent as filters. */
const MAX_FILTER_VALUES = 4096;

/**
 * The first layer's filters, where that is a convolution over grey pictures
 * and `parameters` holds it: they are the beginning of the flat vector.
 */
export function firstFilters(
  { model }: RunDefinition,
  parameters: Float32Array,
): Pictures['filters'] {
  const [first] = model.layout;
  const [rows = 0, columns = 0, channels, count = 0] = first?.shape ?? [];
  if (first?.shape.length !== 4 || channels !== 1) return null;
  const { offset } = first;
  const length = rows * columns * count;
  const end = offset + length;
  if (end > parameters.length || length > MAX_FILTER_VALUES) return null;
  const values = Array.from(parameters.subarray(offset, end), (value) =>
    Number(value.toPrecision(4)),
  );
  return { rows, columns, count, values };
}
