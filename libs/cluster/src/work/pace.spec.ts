import { describe, expect, it } from 'vitest';
import { Pace } from './pace.js';

function paceOf(unitMs: Record<string, number>): Pace {
  const pace = new Pace();
  for (const [workerId, ms] of Object.entries(unitMs))
    pace.record(workerId, ms);
  return pace;
}

describe('Pace', () => {
  it('gives the lower median of the known paces', () => {
    const pace = paceOf({ a: 10, b: 30, c: 20, d: 90 });
    expect(pace.median(['a', 'b', 'c'])).toBe(20);
    expect(pace.median(['a', 'b', 'c', 'd', 'unknown'])).toBe(20);
    expect(pace.median(['unknown'])).toBeUndefined();
  });

  it('follows a change by three tenths a measurement', () => {
    const pace = paceOf({ a: 10 });
    pace.record('a', 20);
    expect(pace.median(['a'])).toBe(13);
  });

  it('learns from unfinished work only that a worker is slower', () => {
    const pace = paceOf({ a: 10 });
    pace.recordUnfinished('a', 5);
    expect(pace.median(['a'])).toBe(10);
    pace.recordUnfinished('a', 20);
    expect(pace.median(['a'])).toBe(13);
    pace.recordUnfinished('new', 40);
    expect(pace.median(['new'])).toBe(40);
  });

  it('passes over who would end after the others had done everything', () => {
    const pace = paceOf({ a: 10, b: 10, slow: 100 });
    // a and b need 2 * 10 ms for 4 units, slow 100 ms for one
    expect(pace.helpful(['a', 'b', 'slow'], 4)).toEqual(['a', 'b']);
    // for 24 units they need 120 ms: slow helps
    expect(pace.helpful(['a', 'b', 'slow'], 24)).toContain('slow');
  });

  it('keeps everybody where one unit each is the best there is', () => {
    const pace = paceOf({ a: 10, b: 11, c: 12 });
    expect(pace.helpful(['a', 'b', 'c'], 3)).toHaveLength(3);
  });

  it('asks a slow worker again after it was passed over 25 times', () => {
    const pace = paceOf({ a: 10, slow: 100 });
    const asked = Array.from({ length: 52 }, () =>
      pace.helpful(['a', 'slow'], 2).includes('slow'),
    );
    const whenAsked = asked.flatMap((was, i) => (was ? [i] : []));
    expect(whenAsked).toEqual([25, 51]);
  });

  it('keeps whom it does not know, and who is alone', () => {
    expect(new Pace().helpful(['a', 'b'], 1)).toEqual(['a', 'b']);
    expect(paceOf({ a: 10 }).helpful(['a'], 1)).toEqual(['a']);
  });
});
