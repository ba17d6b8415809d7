/**
 * Muster as a library: train a Layers model on a cluster of this machine.
 */
export { fit } from './fit.js';
export type { FitHistory, FitOptions } from './fit.js';
export { createRun } from './run/create-run.js';
export type { NewRun, Run, TrainingPlan } from './run/create-run.js';
export { RunFolder } from './run/run-folder.js';
export type { Summary } from './run/summary.js';
export { trainRun } from './run/train.js';
export type { TrainOptions, TrainResult } from './run/train.js';
