/**
 * Whether the native library of TensorFlow.js works here; without it the
 * tests of that backend are skipped, with the reason.
 */
import { muster } from './muster-process.js';
import type { Backend } from './workbench.js';

/** Gives why a backend cannot be tested here; wasm always can. */
export async function missingBackend(
  backend: Backend,
): Promise<string | undefined> {
  if (backend === 'wasm') return undefined;
  const { stdout } = await muster(['doctor', '--backend', backend, '--json']);
  const { findings } = JSON.parse(stdout) as {
    findings: { what: string; found: string; ok: boolean }[];
  };
  const found = findings.find(({ what }) => what === 'backend');
  if (found?.ok === true) return undefined;
  return `backend ${backend} is not there: ${found?.found ?? 'unknown'}`;
}
