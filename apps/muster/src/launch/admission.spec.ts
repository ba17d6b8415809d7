import { describe, expect, it } from 'vitest';
import { admit, isAdmitted, workersAtStart } from './admission.js';
import type { HostCheck } from './check-host.js';

type Health = 'ok' | 'away' | 'unfit';

const check = (name: string, health: Health): HostCheck => ({
  host: { name, slots: 1 },
  answer: undefined,
  skewSeconds: 0,
  problems:
    health === 'ok' ? [] : [{ text: health, isPassing: health === 'away' }],
});
const FIXED = { minHosts: 3, maxHosts: 3, isElastic: false };
const ELASTIC = { minHosts: 1, maxHosts: 3, isElastic: true };
const decide = (
  healths: readonly Health[],
  wishes: typeof FIXED,
  serverHost?: string,
) =>
  admit(
    healths.map((health, i) => check('abc'[i] ?? '', health)),
    { ...wishes, serverHost },
  );

describe('admit', () => {
  it('has the servers on the first host, or where it is asked to', () => {
    expect(decide(['ok', 'ok', 'ok'], FIXED).serverHost.name).toBe('a');
    expect(decide(['ok', 'ok', 'ok'], FIXED, 'c').serverHost.name).toBe('c');
  });

  it('refuses to start without a host, and says why of each', () => {
    expect(() => decide(['ok', 'away', 'unfit'], FIXED)).toThrow(
      /^1 of 3 hosts .* ready:\n  b: away\n  c: unfit$/,
    );
    expect(() => decide(['ok', 'away', 'ok'], FIXED)).toThrow(
      expect.objectContaining({ code: 'ERR_SERVER_UNREACHABLE' }),
    );
    expect(() => decide(['ok', 'away', 'unfit'], FIXED)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG' }),
    );
  });

  it('starts with fewer where that is allowed, and waits for those away', () => {
    const { serverHost, ready, later, unfit } = decide(
      ['away', 'ok', 'unfit'],
      ELASTIC,
    );
    expect(serverHost.name).toBe('b');
    expect(ready.map(({ host }) => host.name)).toEqual(['b']);
    expect(later.map(({ name }) => name)).toEqual(['a']);
    expect(unfit.map(({ host }) => host.name)).toEqual(['c']);
  });

  it('waits for nobody to run the servers that were asked to', () => {
    expect(() => decide(['away', 'ok', 'ok'], ELASTIC, 'a')).toThrow(
      'the host of the servers, a, is not ready',
    );
  });
});

describe('workersAtStart', () => {
  const [a, b, c] = [
    { name: 'a', slots: 1 },
    { name: 'b', slots: 2 },
    { name: 'c', slots: 4 },
  ] as const;

  it('counts those of every host that is ready', () => {
    // c is away: 1 + 2
    expect(workersAtStart([a, b], a, 3)).toBe(3);
    expect(workersAtStart([a, b, c], b, 3)).toBe(7);
  });

  it('leaves out hosts that stand by, and never that of the servers', () => {
    // c for the servers, and one more: 4 + 1
    expect(workersAtStart([a, b, c], c, 2)).toBe(5);
    expect(workersAtStart([a, b, c], b, 1)).toBe(2);
  });
});

describe('isAdmitted', () => {
  it('takes hosts up to the most, and the servers always', () => {
    expect(isAdmitted(1, 2, false)).toBe(true);
    expect(isAdmitted(2, 2, false)).toBe(false);
    expect(isAdmitted(2, 2, true)).toBe(true);
  });
});
