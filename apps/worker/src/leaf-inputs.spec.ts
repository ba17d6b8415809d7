import { Schedule } from '@muster/cluster';
import { syntheticDataset } from '@muster/data';
import type { RandomStream } from '@muster/data';
import { describe, expect, it } from 'vitest';
import { LeafInputs } from './leaf-inputs.js';
import type { LeafInput } from './leaf-inputs.js';

// 10 examples, 4 a step in leaves of 2: steps of 2, 2 and 1 leaves
const dataset = syntheticDataset({
  ...{ seed: 3, numTrain: 10, numTest: 10 },
  ...{ rows: 4, columns: 4, numClasses: 10 },
});
const run = { seed: 7, epochs: 2, globalBatchSize: 4, microBatches: 2 };

/** Notes whose streams are made, and how many words are drawn ahead. */
class WatchedSchedule extends Schedule {
  readonly made: string[] = [];
  readonly ahead: number[] = [];

  override streamOf(step: number, leaf: number): RandomStream {
    this.made.push(`${step}/${leaf}`);
    const stream = super.streamOf(step, leaf);
    const drawAhead = stream.drawAhead.bind(stream);
    stream.drawAhead = (numWords) => {
      this.ahead.push(numWords);
      drawAhead(numWords);
    };
    return stream;
  }
}

function setUp() {
  const schedule = new WatchedSchedule({ ...run, dataset: { numTrain: 10 } });
  return { schedule, inputs: new LeafInputs(schedule, dataset) };
}

function contents({ batch, random }: LeafInput) {
  const floats = new Float32Array(700);
  random.fillFloats(floats);
  return { ...batch, floats };
}

describe('LeafInputs', () => {
  it('gives the same input whether it was prepared or not', () => {
    const { inputs: plain } = setUp();
    const { inputs: prepared, schedule } = setUp();
    for (let step = 0; step < schedule.totalSteps; step++) {
      const { numLeaves } = schedule.stepAt(step);
      for (let leaf = 0; leaf < numLeaves; leaf++) {
        const expected = contents(plain.take(step, leaf));
        expect(contents(prepared.take(step, leaf))).toEqual(expected);
        prepared.prepare(step + 1, leaf);
      }
    }
  });

  it('makes what was prepared once, and gives it once', () => {
    const { inputs, schedule } = setUp();
    inputs.prepare(1, 0);
    expect(schedule.made).toEqual(['1/0']);
    const first = inputs.take(1, 0);
    expect(schedule.made).toEqual(['1/0']);
    expect(inputs.take(1, 0)).not.toBe(first);
    expect(schedule.made).toEqual(['1/0', '1/0']);
  });

  it('draws as many numbers ahead as the last leaf has drawn', () => {
    const { inputs, schedule } = setUp();
    contents(inputs.take(0, 0));
    inputs.prepare(1, 0);
    expect(schedule.ahead).toEqual([700]);
    expect(inputs.take(1, 0).random.numDrawn).toBe(0);
  });

  it('prepares nothing for steps and leaves that do not exist', () => {
    const { inputs, schedule } = setUp();
    inputs.prepare(schedule.totalSteps, 0);
    inputs.prepare(2, 1);
    expect(schedule.made).toEqual([]);
  });

  it('forgets what was not asked for', () => {
    const { inputs, schedule } = setUp();
    inputs.prepare(1, 1);
    inputs.forget();
    inputs.take(1, 1);
    expect(schedule.made).toEqual(['1/1', '1/1']);
  });
});
