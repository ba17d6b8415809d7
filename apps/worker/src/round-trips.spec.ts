import { describe, expect, it } from 'vitest';
import { RoundTrips } from './round-trips.js';

describe('RoundTrips', () => {
  it('measures each from its leaving to its echo, once', () => {
    const trips = new RoundTrips();
    trips.sent(1, 100);
    trips.sent(2, 110);
    expect(trips.echoed(2, 113)).toBe(3);
    expect(trips.echoed(1, 125)).toBe(25);
    expect(trips.echoed(1, 126)).toBeUndefined();
    expect(trips.echoed(9, 126)).toBeUndefined();
  });

  it('forgets the oldest of those that nobody answers', () => {
    const trips = new RoundTrips();
    for (let i = 0; i < 70; i++) trips.sent(i, i);
    // 64 are remembered: 6 to 69
    expect(trips.echoed(5, 100)).toBeUndefined();
    expect(trips.echoed(6, 100)).toBe(94);
  });
});
