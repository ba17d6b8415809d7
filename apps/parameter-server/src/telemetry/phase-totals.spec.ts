import { describe, expect, it } from 'vitest';
import { PhaseTotals } from './phase-totals.js';

const push = {
  type: 'pushed' as const,
  workerId: 'worker-0',
  outcome: 'accepted' as const,
  ...{ step: 1, count: 32, staleness: 0, message: undefined },
  isBackup: false,
  phases: { wait: 1, data: 2, compute: 4, encode: 0.5, push: 8, pull: 3 },
};

describe('PhaseTotals', () => {
  it('sums up by worker, and counts only what was accepted as work', () => {
    const totals = new PhaseTotals();
    totals.add(push);
    totals.add(push);
    totals.add({ ...push, outcome: 'duplicate' });
    totals.add({ ...push, workerId: 'worker-1', count: 8 });
    // a duplicate took as long as the others: three times the phases
    expect(totals.take()).toEqual({
      'worker-0': {
        ...{ tasks: 2, examples: 64 },
        phasesMs: {
          ...{ wait: 3, data: 6, compute: 12, encode: 1.5 },
          ...{ push: 24, pull: 9 },
        },
      },
      'worker-1': { tasks: 1, examples: 8, phasesMs: push.phases },
    });
  });

  it('begins again when it was asked', () => {
    const totals = new PhaseTotals();
    expect(totals.take()).toBeUndefined();
    totals.add(push);
    totals.take();
    expect(totals.take()).toBeUndefined();
  });

  it('tells 256 workers apart, and no more', () => {
    const totals = new PhaseTotals();
    for (let i = 0; i < 300; i++) totals.add({ ...push, workerId: `w${i}` });
    const taken = totals.take() ?? {};
    expect(Object.keys(taken)).toHaveLength(257);
    // 300 workers, 256 of them by name
    expect(taken['others']?.tasks).toBe(44);
  });
});
