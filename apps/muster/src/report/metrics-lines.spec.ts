import { describe, expect, it } from 'vitest';
import { parseMetrics } from './metrics-lines.js';

const phases = (worker: string, compute: number) => ({
  ...{ step: 2, type: 'phases', atMs: 5 },
  workers: {
    [worker]: { tasks: 1, examples: 32, phasesMs: { wait: 1, compute } },
  },
});

describe('parseMetrics', () => {
  it('tells steps, epochs and rewinds apart and sums phases up', () => {
    const lines = [
      { step: 1, atMs: 3, epoch: 1, loss: 2.3, accuracy: 0.1 },
      phases('worker-0', 4),
      phases('worker-0', 6),
      phases('worker-1', 5),
      { step: 2, type: 'epoch', epoch: 1, testAccuracy: 0.5, trainMs: 90 },
      { step: 1, type: 'rewind', from: 2, atMs: 9 },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const metrics = parseMetrics(text);
    expect(metrics.steps).toEqual([
      expect.objectContaining({ step: 1, loss: 2.3, workers: Number.NaN }),
    ]);
    expect(metrics.epochs).toEqual([
      expect.objectContaining({ epoch: 1, testAccuracy: 0.5, trainMs: 90 }),
    ]);
    expect(metrics.rewinds).toEqual([{ step: 1, from: 2, atMs: 9 }]);
    // 4 + 6 of the first worker, by hand
    expect(Object.fromEntries(metrics.phases)).toEqual({
      'worker-0': {
        tasks: 2,
        examples: 64,
        phasesMs: { wait: 2, compute: 10 },
      },
      'worker-1': { tasks: 1, examples: 32, phasesMs: { wait: 1, compute: 5 } },
    });
    expect(metrics.damaged).toEqual([]);
  });

  it('gives steps in their order, though one was written late', () => {
    // 1, 3 by the server that took over, 2 by the one that slept
    const text = [1, 3, 2].map((step) => JSON.stringify({ step })).join('\n');
    const { steps } = parseMetrics(text);
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3]);
  });

  it('passes damaged lines over and says which they are', () => {
    const text =
      '{"step":1}\n{"ste\n7\n[1]\nnull\n\n{"step":2}\n{"step":"3"}\n';
    const { steps, damaged } = parseMetrics(text);
    // line 8 is whole, but of no step
    expect(steps.map(({ step }) => step)).toEqual([1, 2]);
    expect(damaged).toEqual([2, 3, 4, 5]);
  });

  it('has NaN for a loss that was no number', () => {
    const [step] = parseMetrics('{"step":1,"loss":null}').steps;
    expect(step?.loss).toBeNaN();
  });
});
