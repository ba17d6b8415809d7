/**
 * What `metrics.jsonl` tells of a run to which something happened.
 */
import { expect } from 'vitest';
import type { RunFiles } from './run-files.js';

/**
 * Expects a line for each step from 1 on, in order, and for none two, though
 * some were done twice.
 * @param mayMiss steps that may be missing: where a server was lost whose
 *   figures of its last step had not come, nobody knows them any more.
 */
export async function expectEachStepOnce(
  files: RunFiles,
  numSteps: number,
  mayMiss = 0,
): Promise<void> {
  const steps = await files.steps();
  const all = Array.from({ length: numSteps }, (_, i) => i + 1);
  const told = all.filter((step) => steps.includes(step));
  expect(steps).toEqual(told);
  expect(steps.length).toBeGreaterThanOrEqual(numSteps - mayMiss);
}
