/**
 * From settings to what decides a run's bits.
 */
import type { Consistency } from '@muster/protocol';
import type { TrainingPlan } from '../run/create-run.js';
import type { Settings } from '../settings/read-settings.js';

/** The part of the settings that a run's definition holds. */
export function planOf(settings: Settings): TrainingPlan {
  const { seed, epochs, microBatches, wire } = settings;
  return {
    seed,
    epochs,
    globalBatchSize: settings.globalBatch,
    microBatches,
    consistency: consistencyOf(settings),
    wire,
    optimizer: optimizerOf(settings),
    schedule: scheduleOf(settings),
  };
}

function consistencyOf(settings: Settings): Consistency {
  const { consistency: name, stalenessScaling } = settings;
  // without a bound, a few very stale gradients undo what many have learned
  const usual = name === 'async' ? 'inverse' : 'none';
  const scaling = stalenessScaling === 'auto' ? usual : stalenessScaling;
  switch (name) {
    case 'sync':
      return { name };
    case 'bounded':
      return { name, staleness: settings.staleness, scaling };
    case 'async':
      return { name, maxStaleness: settings.maxStaleness, scaling };
    case 'local':
      return { name, steps: settings.localSteps, outer: outerOf(settings) };
  }
}

function outerOf(settings: Settings) {
  const { outerOptimizer: name, outerLearningRate, outerMomentum } = settings;
  return name === 'average'
    ? { name }
    : { name, learningRate: outerLearningRate, momentum: outerMomentum };
}

function optimizerOf(settings: Settings): TrainingPlan['optimizer'] {
  const { optimizer: name, beta1, beta2, epsilon, momentum } = settings;
  switch (name) {
    case 'adam':
      return { name, beta1, beta2, epsilon };
    case 'momentum':
      return { name, momentum };
    case 'sgd':
      return { name };
  }
}

function scheduleOf(settings: Settings): TrainingPlan['schedule'] {
  const { schedule: name, learningRate, warmup } = settings;
  return name === 'constant'
    ? { name, learningRate }
    : { name, learningRate, warmupRatio: warmup };
}
