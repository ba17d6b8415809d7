import { describe, expect, it } from 'vitest';
import { Recoveries } from './recoveries.js';

describe('Recoveries', () => {
  it('lasts from the last sign of life to the next applied step', () => {
    const recoveries = new Recoveries();
    expect(recoveries.applied(500)).toEqual([]);
    recoveries.lost('worker', 1000);
    expect(recoveries.applied(4500)).toEqual([
      { kind: 'worker', seconds: 3.5 },
    ]);
    // it is over
    expect(recoveries.applied(4600)).toEqual([]);
  });

  it('counts each that was lost', () => {
    const recoveries = new Recoveries();
    recoveries.lost('worker', 1000);
    recoveries.lost('server', 2000);
    expect(recoveries.applied(3000)).toEqual([
      { kind: 'worker', seconds: 2 },
      { kind: 'server', seconds: 1 },
    ]);
  });

  it('is never less than nothing, whatever a wall clock says', () => {
    const recoveries = new Recoveries();
    recoveries.lost('server', 9000);
    expect(recoveries.applied(8000)).toEqual([{ kind: 'server', seconds: 0 }]);
  });
});
