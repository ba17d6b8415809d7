import { describe, expect, it } from 'vitest';
import {
  CALM_END_MS,
  MAX_DURATION_MS,
  SERVER_KILL_GAP_MS,
  schedule,
} from './schedule.js';
import { FAULT_KINDS, endOf } from './fault.js';
import type { Fault } from './fault.js';

const TARGETS = { workers: 3, servers: 2, standbys: 0 };
const SEEDS = [0, 1, 2, 3, 17, 4_294_967_295];

/** Every seed with trainings of one to thirty minutes. */
const CASES = SEEDS.flatMap((seed) =>
  [1, 3, 10, 30].map((minutes) => ({ seed, minutes })),
);

function killsOf(faults: readonly Fault[], sort: RegExp): Fault[] {
  return faults.filter(
    ({ kind, target }) => kind === 'kill' && sort.test(target),
  );
}

describe.each(CASES)('schedule($seed, $minutes minutes)', (one) => {
  const { seed, minutes } = one;
  const faults = schedule(seed, minutes, TARGETS);

  it('is in the order of time, in whole milliseconds', () => {
    const times = faults.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every(Number.isInteger)).toBe(true);
    expect(times[0]).toBeGreaterThanOrEqual(0);
  });

  it('ends five seconds before the end', () => {
    const last = Math.max(...faults.map(endOf));
    expect(last).toBeLessThanOrEqual(minutes * 60_000 - CALM_END_MS);
  });

  it('leaves 2.5 seconds from one kill of a server to the next', () => {
    const times = killsOf(faults, /^server-/).map(({ atMs }) => atMs);
    const gaps = times.slice(1).map((ms, i) => ms - times[i]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SERVER_KILL_GAP_MS);
  });

  it('has durations within their limit', () => {
    for (const fault of faults) {
      expect(endOf(fault) - fault.atMs).toBeLessThanOrEqual(MAX_DURATION_MS);
      if ('durationMs' in fault) expect(fault.durationMs).toBeGreaterThan(0);
    }
  });

  it('strikes connections of servers only, and processes that there are', () => {
    const processes = ['kill', 'pause'];
    for (const { kind, target } of faults) {
      const known = processes.includes(kind)
        ? /^(worker-[012]|server-[01])$/
        : /^server-[01]$/;
      expect(target).toMatch(known);
    }
  });
});

describe.each(SEEDS)('ten minutes of seed %d', (seed) => {
  const faults = schedule(seed, 10, TARGETS);

  it('have 170 faults, 70 kills and 25 kills of servers', () => {
    expect(faults.length).toBeGreaterThanOrEqual(170);
    expect(killsOf(faults, /./).length).toBeGreaterThanOrEqual(70);
    const ofServers = killsOf(faults, /^server-/);
    expect(ofServers.length).toBeGreaterThanOrEqual(25);
  });

  it('have every kind, and every process is killed and paused', () => {
    const kinds = new Set(faults.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([...FAULT_KINDS].sort());
    for (const kind of ['kill', 'pause'] as const) {
      const hit = faults.filter((fault) => fault.kind === kind);
      expect(new Set(hit.map(({ target }) => target)).size).toBe(5);
    }
  });
});

describe('schedule', () => {
  it('is the same for the same seed, another for another', () => {
    expect(schedule(3, 10, TARGETS)).toEqual(schedule(3, 10, TARGETS));
    expect(schedule(3, 10, TARGETS)).not.toEqual(schedule(4, 10, TARGETS));
  });

  it('kills and pauses the standby too', () => {
    const faults = schedule(1, 10, { ...TARGETS, standbys: 1 });
    expect(killsOf(faults, /^standby-0$/).length).toBeGreaterThan(0);
  });

  it('gives slow links a rate and a latency', () => {
    for (const fault of schedule(1, 10, TARGETS)) {
      if (fault.kind !== 'slow') continue;
      expect(fault.bytesPerSecond).toBeGreaterThanOrEqual(4e6);
      expect(fault.bytesPerSecond).toBeLessThanOrEqual(40e6);
      expect(fault.latencyMs).toBeGreaterThanOrEqual(1);
      expect(fault.latencyMs).toBeLessThanOrEqual(20);
    }
  });

  it('has no faults when there is no time for one', () => {
    expect(schedule(1, 0.1, TARGETS)).toEqual([]);
  });
});
