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
 * @param order `any` where a server slept: it may write the line of the step
 *   that it was at before it hears that it has been replaced.
 */
export async function expectEachStepOnce(
  files: RunFiles,
  numSteps: number,
  mayMiss = 0,
  order: 'ascending' | 'any' = 'ascending',
): Promise<void> {
  const told = await files.steps();
  const steps = order === 'any' ? told.sort((a, b) => a - b) : told;
  const all = Array.from({ length: numSteps }, (_, i) => i + 1);
  expect(steps).toEqual(all.filter((step) => steps.includes(step)));
  expect(steps.length).toBeGreaterThanOrEqual(numSteps - mayMiss);
}
