/**
 * The edge of the worker's data: its settings, its log and its servers, for
 * `findDataset` and `downloadDataset`.
 */
import { performance } from 'node:perf_hooks';
import type { Dataset } from '@muster/data';
import type { RunDefinition } from '@muster/protocol';
import type { Logger } from '@muster/telemetry';
import type { TlsOptions } from '@muster/transport';
import type { WorkerConfig } from '../config.js';
import { cacheFolderOf } from './cache-folder.js';
import { downloadDataset } from './download-dataset.js';
import { findDataset } from './find-dataset.js';

/** What this needs of the process around it. */
export interface WorkerDataOptions {
  readonly config: WorkerConfig;
  readonly log: Logger;
  /** @throws MusterError `ERR_CONFIG`. */
  readonly readToken: () => Promise<string | undefined>;
  /** @throws MusterError `ERR_CONFIG`, `ERR_TLS`. */
  readonly readTls: () => TlsOptions | undefined;
  /** Where the coordinator may be, the likeliest first. */
  readonly addresses: () => readonly string[];
  /** Ends a download. */
  readonly signal: AbortSignal;
}

/**
 * Finds the data of the run that was joined, or gets them from its servers.
 * @throws MusterError as `findDataset`; the signal's own reason.
 */
export function findRunData(
  run: RunDefinition,
  options: WorkerDataOptions,
): Promise<Dataset> {
  const { config, log } = options;
  const { fingerprint } = run.dataset;
  const cache = cacheFolderOf(config.WORKER_CACHE_DIR, fingerprint);
  return findDataset(run, {
    directory: config.WORKER_DATA,
    cache,
    download: () => download(options, fingerprint, cache),
    onNotice: (message) => log.warn('data-notice', { message }),
  });
}

async function download(
  { config, log, addresses, ...access }: WorkerDataOptions,
  fingerprint: string,
  folder: string,
): Promise<void> {
  log.info('data-download', { folder });
  const startMs = performance.now();
  const bytes = await downloadDataset({
    ...{ fingerprint, folder, ...access },
    urls: addresses,
    giveUpAfterMs: config.WORKER_CONNECT_TIMEOUT_MS,
    random: Math.random,
    onRetry: ({ message }, delayMs) => {
      log.warn('data-retry', { message, delayMs });
    },
  });
  const seconds = (performance.now() - startMs) / 1000;
  log.info('data-downloaded', { folder, bytes, seconds });
}
