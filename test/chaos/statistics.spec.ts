import { describe, expect, it } from 'vitest';
import { courseOf, percentile, spreadOf } from './statistics.js';
import type { CourseEvent } from './statistics.js';

function step(atMs: number, version: number): CourseEvent {
  return { type: 'step', atMs, version };
}
function resumed(atMs: number, version: number, from: number): CourseEvent {
  return { type: 'resumed', atMs, version, from };
}

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);

  it.each([
    { percent: 1, expected: 1 },
    { percent: 50, expected: 50 },
    { percent: 99, expected: 99 },
    { percent: 99.5, expected: 100 },
    { percent: 100, expected: 100 },
  ])('$percent of 1 to 100 is $expected', ({ percent, expected }) => {
    expect(percentile(hundred, percent)).toBe(expected);
  });

  it('is always one of the values: 50 of 1, 2, 10, 20 is 2', () => {
    expect(percentile([20, 1, 10, 2], 50)).toBe(2);
  });

  it('99 of fewer than 100 values is the greatest', () => {
    expect(percentile([3, 9, 1], 99)).toBe(9);
  });

  it('is null where there are no values', () => {
    expect(percentile([], 50)).toBeNull();
    expect(spreadOf([])).toEqual({ count: 0, p50: null, p99: null, max: null });
  });

  it('leaves the values in their order', () => {
    const values = [3, 1, 2];
    expect(spreadOf(values)).toEqual({ count: 3, p50: 2, p99: 3, max: 3 });
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('courseOf', () => {
  it('is all goodput when nothing happens', () => {
    const events = [step(1000, 1), step(1400, 3), step(2000, 6)];
    expect(courseOf(events)).toEqual({
      ...{ seconds: 1, goodput: 1, steps: 5 },
      ...{ stepsRedone: 0, rollbacks: 0 },
    });
  });

  it('takes off steps that were rolled back, and the time until then', () => {
    // 0..1000: 10 steps, a second of them; 8 stay: 800 ms. The server dies,
    // training goes on at 2000. Then 8 to 18 in a second: 1800 of 3000 ms.
    const events = [
      ...[step(0, 0), step(1000, 10)],
      ...[resumed(2000, 8, 10), step(3000, 18)],
    ];
    expect(courseOf(events)).toEqual({
      ...{ seconds: 3, goodput: 0.6, steps: 18 },
      ...{ stepsRedone: 2, rollbacks: 1 },
    });
  });

  it('takes off the time of a recovery that lost no step', () => {
    // 10 steps in 1000 ms, 500 ms of recovery, 10 steps in 500 ms
    const events = [
      ...[step(0, 0), step(1000, 10)],
      ...[resumed(1500, 10, 10), step(2000, 20)],
    ];
    expect(courseOf(events)).toMatchObject({
      ...{ goodput: 0.75, stepsRedone: 0, rollbacks: 0 },
    });
  });

  it('counts steps as redone that were taken after the last sight', () => {
    // seen: 10; at the crash it was 13, and it goes on from 9
    const events = [step(0, 0), step(1000, 10), resumed(2000, 9, 13)];
    expect(courseOf(events)).toMatchObject({ stepsRedone: 4, rollbacks: 1 });
  });

  it('rolls back over several sights and over an earlier recovery', () => {
    // 0 to 10 in 1000; back to 8 (800); 8 to 12 in 400; back to 4: of 0 to
    // 10 there stay 4 tenths, 400; 4 to 8 in 200: 600 of 3000 ms
    const events = [
      ...[step(0, 0), step(1000, 10), resumed(1500, 8, 10), step(1900, 12)],
      ...[resumed(2800, 4, 12), step(3000, 8)],
    ];
    expect(courseOf(events)).toEqual({
      ...{ seconds: 3, goodput: 0.2, steps: 8 },
      ...{ stepsRedone: 2 + 8, rollbacks: 2 },
    });
  });

  it('takes a step that is seen lower as a rollback nobody told of', () => {
    // the first 10 steps keep 6 tenths, 600; the time until 6 is seen is
    // nobody's; 6 to 10 in 400: 1000 of 2000 ms
    const events = [
      ...[step(0, 0), step(1000, 10)],
      ...[step(1600, 6), step(2000, 10)],
    ];
    expect(courseOf(events)).toMatchObject({
      ...{ goodput: 0.5, stepsRedone: 4, rollbacks: 1 },
    });
  });

  it('waits for the next step when one is seen twice', () => {
    const events = [step(0, 0), step(500, 5), step(600, 5), step(1000, 6)];
    expect(courseOf(events)).toMatchObject({ goodput: 1, steps: 6 });
  });

  it('begins with the first step', () => {
    const events = [resumed(0, 0, 0), step(1000, 1), step(2000, 2)];
    expect(courseOf(events)).toMatchObject({ seconds: 1, goodput: 1 });
  });

  it('is nothing without steps', () => {
    expect(courseOf([])).toMatchObject({ seconds: 0, goodput: 0, steps: 0 });
    expect(courseOf([step(5, 1)])).toMatchObject({ seconds: 0, goodput: 0 });
  });
});
