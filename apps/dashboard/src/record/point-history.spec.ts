import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_POINTS, PointHistory } from './point-history.js';

const point = (step: number, loss: number | null = 1 / step) => ({
  ...{ step, loss, accuracy: 0.5, imagesPerSecond: 100.4 },
  ...{ learningRate: 0.004, gradientNorm: 2, at: 1000 * step },
});
const filled = (numSteps: number) => {
  const history = new PointHistory();
  for (let step = 1; step <= numSteps; step++) history.add(point(step));
  return history;
};
const stepsOf = (history: PointHistory) =>
  history.messages().flatMap(({ step }) => step);

describe('PointHistory', () => {
  it('keeps every step of a short run, in columns', () => {
    const history = new PointHistory();
    history.add(point(1, 0.123456789));
    history.add(point(2, NaN));
    expect(history.messages()).toEqual([
      {
        type: 'points',
        step: [1, 2],
        loss: [0.12346, null],
        accuracy: [0.5, 0.5],
        imagesPerSecond: [100, 100],
        learningRate: [0.004, 0.004],
        gradientNorm: [2, 2],
        at: [1000, 2000],
      },
    ]);
  });

  it('tells each step once as news', () => {
    const history = filled(3);
    expect(history.takeNews()?.step).toEqual([1, 2, 3]);
    expect(history.takeNews()).toBeUndefined();
    history.add(point(4));
    expect(history.takeNews()?.step).toEqual([4]);
  });

  it('thins a long run out: every other, every fourth, and so on', () => {
    // 2,001 steps are one too many: 1,000 even ones are left, and go on
    expect(stepsOf(filled(2001))).toEqual(
      Array.from({ length: 1000 }, (_, index) => 2 * (index + 1)),
    );
    const steps = stepsOf(filled(100_000));
    expect(steps.length).toBeLessThanOrEqual(MAX_POINTS);
    // 100,000 / 64 = 1,562; by 32 they would be 3,125
    expect(steps).toEqual(
      Array.from({ length: 1562 }, (_, index) => 64 * (index + 1)),
    );
  });

  it('holds no news without bound while nobody takes them', () => {
    const news = filled(50_000).takeNews();
    expect(news!.step.length).toBeLessThanOrEqual(MAX_POINTS + 1);
    expect(news!.step.at(-1)).toBe(50_000);
  });

  it('forgets what is done again, and is whole afterwards', () => {
    const anywhere = fc.integer({ min: 0, max: 900 });
    const law = (from: number) => {
      const history = filled(900);
      history.rewind(from);
      for (let step = from + 1; step <= 1000; step++) history.add(point(step));
      expect(stepsOf(history)).toEqual(stepsOf(filled(1000)));
    };
    fc.assert(fc.property(anywhere, law), { numRuns: 20 });
  });

  it('gives the same objects again where nothing has changed', () => {
    const history = filled(450);
    const before = history.messages();
    history.add(point(451));
    // 450 steps are two whole messages of 200 and 50 that wait for more
    expect(history.messages()[0]).toBe(before[0]);
    expect(history.messages()[1]).toBe(before[1]);
  });
});
