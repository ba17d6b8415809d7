import { describe, expect, it } from 'vitest';
import { RateWindow } from './rate-window.js';

/** Looks each 100 ms and gives what was found, with the time. */
function watch(
  flowAt: (ms: number) => { of: number | undefined; bytes: number },
  untilMs: number,
): [ms: number, speed: number][] {
  const window = new RateWindow(1000, 1000);
  const found: [number, number][] = [];
  for (let ms = 0; ms <= untilMs; ms += 100) {
    const speed = window.look(flowAt(ms), ms);
    if (speed !== undefined) found.push([ms, speed]);
  }
  return found;
}

describe('RateWindow', () => {
  it('gives the speed of each whole window that was too slow', () => {
    // 500 bytes a second
    const slow = watch((ms) => ({ of: 1, bytes: ms / 2 }), 2500);
    expect(slow).toEqual([
      [1000, 500],
      [2000, 500],
    ]);
  });

  it('takes what is just fast enough', () => {
    expect(watch((ms) => ({ of: 1, bytes: ms }), 5000)).toEqual([]);
  });

  it('does not mind a peer of whom nothing is wanted', () => {
    expect(watch(() => ({ of: undefined, bytes: 7 }), 5000)).toEqual([]);
  });

  it('begins anew with each message', () => {
    // one of 1 byte each 900 ms
    const flow = (ms: number) => ({
      of: Math.floor(ms / 900),
      bytes: ms / 900,
    });
    expect(watch(flow, 5000)).toEqual([]);
  });

  it('does not blame the peer for a pause of its own', () => {
    const window = new RateWindow(1000, 1000);
    expect(window.look({ of: 1, bytes: 0 }, 0)).toBeUndefined();
    expect(window.look({ of: 1, bytes: 0 }, 400)).toBeUndefined();
    // held up for 1.6 s: what came meanwhile is read after this look
    expect(window.look({ of: 1, bytes: 0 }, 2000)).toBeUndefined();
    expect(window.look({ of: 1, bytes: 0 }, 2400)).toBeUndefined();
    expect(window.look({ of: 1, bytes: 0 }, 2800)).toBeUndefined();
    expect(window.look({ of: 1, bytes: 0 }, 3000)).toBe(0);
  });
});
