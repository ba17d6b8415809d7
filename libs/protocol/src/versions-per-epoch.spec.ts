import { describe, expect, it } from 'vitest';
import { versionsPerEpoch } from './versions-per-epoch.js';
import type { CountedRun } from './versions-per-epoch.js';

/** 10 examples in steps of 4, in leaves of 2. */
function countOf(consistency: CountedRun['consistency']): number {
  const dataset = { numTrain: 10 };
  const batch = { globalBatchSize: 4, microBatches: 2 };
  return versionsPerEpoch({ dataset, consistency, ...batch });
}

describe('versionsPerEpoch', () => {
  it('counts steps, the last of which is short', () => {
    // 4 + 4 + 2
    expect(countOf({ name: 'sync' })).toBe(3);
  });

  it('counts rounds, the last of which is short', () => {
    const outer = { name: 'average' } as const;
    // 2 steps, and 1
    expect(countOf({ name: 'local', steps: 2, outer })).toBe(2);
  });

  it('counts leaves where each is applied as it arrives', () => {
    // 2 + 2 + 1 leaves
    const scaling = 'none';
    expect(countOf({ name: 'async', maxStaleness: 8, scaling })).toBe(5);
    expect(countOf({ name: 'bounded', staleness: 2, scaling })).toBe(5);
  });
});
