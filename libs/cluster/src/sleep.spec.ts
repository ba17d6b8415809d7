import { describe, expect, it } from 'vitest';
import { Sleep } from './sleep.js';

function wakings(patienceMs: number, ...ticks: number[]): boolean[] {
  const sleep = new Sleep();
  sleep.begin(0);
  return ticks.map((nowMs) => sleep.isWaking(nowMs, patienceMs));
}

describe('Sleep', () => {
  it('is noticed at the first tick after it, and at no other', () => {
    // more than half of 5000 ms between 200 and 2701
    expect(wakings(5000, 100, 200, 2701, 2801)).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(wakings(5000, 2500)).toEqual([false]);
  });

  it('is no excuse twice in a row', () => {
    expect(wakings(1000, 600, 1200, 1800, 2400)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it('is not what short leases make of ordinary ticks', () => {
    // half of 100 ms is less than the ticks are apart
    expect(wakings(100, 100, 200, 300)).toEqual([false, false, false]);
  });
});
