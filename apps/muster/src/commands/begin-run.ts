/**
 * A new run out of settings: the data set, the notebook's network for it, and
 * the settings themselves for whoever goes on with it.
 */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { loadDataset } from '@muster/data';
import { notebookTopology } from '@muster/model';
import { createRun } from '../run/create-run.js';
import type { Run } from '../run/create-run.js';
import type { Settings } from '../settings/read-settings.js';
import { toYaml } from '../settings/to-yaml.js';
import { planOf } from './plan-of.js';

/**
 * Makes a run that has not begun yet.
 * @param out folder in which its folder is made.
 * @param name what it is called; after the time when not given.
 * @throws MusterError `ERR_CONFIG`, `ERR_DATASET_CORRUPT`,
 *   `ERR_MODEL_UNSUPPORTED`.
 */
export async function beginRun(
  settings: Settings,
  out: string,
  name?: string,
): Promise<Run> {
  const dataset = await loadDataset(settings.data);
  const run = await createRun({
    ...{ out, name, dataset },
    plan: planOf(settings),
    topology: notebookTopology(dataset),
  });
  await writeFile(run.folder.config, toYaml(portable(settings)));
  return run;
}

/** Paths of this call made good for calls from other folders. */
function portable(settings: Settings): Settings {
  const { data, tokenFile, metricsTokenFile, out } = settings;
  const { tlsCert, tlsKey, tlsCa } = settings;
  return {
    ...settings,
    out: resolve(out),
    ...(data !== undefined && { data: resolve(data) }),
    ...(tokenFile !== undefined && { tokenFile: resolve(tokenFile) }),
    ...(metricsTokenFile !== undefined && {
      metricsTokenFile: resolve(metricsTokenFile),
    }),
    ...(tlsCert !== undefined && { tlsCert: resolve(tlsCert) }),
    ...(tlsKey !== undefined && { tlsKey: resolve(tlsKey) }),
    ...(tlsCa !== undefined && { tlsCa: resolve(tlsCa) }),
  };
}
