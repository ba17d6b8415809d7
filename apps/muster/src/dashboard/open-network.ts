/**
 * A run's newest network, to be shown and asked in this process. What of it
 * cannot be had is told, and done without.
 */
import { firstFilters } from '@muster/dashboard';
import type { Classification, Mistake, Pictures } from '@muster/dashboard';
import { imageAt, surestMistakes } from '@muster/data';
import type { Dataset } from '@muster/data';
import { describeModel, Replica } from '@muster/model';
import { MAX_MISTAKES, MusterError, toMusterError } from '@muster/protocol';
import { dataFor, startBackendHere } from '../commands/trained-run.js';
import type { Run } from '../run/create-run.js';
import { newestVersion } from '../run/run-checkpoints.js';
import type { Settings } from '../settings/read-settings.js';

/** A network that may be there in part. */
export interface OpenNetwork extends Disposable {
  readonly pictures: Pictures | undefined;
  /**
   * Asks it about an image, uint8 [rows · columns].
   * @throws MusterError `ERR_NO_WORKERS` where there is no network.
   */
  classify(image: Uint8Array): Promise<Classification>;
}

/**
 * Opens it.
 * @param notice hears of what cannot be had, a sentence each.
 */
export async function openNetwork(
  run: Run,
  settings: Pick<Settings, 'backend' | 'data'>,
  notice: (text: string) => void,
): Promise<OpenNetwork> {
  const newest = await orNotice(notice, 'no parameters to show or to ask', () =>
    newestVersion(run),
  );
  if (newest === undefined) return NOTHING;
  const { version, parameters } = newest;
  const replica = await orNotice(notice, 'no network to ask', async () => {
    await startBackendHere(settings.backend);
    return new Replica(describeModel(run.definition.model.topology));
  });
  const mistakes =
    replica &&
    (await orNotice(notice, 'no mistakes to show', async () => {
      const dataset = await dataFor(run, settings.data);
      const { images, count } = dataset.test;
      const input = { parameters, version, images, count };
      return mistakesOn(dataset, replica.predict(input));
    }));
  const filters = firstFilters(run.definition, parameters);
  return {
    pictures: { type: 'pictures', version, filters, mistakes: mistakes ?? [] },
    classify: (image) => {
      if (replica === undefined) return NOTHING.classify(image);
      const input = { parameters, version, images: image, count: 1 };
      const probabilities = [...replica.predict(input)];
      return Promise.resolve({ version, probabilities });
    },
    [Symbol.dispose]: () => replica?.dispose(),
  };
}

const NOTHING: OpenNetwork = {
  pictures: undefined,
  classify: () =>
    Promise.reject(
      new MusterError(
        'ERR_NO_WORKERS',
        'the network of this run could not be opened; the terminal of muster dashboard says why',
      ),
    ),
  [Symbol.dispose]: () => undefined,
};

/** Says what goes without, and why, instead of failing. */
async function orNotice<T>(
  notice: (text: string) => void,
  without: string,
  get: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await get();
  } catch (error) {
    const { message, code } = toMusterError(error);
    notice(`${without}: ${message} (${code})`);
    return undefined;
  }
}

function mistakesOn(dataset: Dataset, probabilities: Float32Array): Mistake[] {
  const { test } = dataset;
  const found = surestMistakes(probabilities, test.labels, MAX_MISTAKES);
  return found.map((mistake) => ({
    ...mistake,
    image: Buffer.from(imageAt(test, mistake.index)).toString('base64'),
  }));
}
