import { Schedule } from '@muster/cluster';
import { syntheticDataset } from '@muster/data';
import { describe, expect, it } from 'vitest';
import { LeafInputs } from './leaf-inputs.js';
import type { LeafInput } from './leaf-inputs.js';

// 10 examples, 4 a step in leaves of 2: steps of 2, 2 and 1 leaves
const dataset = syntheticDataset({
  ...{ seed: 3, numTrain: 10, numTest: 10 },
  ...{ rows: 4, columns: 4, numClasses: 10 },
});
const run = { seed: 7, epochs: 2, globalBatchSize: 4, microBatches: 2 };
const schedule = new Schedule({ ...run, dataset: { numTrain: 10 } });

function contents({ batch, random }: LeafInput) {
  const floats = new Float32Array(700);
  random.fillFloats(floats);
  return { ...batch, floats };
}

describe('LeafInputs', () => {
  it('gives the same input whether it was prepared or not', () => {
    const [plain, prepared] = [1, 2].map(
      () => new LeafInputs(schedule, dataset),
    );
    for (let step = 0; step < schedule.totalSteps; step++) {
      const { numLeaves } = schedule.stepAt(step);
      for (let leaf = 0; leaf < numLeaves; leaf++) {
        const expected = plain && contents(plain.take(step, leaf));
        expect(prepared && contents(prepared.take(step, leaf))).toEqual(
          expected,
        );
        prepared?.prepare(step + 1, leaf);
      }
    }
  });

  it('has the numbers ready that the leaf before has drawn', () => {
    const inputs = new LeafInputs(schedule, dataset);
    contents(inputs.take(0, 0));
    inputs.prepare(1, 0);
    const { random } = inputs.take(1, 0);
    expect(random.numDrawn).toBe(0);
    // each input is given once: another taker has a stream of its own
    random.nextUint32();
    expect(inputs.take(1, 0).random.numDrawn).toBe(0);
  });

  it('prepares nothing for steps and leaves that do not exist', () => {
    const inputs = new LeafInputs(schedule, dataset);
    inputs.prepare(schedule.totalSteps, 0);
    inputs.prepare(2, 1);
    expect(() => inputs.take(schedule.totalSteps, 0)).toThrow(RangeError);
  });

  it('forgets what was not asked for', () => {
    const inputs = new LeafInputs(schedule, dataset);
    inputs.prepare(1, 1);
    inputs.forget();
    const fresh = new LeafInputs(schedule, dataset);
    expect(contents(inputs.take(1, 1))).toEqual(contents(fresh.take(1, 1)));
  });
});
