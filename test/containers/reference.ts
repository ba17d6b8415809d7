/**
 * What every cluster is held against: the same training by one worker on this
 * machine, without any container. Computed once for all spec files.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { outcomeOf } from '../cluster/run-files.js';
import type { Workbench } from '../cluster/workbench.js';
import { planWords } from './plan.js';
import type { RunOutcome } from './run-outcome.js';

/** Trains it, or gives what it came to before. Spec files run one by one. */
export async function reference(bench: Workbench): Promise<RunOutcome> {
  const file = join(inject('scratch'), 'reference.json');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) return JSON.parse(known) as RunOutcome;
  await using run = bench.start([
    ...['train', '--data', bench.data, ...planWords()],
    ...['--workers', '1', '--backend', 'wasm'],
  ]);
  const outcome = outcomeOf(await run.summary());
  await writeFile(file, JSON.stringify(outcome));
  return outcome;
}
