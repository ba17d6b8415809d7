/**
 * The run's data, wherever they are: in local files when their hash fits, in
 * the cache, or at a server.
 */
import { rm } from 'node:fs/promises';
import { loadDataset } from '@muster/data';
import type { Dataset } from '@muster/data';
import { MusterError, toMusterError } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';

/** Where to look. */
export interface DataSources {
  /** Folder of IDX files; the MNIST package when undefined. */
  readonly directory: string | undefined;
  /** The data set's own folder in the cache. */
  readonly cache: string;
  /** Completes the cache from a server. @throws MusterError. */
  readonly download: () => Promise<void>;
  /** Something was not what it should be, and something else is done. */
  readonly onNotice: (text: string) => void;
}

/**
 * Loads local data if they are the run's.
 * @param directory IDX files; the MNIST package when undefined.
 * @throws MusterError `ERR_DATASET_MISMATCH`, `ERR_DATASET_CORRUPT`.
 */
export async function loadFitting(
  run: RunDefinition,
  directory: string | undefined,
): Promise<Dataset> {
  const dataset = await loadDataset(directory).catch((error: unknown) => {
    throw toMusterError(error);
  });
  const wanted = run.dataset.fingerprint;
  if (dataset.fingerprint === wanted) return dataset;
  throw new MusterError(
    'ERR_DATASET_MISMATCH',
    `the data in ${dataset.directory} has fingerprint ${dataset.fingerprint.slice(0, 12)}, run ${run.runId} trains on '${run.dataset.name}' ${wanted.slice(0, 12)} (--data)`,
  );
}

/**
 * Loads the run's data, which a server gives where nobody else has them.
 * @throws MusterError `ERR_DATASET_MISMATCH`, `ERR_DATASET_CORRUPT`; what the
 *   download throws.
 */
export async function findDataset(
  run: RunDefinition,
  sources: DataSources,
): Promise<Dataset> {
  const { directory, cache, download, onNotice } = sources;
  const places =
    directory === undefined ? [cache, undefined] : [directory, cache];
  let local: MusterError | undefined;
  for (const place of places) {
    const found = await attempt(() => loadFitting(run, place));
    if (!(found instanceof MusterError)) return found;
    if (place !== cache) local = found;
  }
  if (local && directory !== undefined) onNotice(local.message);
  try {
    await download();
  } catch (error) {
    throw withLocal(error, local);
  }
  return loadDownloaded(run, sources);
}

/** What lay in the cache may be damaged: then all of it is got again, once. */
async function loadDownloaded(
  run: RunDefinition,
  { cache, download, onNotice }: DataSources,
): Promise<Dataset> {
  const found = await attempt(() => loadFitting(run, cache));
  if (!(found instanceof MusterError)) return found;
  onNotice(`the cached data are damaged: ${found.message}`);
  await rm(cache, { recursive: true, force: true });
  await download();
  const again = await attempt(() => loadFitting(run, cache));
  if (!(again instanceof MusterError)) return again;
  await rm(cache, { recursive: true, force: true });
  throw new MusterError(
    'ERR_DATASET_CORRUPT',
    `what the server gives out is not the run's data: ${again.message}`,
    { cause: again },
  );
}

/** Data that are not there or not the run's are looked for elsewhere. */
async function attempt(
  load: () => Promise<Dataset>,
): Promise<Dataset | MusterError> {
  try {
    return await load();
  } catch (error) {
    const { code } = toMusterError(error);
    if (code.startsWith('ERR_DATASET')) return toMusterError(error);
    throw error;
  }
}

/** No server gives them out either: then the local files are the point. */
function withLocal(error: unknown, local: MusterError | undefined): unknown {
  const { code, message } = toMusterError(error);
  if (local === undefined || code !== 'ERR_DATASET_MISMATCH') return error;
  const text = `${local.message}; and from a server: ${message}`;
  return new MusterError(local.code, text, { cause: error });
}
