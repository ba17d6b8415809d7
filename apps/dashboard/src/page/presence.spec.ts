import { describe, expect, it } from 'vitest';
import type { Incident, IncidentKind } from '../feed.js';
import { lanes } from './presence.js';

function incident(
  at: number,
  kind: IncidentKind,
  subject: string,
  seconds: number | null = null,
): Incident {
  return { type: 'incident', at, step: at, kind, subject, text: '', seconds };
}

describe('lanes', () => {
  it('shows when a worker was there, away, and back', () => {
    const [lane] = lanes(
      [
        incident(10, 'worker-joined', 'worker-0'),
        incident(40, 'worker-lost', 'worker-0'),
        incident(60, 'worker-back', 'worker-0', 1.4),
      ],
      0,
      100,
    );
    expect(lane?.stretches).toEqual([
      { from: 10, to: 40, kind: 'present', seconds: null },
      { from: 40, to: 60, kind: 'absent', seconds: 1.4 },
      { from: 60, to: 100, kind: 'present', seconds: null },
    ]);
  });

  it('has a worker that joins anew in its next life as back', () => {
    const [lane] = lanes(
      [
        incident(0, 'worker-joined', 'worker-0'),
        incident(40, 'worker-lost', 'worker-0'),
        incident(70, 'worker-joined', 'worker-0', 3),
      ],
      0,
      100,
    );
    expect(lane?.stretches.map(({ kind }) => kind)).toEqual([
      'present',
      'absent',
      'present',
    ]);
  });

  it('has servers there from the beginning, and who left not away', () => {
    const all = lanes(
      [
        incident(20, 'worker-joined', 'worker-1'),
        incident(30, 'server-lost', 'server-0'),
        incident(50, 'worker-left', 'worker-1'),
        incident(60, 'checkpoint', 'server-0'),
      ],
      0,
      100,
    );
    expect(all.map(({ subject }) => subject)).toEqual(['server-0', 'worker-1']);
    expect(all[0]?.stretches).toMatchObject([
      { from: 0, to: 30, kind: 'present' },
      { from: 30, to: 100, kind: 'absent' },
    ]);
    expect(all[0]?.marks.map(({ kind }) => kind)).toEqual(['checkpoint']);
    expect(all[1]?.stretches).toEqual([
      { from: 20, to: 50, kind: 'present', seconds: null },
    ]);
  });

  it('sorts by numbers', () => {
    const all = lanes(
      ['worker-10', 'worker-9'].map((one) => incident(0, 'worker-joined', one)),
      0,
      1,
    );
    expect(all.map(({ subject }) => subject)).toEqual([
      'worker-9',
      'worker-10',
    ]);
  });
});
