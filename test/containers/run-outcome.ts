/**
 * What a run came to, out of its last checkpoint: no launcher is needed, and
 * the bits are those on the disk.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readWholeRun } from '@muster/checkpoint';
import type { LedgerState } from '@muster/cluster';
import { float32Payload } from '@muster/protocol';
import type { outcomeOf } from '../cluster/run-files.js';
import { withoutTimes } from '../cluster/run-files.js';

/** What must not depend on the cluster, as a summary tells it too. */
export type RunOutcome = ReturnType<typeof outcomeOf>;

/** Reads the newest whole version below a run's folder. */
export async function outcomeOfRun(folder: string): Promise<RunOutcome> {
  const found = await readWholeRun(join(folder, 'checkpoints'));
  if (found === undefined) throw new Error(`${folder} holds no checkpoint`);
  const { parameters, version, seed, ledger } = found.checkpoint;
  const { examplesApplied, reproducible, backend, history } =
    ledger as LedgerState;
  const last = history.at(-1);
  return {
    parametersSha256: createHash('sha256')
      .update(float32Payload(parameters))
      .digest('hex'),
    steps: version,
    epochs: history.length,
    examplesApplied,
    testAccuracy: last?.testAccuracy ?? null,
    testLoss: last?.testLoss ?? null,
    ...{ reproducible, backend: backend ?? 'none', seed },
    history: history.map((epoch) => withoutTimes({ ...epoch })),
  };
}
