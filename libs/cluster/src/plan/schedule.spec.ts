import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Schedule } from './schedule.js';

function schedule(
  numTrain: number,
  globalBatchSize: number,
  microBatches: number,
) {
  const dataset = { numTrain };
  return new Schedule({
    seed: 3,
    epochs: 2,
    globalBatchSize,
    microBatches,
    dataset,
  });
}

describe('Schedule', () => {
  it('cuts 60,000 examples into 235 steps of 256, the last of 96', () => {
    const mnist = schedule(60_000, 256, 4);
    // 60,000 = 234 * 256 + 96; leaves of 64, so the last step has 2
    expect(mnist.stepsPerEpoch).toBe(235);
    expect(mnist.totalSteps).toBe(470);
    expect(mnist.stepAt(469)).toEqual({
      step: 469,
      epoch: 1,
      stepInEpoch: 234,
      begin: 59_904,
      count: 96,
      numLeaves: 2,
    });
    expect(mnist.countOf(469, 0, 2)).toBe(96);
    expect(mnist.countOf(469, 1, 1)).toBe(32);
  });

  it('refuses a batch that is not a multiple of its leaves', () => {
    expect(() => schedule(100, 10, 3)).toThrow(
      'global batch of 10 examples is not a multiple of 3 micro-batches',
    );
  });

  it('refuses a step that the run does not have', () => {
    expect(() => schedule(100, 10, 2).stepAt(20)).toThrow('not below 20');
  });

  it('gives each example of an epoch to one leaf, for any sizes', () => {
    const sizes = fc.record({
      numTrain: fc.integer({ min: 1, max: 300 }),
      leafSize: fc.integer({ min: 1, max: 9 }),
      microBatches: fc.integer({ min: 1, max: 7 }),
    });
    const law = ({
      numTrain,
      leafSize,
      microBatches,
    }: {
      numTrain: number;
      leafSize: number;
      microBatches: number;
    }) => {
      const plan = schedule(numTrain, leafSize * microBatches, microBatches);
      const seen: number[] = [];
      for (let step = 0; step < plan.stepsPerEpoch; step++) {
        const { numLeaves } = plan.stepAt(step);
        for (let leaf = 0; leaf < numLeaves; leaf++) {
          const examples = plan.examplesOf(step, leaf);
          expect(examples.length).toBeGreaterThan(0);
          expect(examples).toHaveLength(plan.countOf(step, leaf, 1));
          seen.push(...examples);
        }
      }
      const all = Array.from({ length: numTrain }, (_, i) => i);
      expect(seen.sort((a, b) => a - b)).toEqual(all);
    };
    fc.assert(fc.property(sizes, law), { numRuns: 60 });
  });

  it('draws another order and other streams in another epoch', () => {
    const plan = schedule(100, 20, 2);
    const first = [...plan.examplesOf(0, 0)];
    const second = [...plan.examplesOf(plan.stepsPerEpoch, 0)];
    expect(second).not.toEqual(first);
    const drawn = [0, 1, plan.stepsPerEpoch].map((step) =>
      plan.streamOf(step, 0).nextUint32(),
    );
    expect(new Set(drawn).size).toBe(3);
    expect(plan.streamOf(0, 0).nextUint32()).toBe(drawn[0]);
  });
});
