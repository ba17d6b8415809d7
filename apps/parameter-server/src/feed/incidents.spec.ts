import type { RunReport } from '@muster/cluster';
import { MusterError } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { checkpointIncident, Incidents } from './incidents.js';

type Of<T extends RunReport['type']> = Extract<RunReport, { type: T }>;

const JOINED: Of<'worker-joined'> = {
  ...{ type: 'worker-joined', workerId: 'w', incarnation: 1 },
  ...{ backend: 'wasm', returned: false },
};
const AWAY: Of<'worker-away'> = {
  ...{ type: 'worker-away', workerId: 'w', incarnation: 1, reason: 'lost' },
  ...{ releasedTasks: 2, message: 'connection lost', silentMs: 0 },
};
const RESUMED: Of<'training-resumed'> = {
  ...{ type: 'training-resumed', version: 0, from: 0, seconds: 0 },
};

/** What is told of reports that come a second after one another. */
function tell(...reports: RunReport[]) {
  const incidents = new Incidents();
  return reports.flatMap((report, index) => {
    const moment = { at: 1000 * index, step: index };
    const told = incidents.of(report, moment);
    return told ? [`${told.kind} ${told.seconds ?? '-'}: ${told.text}`] : [];
  });
}

describe('Incidents', () => {
  it('tells how long a worker was away', () => {
    expect(tell(JOINED, AWAY, RESUMED, JOINED)).toEqual([
      'worker-joined -: joined with wasm',
      'worker-lost -: lost: connection lost; 2 of its tasks go to others',
      'worker-back 2: has begun anew',
    ]);
  });

  it('tells from its silence how long a worker was away', () => {
    const silent = { ...AWAY, reason: 'silent' } as const;
    const lost = { ...AWAY, releasedTasks: 0 } as const;
    const back = { type: 'worker-back', workerId: 'w' } as const;
    expect(tell(JOINED, silent, lost, back).at(-1)).toBe(
      'worker-back 2: is heard again',
    );
  });

  it('takes who left for gone, not for lost', () => {
    const left = { ...AWAY, reason: 'left', message: 'finished' } as const;
    expect(tell(JOINED, left, JOINED)).toEqual([
      'worker-joined -: joined with wasm',
      'worker-left -: finished',
      'worker-joined -: joined with wasm',
    ]);
  });

  it('tells what came of the loss of a server, and nothing of the start', () => {
    const lost: Of<'server-lost'> = {
      ...{ type: 'server-lost', shard: 1, message: 'connection lost' },
    } as const;
    const again = { ...RESUMED, version: 40, from: 43, seconds: 2.5 };
    expect(tell(RESUMED, lost, again)).toEqual([
      'server-lost -: connection lost; training waits for it',
      'server-back 2.5: training goes on from step 40, 3 steps are done again',
    ]);
  });

  it('counts what a peer causes in a loop, and tells a little of it', () => {
    const refused: Of<'worker-refused'> = {
      ...{ type: 'worker-refused', workerId: 'w', code: 'ERR_QUARANTINED' },
      message: 'no',
    } as const;
    const incidents = new Incidents();
    const at = (ms: number) => incidents.of(refused, { at: ms, step: 1 });
    const told = Array.from({ length: 100 }, () => at(0)).filter(Boolean);
    expect(told).toHaveLength(5);
    expect(at(1000)?.text).toBe('no (ERR_QUARANTINED) (and 95 more like it)');
  });

  it('keeps a text short', () => {
    const message = 'x'.repeat(5000);
    const incidents = new Incidents();
    const told = incidents.of({ ...AWAY, message }, { at: 0, step: 0 });
    expect(told?.text).toHaveLength(300);
  });
});

describe('checkpointIncident', () => {
  const snapshot = {
    ...{ reason: 'interval', version: 200, keepFrom: 0 },
    parameters: new Float32Array(250_000),
    slots: { m: new Float32Array(250_000) },
  } as unknown as Parameters<typeof checkpointIncident>[0]['snapshot'];
  const tellOf = (outcome: Parameters<typeof checkpointIncident>[0]) =>
    checkpointIncident(outcome, 0, { at: 1, step: 201 });

  it('tells how much was written', () => {
    const written = { outcome: 'written', path: '/c', seconds: 0.25 } as const;
    expect(tellOf({ ...written, snapshot })).toMatchObject({
      kind: 'checkpoint',
      text: 'wrote step 200 (2.0 MB) in 0.25 s',
    });
  });

  it('tells why nothing was, and nothing of what was not wanted', () => {
    const error = new MusterError('ERR_CHECKPOINT_WRITE', 'the disk is full');
    expect(tellOf({ outcome: 'failed', snapshot, error })).toMatchObject({
      kind: 'checkpoint-failed',
      text: 'no checkpoint of step 200: the disk is full; training goes on',
    });
    expect(tellOf({ outcome: 'skipped', snapshot })).toBeUndefined();
  });
});
