import { describe, expect, it } from 'vitest';
import { WorkerStage } from '../testing-worker.js';

const ASKED = { type: 'classify', requestId: 5, dtype: 'uint8' } as const;
const IMAGE = Uint8Array.of(1, 2);

describe('a worker that is asked about an image', () => {
  it('looks at it with its newest parameters, also during a task', () => {
    const stage = new WorkerStage();
    stage.slices(7);
    stage.gradient(1, 7);
    const expected = {
      ...{ type: 'classify', link: 0, requestId: 5, image: IMAGE, version: 7 },
      // each slice is filled with its version
      parameters: Float32Array.of(7, 7, 7),
    };
    expect(stage.hear(0, ASKED, IMAGE)).toEqual([expected]);
    // and the task goes on as it was
    expect(stage.computed(1)).toMatchObject([
      { type: 'send', link: 0 },
      { type: 'send', link: 1 },
    ]);
  });

  it('names the oldest of its slices', () => {
    const stage = new WorkerStage();
    stage.slices(7);
    stage.slice(1, 8);
    expect(stage.hear(0, ASKED, IMAGE)).toMatchObject([
      { version: 7, parameters: Float32Array.of(7, 7, 8) },
    ]);
  });

  it('says nothing before it has all slices, of one history', () => {
    const stage = new WorkerStage();
    expect(stage.hear(0, ASKED, IMAGE)).toEqual([]);
    stage.slice(0, 7);
    expect(stage.hear(0, ASKED, IMAGE)).toEqual([]);
    stage.slice(1, 7);
    expect(stage.hear(0, ASKED, IMAGE)).toHaveLength(1);
    // the servers went back: what is left of before does not go with it
    stage.slice(0, 4, 2);
    expect(stage.hear(0, ASKED, IMAGE)).toEqual([]);
  });
});
