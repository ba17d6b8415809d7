/**
 * What a run ended with, where several servers have a part of it each: their
 * last checkpoints, put together.
 */
import { readWholeRun } from '@muster/checkpoint';
import { runFingerprint } from '@muster/protocol';
import { checkpointsOf } from './run-folder.js';
import type { ShardFiles } from './run-state.js';

/**
 * Reads the parameters of a version that every server has written.
 * @returns float32 [numParameters]; nothing where the parts are not all in
 *   this folder, as other machines have them, or cannot be read.
 */
export async function finalParameters(
  { folder, run }: Pick<ShardFiles, 'folder' | 'run'>,
  version: number,
): Promise<Float32Array | undefined> {
  const { numParameters } = run.model;
  const expect = { configFingerprint: runFingerprint(run), numParameters };
  try {
    const found = await readWholeRun(checkpointsOf(folder), { expect });
    if (found?.checkpoint.version !== version) return undefined;
    return found.checkpoint.parameters;
  } catch {
    return undefined; // a page without a number is no reason to fail
  }
}
