/**
 * What is fixed in the script's run.
 */
import type { RunFacts } from '../feed.js';

/** The run that the script tells of. */
export const SCRIPTED_FACTS: RunFacts = {
  type: 'run',
  runId: '20260714-101500-k7p2',
  network: 'notebook',
  numParameters: 607_394,
  dataset: 'mnist',
  numTrain: 60_000,
  numTest: 10_000,
  epochs: 4,
  totalSteps: 400,
  stepsPerEpoch: 100,
  globalBatch: 600,
  microBatches: 16,
  consistency: 'sync',
  optimizer: 'adam',
  seed: 7,
  numServers: 2,
  rows: 28,
  columns: 28,
  numClasses: 10,
};

/** SHA-256 that the script's run ends with. */
export const SCRIPTED_SHA256 =
  '9f2c4e6a81b3d5f7092b4d6f8193a5b7c9dbedff10213243546576879809bacb';

/** Unix time of the script's beginning. Milliseconds. */
export const SCRIPTED_START = Date.UTC(2026, 6, 14, 10, 15, 0);
/** How long one of its steps takes. Milliseconds. */
const STEP_MS = 90;

/** When the script's step was applied. Unix time in milliseconds. */
export function scriptedTime(step: number): number {
  return SCRIPTED_START + 4_000 + step * STEP_MS;
}

/** 0 to 1, the same for the same number. */
export function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}
