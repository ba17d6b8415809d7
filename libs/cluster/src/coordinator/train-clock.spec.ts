import { describe, expect, it } from 'vitest';
import { TrainClock } from './train-clock.js';

describe('TrainClock', () => {
  it('gives the time since the last reading, while it runs', () => {
    const clock = new TrainClock();
    expect(clock.read(5)).toBe(0);
    clock.start(10);
    // starting it again changes nothing
    clock.start(15);
    expect(clock.read(30)).toBe(20);
    expect(clock.read(31)).toBe(1);
    expect(clock.stop(41)).toBe(10);
    expect(clock.read(99)).toBe(0);
    expect(clock.stop(99)).toBe(0);
  });

  it('tells how long it runs without counting that as a reading', () => {
    const clock = new TrainClock();
    expect(clock.elapsed(5)).toBe(0);
    clock.start(10);
    expect(clock.elapsed(25)).toBe(15);
    expect(clock.read(30)).toBe(20);
    expect(clock.elapsed(31)).toBe(1);
  });

  it('leaves out the time in which it stood', () => {
    const clock = new TrainClock();
    clock.start(0);
    const before = clock.stop(10);
    clock.start(100);
    expect(before + clock.stop(105)).toBe(15);
  });
});
