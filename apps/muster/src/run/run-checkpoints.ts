/**
 * A run's checkpoints, however many servers wrote them.
 */
import { nodeDisk, readWholeRun, reshard } from '@muster/checkpoint';
import { MusterError, shardRanges } from '@muster/protocol';
import { expectationOf } from './create-run.js';
import type { Run } from './create-run.js';

/**
 * The parameters of a run's newest whole version, float32 [numParameters].
 * @throws MusterError `ERR_RUN_NOT_FOUND`, `ERR_CHECKPOINT_CORRUPT`.
 */
export async function newestParameters(run: Run): Promise<Float32Array> {
  return (await newestVersion(run)).parameters;
}

/**
 * A run's newest whole version, its parameters float32 [numParameters].
 * @throws MusterError `ERR_RUN_NOT_FOUND`, `ERR_CHECKPOINT_CORRUPT`.
 */
export async function newestVersion(
  run: Run,
): Promise<{ readonly version: number; readonly parameters: Float32Array }> {
  const { version, parameters } = (await readWhole(run)).checkpoint;
  return { version, parameters };
}

/**
 * The parameters that a run ended with, float32 [numParameters].
 * @param version that its coordinator has told.
 * @throws MusterError `ERR_CHECKPOINT_WRITE` when the newest whole version is
 *   another one: then the last checkpoint could not be written.
 */
export async function finalParameters(
  run: Run,
  version: number,
): Promise<Float32Array> {
  const { checkpoint } = await readWhole(run);
  if (checkpoint.version === version) return checkpoint.parameters;
  throw new MusterError(
    'ERR_CHECKPOINT_WRITE',
    `the run ended at version ${version}, but the newest whole one in ${run.folder.checkpoints} is ${checkpoint.version}; see logs/ in ${run.folder.path}, check the space there and go on with --resume`,
  );
}

/**
 * Cuts the newest whole version into the slices of so many servers, each in
 * the folder in which its server looks for it. Before any server starts.
 * @param notice hears of each damaged checkpoint that was passed over: it is
 *   gone afterwards.
 * @throws MusterError `ERR_CONFIG` when there are too many servers,
 *   `ERR_RUN_NOT_FOUND`, `ERR_CHECKPOINT_CORRUPT`, `ERR_CHECKPOINT_WRITE`.
 */
export async function cutForServers(
  run: Run,
  numServers: number,
  notice: (text: string) => void,
): Promise<void> {
  const { definition, folder } = run;
  const ranges = shardRanges(definition.model.numParameters, numServers);
  const { checkpoint, damaged } = await readWhole(run);
  for (const { path, reason } of damaged) {
    notice(
      `checkpoint ${path} is damaged (${reason}); took version ${checkpoint.version} before it`,
    );
  }
  const expect = expectationOf(definition);
  await reshard(folder.checkpoints, ranges, {
    ...{ disk: nodeDisk, expect, keep: 2 },
  });
}

async function readWhole({ folder, definition }: Run) {
  const expect = expectationOf(definition);
  const options = { disk: nodeDisk, expect };
  const found = await readWholeRun(folder.checkpoints, options);
  if (found !== undefined) return found;
  const message = `${folder.checkpoints} holds no checkpoint`;
  throw new MusterError('ERR_RUN_NOT_FOUND', message);
}
