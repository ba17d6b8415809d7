import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findUnfinishedRun } from './run-folder.js';

let out = '';
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'muster-runs-'));
});
afterEach(() => rm(out, { recursive: true, force: true }));

async function addRun(name: string, outcome?: string): Promise<void> {
  await mkdir(join(out, name));
  await writeFile(join(out, name, 'run.json'), '{}');
  if (outcome === undefined) return;
  await writeFile(join(out, name, 'summary.json'), JSON.stringify({ outcome }));
}

describe('findUnfinishedRun', () => {
  it('is nothing where there is no run', async () => {
    expect(await findUnfinishedRun(out)).toBeUndefined();
    expect(await findUnfinishedRun(join(out, 'missing'))).toBeUndefined();
  });

  it('is the newest run without a summary, or one that was drained', async () => {
    await addRun('20260101-000000-aaaa');
    await addRun('20260102-000000-bbbb', 'drained');
    const drained = await findUnfinishedRun(out);
    expect(drained?.path).toBe(join(out, '20260102-000000-bbbb'));
    await addRun('20260103-000000-cccc');
    const killed = await findUnfinishedRun(out);
    expect(killed?.path).toBe(join(out, '20260103-000000-cccc'));
  });

  it('does not go back behind a run that has come to its end', async () => {
    await addRun('20260101-000000-aaaa');
    await addRun('20260102-000000-bbbb', 'finished');
    expect(await findUnfinishedRun(out)).toBeUndefined();
  });
});
