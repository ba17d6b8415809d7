import { describe, expect, it } from 'vitest';
import { profileTimes } from './profile-share.js';

const node = (
  id: number,
  functionName: string,
  url: string,
  children: number[] = [],
) => ({ id, callFrame: { functionName, url }, children });

describe('profileTimes', () => {
  it('counts what is looked for and all that it calls', () => {
    const times = profileTimes(
      {
        nodes: [
          node(1, '(root)', '', [2, 3, 6]),
          node(2, 'step', 'file:///model.js', [5]),
          node(3, 'report', 'file:///telemetry.js', [4]),
          node(4, 'write', 'node:fs'),
          node(5, 'write', 'node:fs'),
          node(6, '(idle)', ''),
        ],
        samples: [2, 3, 4, 5, 6],
        timeDeltas: [1000, 200, 300, 500, 9000],
      },
      (url) => url.includes('telemetry'),
    );
    // 200 of its own and 300 that it called, of 2000 that were not idle
    expect(times).toEqual({ oursMs: 0.5, busyMs: 2 });
  });
});
