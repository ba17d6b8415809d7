/** How many versions of the parameters one epoch of a run makes. */
import type { RunDefinition } from './run-definition.js';

/** What {@link versionsPerEpoch} needs to know of a run. */
export type CountedRun = Pick<
  RunDefinition,
  'globalBatchSize' | 'microBatches' | 'consistency'
> & { readonly dataset: Pick<RunDefinition['dataset'], 'numTrain'> };

/**
 * A version is one step of `sync`, one round of `local`, one contribution of
 * `bounded` and `async`, whose contributions are one leaf each.
 */
export function versionsPerEpoch(run: CountedRun): number {
  const { dataset, globalBatchSize, microBatches, consistency } = run;
  const { numTrain } = dataset;
  switch (consistency.name) {
    case 'sync':
      return Math.ceil(numTrain / globalBatchSize);
    case 'local':
      return Math.ceil(
        Math.ceil(numTrain / globalBatchSize) / consistency.steps,
      );
    case 'bounded':
    case 'async':
      // leaves are cut from the steps, which all but the last are whole
      return Math.ceil(numTrain / (globalBatchSize / microBatches));
    default: {
      const never: never = consistency;
      throw new TypeError(`a mode was forgotten: ${JSON.stringify(never)}`);
    }
  }
}
