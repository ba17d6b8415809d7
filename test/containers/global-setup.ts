/**
 * Around all container tests of one call of Vitest: sweeps what calls that
 * were killed have left, and whatever this one leaves.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { isAlive, ownerOf } from './owner.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Label of everything that the tests make on the engine. */
    owner: string;
    /** A folder for what spec files hand on to one another. */
    scratch: string;
  }
}

/** Without a client's library where there is nothing to talk to. */
const HAS_ENGINE =
  process.env['DOCKER_HOST'] !== undefined ||
  existsSync('/var/run/docker.sock');

/** Called by Vitest; what it gives is called at the end. */
export default async function setup(
  project: TestProject,
): Promise<() => Promise<void>> {
  const owner = ownerOf(process.pid);
  const scratch = await mkdtemp(join(tmpdir(), 'muster-containers-'));
  project.provide('owner', owner);
  project.provide('scratch', scratch);
  await sweepOf((other) => !isAlive(other));
  return async () => {
    await sweepOf((other) => other === owner);
    await rm(scratch, { recursive: true, force: true });
  };
}

async function sweepOf(isTheirs: (owner: string) => boolean): Promise<void> {
  if (!HAS_ENGINE) return;
  const [{ engine }, { sweep }] = await Promise.all([
    import('./engine.js'),
    import('./sweep.js'),
  ]);
  const api = await engine().catch(() => undefined);
  if (api !== undefined) await sweep(api, isTheirs);
}
