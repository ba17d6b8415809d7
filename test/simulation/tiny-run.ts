/**
 * A run small enough to simulate: 8 parameters, gradients that are a hash of
 * (parameters, step, leaf), so that every lost, doubled or reordered
 * contribution shows in the final bits.
 */
import { ParameterShard, TaskSum } from '@muster/cluster';
import type { GradientResult, Schedule } from '@muster/cluster';
import type { GradientTask, RunDefinition } from '@muster/protocol';

/** Parameters of the tiny network. */
export const NUM_PARAMETERS = 8;

/** The definition of the tiny run; steps of 5 leaves, the last one short. */
export function tinyRun(seed: number): RunDefinition {
  return {
    protocol: 1,
    runId: 'tiny',
    seed,
    epochs: 2,
    globalBatchSize: 20,
    microBatches: 5,
    consistency: 'sync',
    optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    schedule: { name: 'constant', learningRate: 0.01 },
    dataset: {
      name: 'tiny',
      fingerprint: 'a'.repeat(64),
      numTrain: 71,
      numTest: 1200,
      rows: 1,
      columns: 1,
      channels: 1,
      numClasses: 2,
    },
    model: {
      topology: {},
      layout: [{ name: 'w', shape: [NUM_PARAMETERS], offset: 0 }],
      fingerprint: 'b'.repeat(64),
      numParameters: NUM_PARAMETERS,
    },
  };
}

/** A fresh shard over all parameters at version 0. */
export function tinyShard(run: RunDefinition): ParameterShard {
  const parameters = Float32Array.from({ length: NUM_PARAMETERS }, (_, i) =>
    Math.fround(0.1 * (i + 1)),
  );
  const range = { begin: 0, end: NUM_PARAMETERS };
  return new ParameterShard(run, {
    ...range,
    version: 0,
    parameters,
    slots: {},
  });
}

/** A gradient of one leaf: irregular float32 numbers. */
function leafGradient(
  parameters: Float32Array,
  step: number,
  leaf: number,
): Float32Array {
  return parameters.map((value, i) => {
    const hash = Math.imul(step * 31 + leaf * 7 + i + 1, 0x9e3779b1) >>> 8;
    return Math.fround((hash / 2 ** 24 - 0.5) * (1 + value));
  });
}

/** What a worker answers to a task. */
export function computeTask(
  schedule: Schedule,
  task: GradientTask,
  parameters: Float32Array,
): GradientResult {
  const { step, firstLeaf, numLeaves } = task;
  const sum = new TaskSum(numLeaves);
  for (let leaf = firstLeaf; leaf < firstLeaf + numLeaves; leaf++) {
    const slice = leafGradient(parameters, step, leaf);
    const count = schedule.countOf(step, leaf, 1);
    sum.addLeaf({ slice, count, lossSum: 1 / (leaf + 3), correct: leaf % 2 });
  }
  const { slice, ...sums } = sum.take();
  return {
    gradient: slice,
    ...sums,
    phases: { data: 0, compute: 0, encode: 0 },
  };
}

/** The final parameters when one process does everything in order. */
export function sequentialReference(run: RunDefinition): Float32Array {
  const shard = tinyShard(run);
  const { schedule } = shard;
  while (shard.version < schedule.totalSteps) {
    const step = shard.version;
    const parameters = shard.parameters.slice();
    for (let leaf = 0; leaf < schedule.stepAt(step).numLeaves; leaf++) {
      const task = { step, firstLeaf: leaf, numLeaves: 1 };
      const { gradient, count, lossSum, correct } = computeTask(
        schedule,
        { kind: 'gradient', taskId: 0, ...task },
        parameters,
      );
      const sums = { slice: gradient, count, lossSum, correct };
      shard.push({ ...sums, ...task, begin: 0, end: NUM_PARAMETERS });
    }
  }
  return shard.parameters;
}
