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
  wire: (plan) => plan.wire,
  consistency: (plan) => plan.consistency.name,
  staleness: (plan) => constantOf(plan.consistency, 'staleness'),
  maxStaleness: (plan) => constantOf(plan.consistency, 'maxStaleness'),
  stalenessScaling: (plan) => constantOf(plan.consistency, 'scaling'),
  localSteps: (plan) => constantOf(plan.consistency, 'steps'),
  outerOptimizer: (plan) => outerOf(plan)?.name,
  outerLearningRate: (plan) => constantOf(outerOf(plan), 'learningRate'),
  outerMomentum: (plan) => constantOf(outerOf(plan), 'momentum'),
};

/** A constant that only some optimizers, schedules or modes have. */
function constantOf(of: object | undefined, name: string): unknown {
  return Object.entries(of ?? {}).find(([key]) => key === name)?.[1];
}

/** The rule that puts replicas together, in the mode that has one. */
function outerOf({ consistency }: TrainingPlan) {
  return consistency.name === 'local' ? consistency.outer : undefined;
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
