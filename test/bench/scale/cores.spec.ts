import { describe, expect, it } from 'vitest';
import { OwnCores, SharedCores } from './cores.js';
import type { Cores, SharedCoresOptions } from './cores.js';
import { Timeline } from './timeline.js';

/** Ends of pieces of work that begin at these times. Milliseconds. */
function endsOf(
  create: (timeline: Timeline) => Cores,
  pieces: readonly (readonly [beginMs: number, workMs: number])[],
): number[] {
  const timeline = new Timeline();
  const cores = create(timeline);
  const ends = pieces.map(() => NaN);
  pieces.forEach(([beginMs, workMs], i) => {
    timeline.at(beginMs, () =>
      cores.start(workMs, () => (ends[i] = timeline.nowMs)),
    );
  });
  timeline.run();
  return ends;
}

const shared = (options: Partial<SharedCoresOptions>) => (timeline: Timeline) =>
  new SharedCores(timeline, {
    ...{ numCores: 1, pairSpeed: 1, numBusyElsewhere: 0 },
    ...options,
  });

describe('OwnCores', () => {
  it('works on everything at once', () => {
    const ends = endsOf(
      (timeline) => new OwnCores(timeline),
      [
        [0, 10],
        [0, 10],
        [5, 1],
      ],
    );
    expect(ends).toEqual([10, 10, 6]);
  });
});

describe('SharedCores', () => {
  it('gives each of two half of one core', () => {
    const pieces = [[0, 10] as const, [0, 10] as const];
    expect(endsOf(shared({}), pieces)).toEqual([20, 20]);
  });

  it('gives each of three two thirds of a core of two', () => {
    const pieces = Array.from({ length: 3 }, () => [0, 10] as const);
    const ends = endsOf(shared({ numCores: 2 }), pieces);
    for (const end of ends) expect(end).toBeCloseTo(15, 9);
  });

  it('shares from when the second comes to when the first ends', () => {
    // alone to 5; half each to 15, when the first has its 10; then alone
    const pieces = [[0, 10] as const, [5, 10] as const];
    expect(endsOf(shared({}), pieces)).toEqual([15, 20]);
  });

  it('is slower where the other core works too', () => {
    const two = [[0, 10] as const, [0, 10] as const];
    const options = { numCores: 2, pairSpeed: 0.5 };
    expect(endsOf(shared(options), two)).toEqual([20, 20]);
    expect(endsOf(shared(options), [[0, 10]])).toEqual([10]);
  });

  it('is slower where other programs work on the other core', () => {
    const options = { numCores: 1, pairSpeed: 0.5, numBusyElsewhere: 1 };
    expect(endsOf(shared(options), [[0, 10]])).toEqual([20]);
  });

  it('does all of the work that there is, on no more cores than there are', () => {
    const pieces = Array.from(
      { length: 20 },
      (_, i) => [i, 3 + (i % 5)] as const,
    );
    const work = pieces.reduce((sum, [, workMs]) => sum + workMs, 0);
    const ends = endsOf(shared({ numCores: 2 }), pieces);
    expect(Math.max(...ends)).toBeGreaterThanOrEqual(work / 2);
    // at 1 the second core gets something to do; from then on none is idle
    // before the last piece is alone
    expect(Math.max(...ends)).toBeLessThanOrEqual(work / 2 + 1 + 7);
  });
});
