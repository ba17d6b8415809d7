/**
 * `muster create NAME`: a run that is served by processes which somebody else
 * starts, in containers for example: its folder with definition, token and
 * version 0, cut for so many servers. No process is started.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { shardDirectory, wholeVersions } from '@muster/checkpoint';
import { MusterError } from '@muster/protocol';
import type { Run } from '../run/create-run.js';
import { makeFolder } from '../run/make-folder.js';
import { cutForServers } from '../run/run-checkpoints.js';
import { RunFolder } from '../run/run-folder.js';
import type { Settings } from '../settings/read-settings.js';
import { beginRun } from './begin-run.js';
import { checkResume } from './check-resume.js';
import { print, printJson, settingsFor } from './context.js';
import type { Context } from './context.js';
import { planOf } from './plan-of.js';

/** As a run's definition takes it; a dot in front is for folders half made. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;

/** Runs the command; gives the exit code. */
export async function createCommand(
  name: string,
  flags: Readonly<Record<string, unknown>>,
  { keep }: { readonly keep: boolean },
  context: Context,
): Promise<number> {
  const settings = settingsFor('create', flags, context);
  if (!NAME.test(name)) {
    throw new MusterError(
      'ERR_CONFIG',
      `'${name}' cannot be the name of a run: expected up to 64 letters, digits, '-', '_' and '.', and no '.' in front`,
    );
  }
  const folder = new RunFolder(join(settings.out, name));
  const isThere = existsSync(folder.path);
  if (isThere && !keep) throw isThereError(folder);
  const run = isThere
    ? await kept(folder, settings)
    : await created(folder, settings);
  const { path, token } = folder;
  const { definition } = run;
  if (settings.json) {
    const { runId, epochs, seed } = definition;
    const { servers } = settings;
    printJson(context.stdout, {
      ...{ runId, path, token, isNew: !isThere, epochs, seed, servers },
    });
    return 0;
  }
  print(context.stdout, lineOf(run, isThere));
  return 0;
}

/** A run that is there is as it was; whoever wants another one must say so. */
async function kept(folder: RunFolder, settings: Settings): Promise<Run> {
  const definition = await folder.readDefinition();
  checkResume(definition, planOf(settings), settings.given);
  const { servers } = settings;
  const slices = shardDirectory(folder.checkpoints, 0, servers);
  const { versions } = await wholeVersions(slices);
  if (versions.length > 0) return { folder, definition };
  throw new MusterError(
    'ERR_CHECKPOINT_MISMATCH',
    `run ${folder.name} is not cut for --servers ${servers}: go on with as many as it was created for, or create another one`,
  );
}

/** Whole or not at all: made under another name, then renamed. */
async function created(folder: RunFolder, settings: Settings): Promise<Run> {
  const out = resolve(settings.out);
  await makeFolder(out, '--out');
  const work = await mkdtemp(join(out, '.create-'));
  try {
    const run = await beginRun(settings, work, folder.name);
    await cutForServers(run, settings.servers, () => undefined);
    await rename(run.folder.path, folder.path).catch((cause: unknown) => {
      // another one was faster
      if (existsSync(folder.path)) throw isThereError(folder, cause);
      throw cause;
    });
    return { folder, definition: run.definition };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function isThereError(folder: RunFolder, cause?: unknown): MusterError {
  return new MusterError(
    'ERR_CONFIG',
    `${folder.path} is there already: choose another name, or leave it as it is with --keep`,
    { cause },
  );
}

function lineOf({ folder, definition }: Run, isThere: boolean): string {
  const { runId, dataset, epochs, seed } = definition;
  const images = dataset.numTrain.toLocaleString('en-US');
  const what = `${images} images of ${dataset.name}, ${epochs} epochs, seed ${seed}`;
  const how = isThere ? 'is there already' : 'is ready to be served';
  return `run ${runId} ${how}: ${what}, in ${folder.path}`;
}
