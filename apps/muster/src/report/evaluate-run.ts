/**
 * A run's newest parameters on the test set, in this process: for a report,
 * which does without where that cannot be done.
 */
import { encodePng, imageAt } from '@muster/data';
import type { Dataset } from '@muster/data';
import { describeModel, Replica } from '@muster/model';
import { toMusterError } from '@muster/protocol';
import { dataFor, startBackendHere } from '../commands/trained-run.js';
import type { Run } from '../run/create-run.js';
import { newestVersion } from '../run/run-checkpoints.js';
import type { Settings } from '../settings/read-settings.js';
import type { Evaluation } from './sections/test-set.js';
import { testFigures } from './test-figures.js';

/** Pictures that are shown. */
const NUM_HARDEST = 24;

/** Evaluates, or gives a sentence that says why that cannot be done. */
export async function evaluateRun(
  run: Run,
  settings: Pick<Settings, 'backend' | 'data'>,
): Promise<Evaluation | string> {
  try {
    return await evaluate(run, settings);
  } catch (error) {
    const { message, code } = toMusterError(error);
    return `The test set was not evaluated: ${message} (${code}).`;
  }
}

async function evaluate(
  run: Run,
  settings: Pick<Settings, 'backend' | 'data'>,
): Promise<Evaluation> {
  const { definition } = run;
  const { version, parameters } = await newestVersion(run);
  const dataset = await dataFor(run, settings.data);
  const info = await startBackendHere(settings.backend);
  const replica = new Replica(describeModel(definition.model.topology));
  try {
    const { images, labels, count } = dataset.test;
    const input = { parameters, version, images, count };
    const figures = testFigures(replica.predict(input), labels, NUM_HARDEST);
    return {
      ...{ version, figures, data: dataset.name },
      backend: `${info.name} ${info.libraryVersion}`,
      examples: figures.hardest.map((example) => ({
        ...example,
        png: pictureOf(dataset, example.index),
      })),
    };
  } finally {
    replica.dispose();
  }
}

function pictureOf({ test, rows, columns }: Dataset, index: number): Buffer {
  return encodePng(imageAt(test, index), rows, columns);
}
