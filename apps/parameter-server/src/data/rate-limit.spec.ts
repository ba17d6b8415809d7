import { describe, expect, it } from 'vitest';
import { RateLimit } from './rate-limit.js';

describe('RateLimit', () => {
  it('lets a second of bytes through in a second, less the credit', () => {
    // 1000 bytes a second: a piece of 100 takes 100 ms, and 50 ms are given.
    const limit = new RateLimit(1000);
    const waits = Array.from({ length: 11 }, () => limit.book(100, 0));
    expect(waits).toEqual([0, 50, 150, 250, 350, 450, 550, 650, 750, 850, 950]);
  });

  it('is one limit for all who wait, in the order they came', () => {
    const limit = new RateLimit(1000);
    expect(limit.book(500, 0)).toBe(0);
    expect(limit.book(10, 0)).toBe(450);
    expect(limit.book(10, 400)).toBe(60);
  });

  it('does not save up what nobody wanted', () => {
    const limit = new RateLimit(1000);
    limit.book(100, 0);
    expect(limit.book(100, 60_000)).toBe(0);
    expect(limit.book(100, 60_000)).toBe(50);
  });

  it.each([1000, 50_000, 1e9])(
    'keeps to %i bytes a second whoever wakes how late',
    (rate) => {
      const limit = new RateLimit(rate);
      const bytes = rate / 20;
      let nowMs = 0;
      let sent = 0;
      for (let i = 0; i < 200; i++) {
        // late by 0, 7, 14, 21 ms, in turn
        nowMs += limit.book(bytes, nowMs) + (i % 4) * 7;
        sent += bytes;
      }
      expect(sent).toBeLessThanOrEqual(rate * (nowMs / 1000) + 2 * bytes);
      expect(sent).toBeGreaterThan(rate * (nowMs / 1000) * 0.97);
    },
  );
});
