/** A run for measuring what servers do: one example a leaf, any size. */
import { PROTOCOL_VERSION } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';

const SIZES = { rows: 1, columns: 1, channels: 1, numClasses: 2 };
const FINGERPRINT = 'a'.repeat(64);

/** One epoch of steps of so many leaves. */
export function runOf(
  leaves: number,
  { steps, parameters }: { steps: number; parameters: number },
): RunDefinition {
  const numTrain = leaves * steps;
  return {
    ...{ protocol: PROTOCOL_VERSION, runId: 'bench', seed: 1, epochs: 1 },
    ...{ globalBatchSize: leaves, microBatches: leaves },
    consistency: { name: 'sync' },
    wire: 'float32',
    optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    schedule: { name: 'constant', learningRate: 0.001 },
    dataset: {
      ...{ name: 'bench', fingerprint: FINGERPRINT },
      ...{ numTrain, numTest: 1, ...SIZES },
    },
    model: {
      ...{ topology: {}, fingerprint: FINGERPRINT },
      numParameters: parameters,
      layout: [{ name: 'w', shape: [parameters], offset: 0 }],
    },
  };
}
