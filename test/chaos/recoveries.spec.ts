import { describe, expect, it } from 'vitest';
import type { FaultRecord } from './fault.js';
import type { LogLine } from './log-lines.js';
import { recoveries } from './recoveries.js';

/** A line; seconds, so that the expected numbers can be read off. */
function line(second: number, process: string, event: string): LogLine {
  return { process, atMs: second * 1000, event, fields: {} };
}

function fault(
  second: number,
  kind: FaultRecord['kind'],
  target: string,
  durationS = 0,
): FaultRecord {
  const fromMs = second * 1000;
  const toMs = fromMs + durationS * 1000;
  return { kind, target, fromMs, toMs, isDone: true };
}

/** A worker that is killed at 10, starts at 12, and works at 12.5. */
const WORKER_KILL = fault(10, 'kill', 'worker-1');
const WORKER_LINES = [
  line(1, 'worker-1', 'process-started'),
  line(2, 'worker-1', 'working'),
  line(12, 'worker-1', 'process-started'),
  line(12.1, 'worker-1', 'connected'),
  line(12.5, 'worker-1', 'working'),
];

/** A server that is killed at 20, starts at 20.5; training resumes at 21.2. */
const SERVER_KILL = fault(20, 'kill', 'server-1');
const SERVER_LINES = [
  line(20.01, 'worker-1', 'disconnected'),
  line(20.5, 'server-1', 'process-started'),
  line(20.6, 'server-1', 'listening'),
  line(21, 'worker-1', 'working'),
  line(21.2, 'server-0', 'training-resumed'),
];

describe('a killed worker', () => {
  it('is timed from its start on; its start is timed apart', () => {
    const found = recoveries(WORKER_LINES, [WORKER_KILL]);
    const common = { process: 'worker-1', cause: WORKER_KILL };
    expect(found).toEqual({
      rejoins: [{ ...common, seconds: 0.5, isOverlapped: false }],
      workerStarts: [{ ...common, seconds: 2, isOverlapped: false }],
      ...{ restarts: [], serverStarts: [], takeovers: [], unfinished: 0 },
    });
  });

  it('that is killed again before it works is timed from its last start', () => {
    const again = fault(12.2, 'kill', 'worker-1');
    const lines = [
      ...WORKER_LINES.slice(0, 4),
      line(14, 'worker-1', 'process-started'),
      line(14.3, 'worker-1', 'working'),
    ];
    const found = recoveries(lines, [WORKER_KILL, again]);
    expect(found.rejoins).toMatchObject([{ cause: again }]);
    expect(found.rejoins[0]!.seconds).toBeCloseTo(0.3);
    expect(found.workerStarts.map(({ seconds }) => seconds)).toEqual([2, 1.8]);
  });

  it('that is killed again before it starts has one start', () => {
    const again = fault(11, 'kill', 'worker-1');
    const found = recoveries(WORKER_LINES, [WORKER_KILL, again]);
    expect(found.workerStarts).toMatchObject([{ cause: again, seconds: 1 }]);
    expect(found.rejoins).toMatchObject([{ cause: again, seconds: 0.5 }]);
    expect(found.unfinished).toBe(1);
  });

  it('that does not come back is not finished, start and rejoin', () => {
    const found = recoveries(WORKER_LINES.slice(0, 2), [WORKER_KILL]);
    expect(found).toMatchObject({ rejoins: [], workerStarts: [] });
    expect(found.unfinished).toBe(2);
  });

  it('does not count when the fault was not carried out', () => {
    const skipped = { ...WORKER_KILL, isDone: false };
    expect(recoveries(WORKER_LINES, [skipped])).toMatchObject({
      ...{ rejoins: [], workerStarts: [], unfinished: 0 },
    });
  });
});

describe('a worker that was disconnected', () => {
  const kinds = ['half-open', 'refuse', 'pause', 'cut', 'cut-one'] as const;

  it.each(kinds)('is timed from the end of %s', (kind) => {
    const one = fault(30, kind, 'server-0', 1);
    const lines = [
      line(30.1, 'worker-1', 'disconnected'),
      line(31.25, 'worker-1', 'working'),
    ];
    expect(recoveries(lines, [one]).rejoins).toEqual([
      { process: 'worker-1', cause: one, seconds: 0.25, isOverlapped: false },
    ]);
  });

  it('is timed from its notice when the fault has passed by then', () => {
    const one = fault(30, 'half-open', 'server-0', 1);
    const lines = [
      line(31.5, 'worker-1', 'disconnected'),
      line(32, 'worker-1', 'working'),
    ];
    expect(recoveries(lines, [one]).rejoins).toMatchObject([{ seconds: 0.5 }]);
  });

  it('is timed from its notice when it is back before the fault passed', () => {
    const one = fault(30, 'slow', 'server-0', 3);
    const lines = [
      line(31, 'worker-1', 'disconnected'),
      line(31.5, 'worker-1', 'working'),
    ];
    expect(recoveries(lines, [one]).rejoins).toMatchObject([{ seconds: 0.5 }]);
  });

  it('from several servers is away once', () => {
    const one = fault(30, 'cut', 'server-0');
    const lines = [
      line(30, 'worker-1', 'disconnected'),
      line(30.1, 'worker-1', 'disconnected'),
      line(30.2, 'worker-1', 'connected'),
      line(30.5, 'worker-1', 'working'),
    ];
    expect(recoveries(lines, [one]).rejoins).toMatchObject([{ seconds: 0.5 }]);
  });

  it.each([
    { reason: 'no fault', faults: [] },
    { reason: 'a fault long ago', faults: [fault(10, 'cut', 'server-0')] },
    { reason: "another worker's", faults: [fault(30, 'pause', 'worker-0', 1)] },
  ])('for $reason does not count', ({ faults }) => {
    const lines = [
      line(30.1, 'worker-1', 'disconnected'),
      line(31, 'worker-1', 'working'),
    ];
    expect(recoveries(lines, faults)).toMatchObject({
      ...{ rejoins: [], unfinished: 0 },
    });
  });

  it('and stopped, as the run ended, has not to come back', () => {
    const lines = [
      line(30.1, 'worker-1', 'disconnected'),
      line(30.2, 'worker-1', 'stopped'),
    ];
    const faults = [fault(30, 'cut', 'server-0')];
    expect(recoveries(lines, faults).unfinished).toBe(0);
  });
});

describe('a killed server', () => {
  it('is timed from its start to the resumption of training', () => {
    const found = recoveries(SERVER_LINES, [SERVER_KILL]);
    expect(found.restarts).toHaveLength(1);
    expect(found.restarts[0]!.seconds).toBeCloseTo(0.7);
    expect(found.serverStarts).toMatchObject([{ seconds: 0.5 }]);
    // the worker was away because of the server: that is no rejoin
    expect(found).toMatchObject({ rejoins: [], unfinished: 0 });
  });

  it('that never gets training on is not finished', () => {
    const found = recoveries(SERVER_LINES.slice(0, 4), [SERVER_KILL]);
    expect(found).toMatchObject({ restarts: [], unfinished: 1 });
  });

  it('whose standby takes over is timed from the kill on', () => {
    const kill = fault(20, 'kill', 'server-0');
    const lines = [
      line(20.4, 'standby-0', 'training-resumed'),
      line(20.5, 'server-0', 'process-started'),
    ];
    const found = recoveries(lines, [kill]);
    expect(found.takeovers).toMatchObject([{ process: 'standby-0' }]);
    expect(found.takeovers[0]!.seconds).toBeCloseTo(0.4);
    expect(found).toMatchObject({ restarts: [], unfinished: 0 });
  });
});

describe('a recovery that meets another fault', () => {
  it.each([
    { what: 'a pause of the worker', other: fault(12.2, 'pause', 'worker-1') },
    { what: 'a server killed before', other: fault(11, 'kill', 'server-0') },
    { what: 'a refusal until then', other: fault(11, 'refuse', 'server-0', 1) },
  ])('is marked: $what', ({ other }) => {
    const found = recoveries(WORKER_LINES, [WORKER_KILL, other]);
    const [rejoin] = found.rejoins;
    expect(rejoin).toMatchObject({ seconds: 0.5, isOverlapped: true });
  });

  it.each([
    { what: 'another worker', other: fault(12.2, 'kill', 'worker-0') },
    { what: 'a cut before its start', other: fault(11, 'cut', 'server-0') },
    { what: 'a cut afterwards', other: fault(12.6, 'cut', 'server-0') },
  ])('is not marked: $what', ({ other }) => {
    const found = recoveries(WORKER_LINES, [WORKER_KILL, other]);
    expect(found.rejoins).toMatchObject([{ isOverlapped: false }]);
  });

  it('is not marked by a server that was back before', () => {
    const lines = [...SERVER_LINES, line(30, 'worker-1', 'process-started')];
    lines.push(line(31, 'worker-1', 'working'));
    const kill = fault(29, 'kill', 'worker-1');
    const found = recoveries(lines, [SERVER_KILL, kill]);
    expect(found.rejoins).toMatchObject([{ isOverlapped: false, seconds: 1 }]);
  });
});
