/**
 * The files of a run that the server reads and writes, but for checkpoints.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError, runDefinitionSchema } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';

/** Where checkpoints lie in a run's folder. */
export function checkpointsOf(run: string): string {
  return join(run, 'checkpoints');
}

/**
 * Reads and checks `run.json`.
 * @throws MusterError `ERR_RUN_NOT_FOUND`.
 */
export async function readRunDefinition(run: string): Promise<RunDefinition> {
  const path = join(run, 'run.json');
  try {
    return runDefinitionSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MusterError(
      'ERR_RUN_NOT_FOUND',
      `${path} is not a run definition: ${reason}`,
      { cause },
    );
  }
}
