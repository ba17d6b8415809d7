import { describe, expect, it } from 'vitest';
import { Eta } from './eta.js';

/** Steps of `stepMs` from `from` at `atMs`, up to version `to`. */
function make(
  eta: Eta,
  from: number,
  to: number,
  stepMs: number,
  atMs: number,
): number {
  let nowMs = atMs;
  for (let version = from + 1; version <= to; version++) {
    nowMs += stepMs;
    eta.applied(version, nowMs);
  }
  return nowMs;
}

describe('Eta', () => {
  it('is what is left at the pace so far', () => {
    const eta = new Eta(100);
    expect(eta.seconds(0)).toBeUndefined();
    eta.resumed(0, 0);
    expect(eta.seconds(5)).toBeUndefined();
    // 20 steps of 50 ms: 80 of them are left
    const nowMs = make(eta, 0, 20, 50, 0);
    expect(eta.seconds(nowMs)).toBeCloseTo(80 * 0.05, 9);
  });

  it('is 0 at the end', () => {
    const eta = new Eta(10);
    eta.resumed(0, 0);
    const nowMs = make(eta, 0, 10, 100, 0);
    expect(eta.seconds(nowMs + 1e6)).toBe(0);
  });

  it('follows the last minute', () => {
    const eta = new Eta(10_000);
    eta.resumed(0, 0);
    // 120 steps of 100 ms, then two minutes of steps of 1 s
    const slowMs = make(eta, 0, 120, 100, 0);
    const nowMs = make(eta, 120, 240, 1000, slowMs);
    expect(eta.seconds(nowMs)).toBeCloseTo(10_000 - 240, 6);
  });

  it('grows while nothing comes', () => {
    const eta = new Eta(20);
    eta.resumed(0, 0);
    const nowMs = make(eta, 0, 10, 1000, 0);
    // 10 steps in 10 s, or in 40 s: 10 are left
    expect(eta.seconds(nowMs)).toBe(10);
    expect(eta.seconds(nowMs + 30_000)).toBe(40);
  });

  it('begins anew where training goes on from an older version', () => {
    const eta = new Eta(30);
    eta.resumed(0, 0);
    const lostMs = make(eta, 0, 20, 1000, 0);
    eta.resumed(10, lostMs + 5000);
    expect(eta.seconds(lostMs + 6000)).toBeUndefined();
    const nowMs = make(eta, 10, 15, 2000, lostMs + 5000);
    expect(eta.seconds(nowMs)).toBe(15 * 2);
  });
});
