import { describe, expect, it } from 'vitest';
import { RestartPolicy, restartDelayMs } from './restart-policy.js';

const HOUR_MS = 3_600_000;

/** A death, after a second of life unless a test says so. */
function death(name: string, nowMs: number, livedMs = 1000) {
  return { name, text: `${name} ended at ${nowMs}`, livedMs, nowMs };
}

describe('restartDelayMs', () => {
  it('is next to nothing, then doubles from 100 ms to 5 s', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map(restartDelayMs)).toEqual([
      25, 100, 200, 400, 800, 1600, 3200, 5000, 5000,
    ]);
    expect(restartDelayMs(5000)).toBe(5000);
  });
});

describe('RestartPolicy', () => {
  const delays = (
    policy: RestartPolicy,
    ...deaths: ReturnType<typeof death>[]
  ) =>
    deaths.map((one) => {
      const decision = policy.decide(one);
      return decision.isAllowed ? decision.delayMs : decision.earliest;
    });

  it('counts the backoff by process', () => {
    const policy = new RestartPolicy(10);
    expect(
      delays(
        policy,
        ...[death('a', 0), death('a', 1), death('b', 2), death('a', 3)],
      ),
    ).toEqual([25, 100, 25, 200]);
  });

  it('forgets the backoff after ten seconds of life, and not before', () => {
    const policy = new RestartPolicy(10);
    expect(
      delays(
        policy,
        death('a', 0),
        death('a', 1),
        death('a', 20_000, 9_999),
        death('a', 40_000, 10_000),
        death('a', 40_001),
      ),
    ).toEqual([25, 100, 200, 25, 100]);
  });

  it('allows so many in an hour over all processes, and tells the earliest', () => {
    const policy = new RestartPolicy(2);
    expect(
      delays(policy, death('a', 5), death('b', 6), death('c', HOUR_MS + 4)),
    ).toEqual([25, 25, 'a ended at 5']);
  });

  it('lets the hour slide: what is older does not count', () => {
    const policy = new RestartPolicy(2);
    expect(
      delays(
        policy,
        death('a', 0),
        death('b', 1000),
        death('c', HOUR_MS),
        death('d', HOUR_MS + 999),
        death('e', HOUR_MS + 1000),
      ),
    ).toEqual([25, 25, 25, 'b ended at 1000', 25]);
  });

  it('does not count what it refuses', () => {
    const policy = new RestartPolicy(1);
    policy.decide(death('a', 0));
    for (let i = 1; i < 100; i++) policy.decide(death('a', i));
    expect(delays(policy, death('b', HOUR_MS))).toEqual([25]);
  });

  it('names the death itself where none is allowed at all', () => {
    expect(delays(new RestartPolicy(0), death('a', 7))).toEqual([
      'a ended at 7',
    ]);
  });
});
