/**
 * From settings to what decides a run's bits.
 */
import type { TrainingPlan } from '../run/create-run.js';
import type { Settings } from '../settings/read-settings.js';

/** The part of the settings that a run's definition holds. */
export function planOf(settings: Settings): TrainingPlan {
  const { seed, epochs, microBatches, consistency } = settings;
  return {
    seed,
    epochs,
    globalBatchSize: settings.globalBatch,
    microBatches,
    consistency,
    optimizer: optimizerOf(settings),
    schedule: scheduleOf(settings),
  };
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
