/**
 * Going on with a run means going on with what decides its bits.
 */
import { MusterError } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';
import type { TrainingPlan } from '../run/create-run.js';
import { flagOf } from '../settings/names.js';
import type { SettingName } from '../settings/table.js';

/** The settings that a run's definition holds, and where it holds them. */
const FIXED: Partial<Record<SettingName, (plan: TrainingPlan) => unknown>> = {
  epochs: (plan) => plan.epochs,
  globalBatch: (plan) => plan.globalBatchSize,
  microBatches: (plan) => plan.microBatches,
  optimizer: (plan) => plan.optimizer.name,
  beta1: (plan) => constantOf(plan.optimizer, 'beta1'),
  beta2: (plan) => constantOf(plan.optimizer, 'beta2'),
  epsilon: (plan) => constantOf(plan.optimizer, 'epsilon'),
  momentum: (plan) => constantOf(plan.optimizer, 'momentum'),
  warmup: (plan) => constantOf(plan.schedule, 'warmupRatio'),
  learningRate: (plan) => plan.schedule.learningRate,
  schedule: (plan) => plan.schedule.name,
  seed: (plan) => plan.seed,
  consistency: (plan) => plan.consistency,
};

/** A constant that only some optimizers or schedules have. */
function constantOf(
  of: TrainingPlan['optimizer'] | TrainingPlan['schedule'],
  name: string,
): unknown {
  return Object.entries(of).find(([key]) => key === name)?.[1];
}

/**
 * Refuses settings that were given and contradict the run.
 * @throws MusterError `ERR_CHECKPOINT_MISMATCH` that lists all of them.
 */
export function checkResume(
  run: RunDefinition,
  plan: TrainingPlan,
  given: readonly SettingName[],
): void {
  const problems: string[] = [];
  for (const [key, read] of Object.entries(FIXED)) {
    const name = key as SettingName;
    if (!given.includes(name) || read(plan) === read(run)) continue;
    problems.push(
      `${flagOf(name)} is ${String(read(plan))}, the run has ${String(read(run))}`,
    );
  }
  if (problems.length === 0) return;
  throw new MusterError(
    'ERR_CHECKPOINT_MISMATCH',
    `run ${run.runId} cannot go on with other settings: ${problems.join('; ')} (leave them out, or start a new run)`,
  );
}
