import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../simulation/seeded-random.js';
import { Timeline } from './timeline.js';

describe('Timeline', () => {
  it('lets things happen in the order of their times', () => {
    const random = new SeededRandom(1, 0);
    const times = Array.from({ length: 1000 }, () => random.below(100));
    const timeline = new Timeline();
    const happened: number[] = [];
    for (const time of times) {
      timeline.at(time, () => happened.push(timeline.nowMs));
    }
    timeline.run();
    expect(happened).toEqual([...times].sort((a, b) => a - b));
  });

  it('keeps the order of asking among equal times', () => {
    const timeline = new Timeline();
    const happened: number[] = [];
    for (let i = 0; i < 100; i++) {
      timeline.at(i % 3, () => happened.push(i));
    }
    timeline.run();
    const expected = [0, 1, 2].flatMap((rest) =>
      Array.from({ length: 100 }, (_, i) => i).filter((i) => i % 3 === rest),
    );
    expect(happened).toEqual(expected);
  });

  it('goes on with what comes of what happens, and never back', () => {
    const timeline = new Timeline();
    const happened: number[] = [];
    timeline.at(5, () => {
      timeline.at(1, () => happened.push(timeline.nowMs));
      timeline.at(7, () => happened.push(timeline.nowMs));
    });
    timeline.run();
    expect(happened).toEqual([5, 7]);
  });
});
