import { describe, expect, it } from 'vitest';
import type { FaultRecord } from './fault.js';
import { courseEvents, reportOf } from './report.js';
import type { Trained } from './session.js';
import type { LogLine } from './log-lines.js';
import { tableOf } from './table.js';

const SUMMARY = {
  outcome: 'finished',
  parametersSha256: 'ab12',
  ...{ reproducible: true, steps: 20, examplesApplied: 400 },
} as const;

/** Twenty steps seen at the beginning, in the middle and at the end. */
function trained(seconds: number, faults: FaultRecord[] = []): Trained {
  const steps = [0, 10, 20].map((version) => {
    const atMs = (seconds * 1000 * version) / 20;
    return { type: 'step', atMs, version } as const;
  });
  return { folder: '', summary: SUMMARY, steps, seconds, faults };
}

function resumed(atMs: number, fields: Record<string, unknown>): LogLine {
  return { process: 'server-0', atMs, event: 'training-resumed', fields };
}

const KILL: FaultRecord = {
  ...{ kind: 'kill', target: 'server-0', isDone: true },
  ...{ fromMs: 1000, toMs: 1000 },
};
const LINES: LogLine[] = [
  { process: 'server-0', atMs: 1200, event: 'process-started', fields: {} },
  resumed(1500, { step: 8, from: 10, seconds: 0.3 }),
];

describe('reportOf', () => {
  it('puts a training under faults beside the undisturbed one', () => {
    // 10 steps in 1000 ms, 8 stay: 800; resumed at 1500; until 2000: 500.
    // The pace is the undisturbed run's with half its time: 0.5.
    const report = reportOf(trained(1), trained(2, [KILL]), LINES);
    expect(report).toMatchObject({
      ...{ isSame: true, differences: [], sha256: 'ab12' },
      ...{ pace: 0.5, undisturbedSeconds: 1, unfinished: 0 },
      course: { goodput: 0.65, stepsRedone: 2, rollbacks: 1, steps: 20 },
      faults: { total: 1, kill: 1, killsOfServers: 1, killsOfCoordinator: 1 },
      serverRestart: { alone: { count: 1, p50: 0.3, p99: 0.3, max: 0.3 } },
      serverStart: { count: 1, p50: 0.2 },
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it.each([
    { field: 'parametersSha256', got: 'cd34' },
    { field: 'outcome', got: 'drained' },
    { field: 'reproducible', got: false },
    { field: 'steps', got: 19 },
    { field: 'examplesApplied', got: 401 },
  ] as const)('tells of another $field', ({ field, got }) => {
    const other = trained(2);
    const summary = { ...SUMMARY, [field]: got };
    const report = reportOf(trained(1), { ...other, summary }, []);
    expect(report.isSame).toBe(false);
    expect(report.differences).toEqual([
      `${field}: expected ${SUMMARY[field]}, got ${got}`,
    ]);
  });
});

describe('courseEvents', () => {
  it('takes the version for the one before when nobody knows it', () => {
    const lines = [resumed(5, { step: 8 }), resumed(6, { step: 'x' })];
    expect(courseEvents([], lines)).toEqual([
      { type: 'resumed', atMs: 5, version: 8, from: 8 },
    ]);
  });
});

describe('tableOf', () => {
  it('is a compact table for people', () => {
    const report = reportOf(trained(1), trained(2, [KILL]), LINES);
    expect(tableOf(report)).toBe(`\
faults 1: kill 1, pause 0, cut 0, cut-one 0, half-open 0, slow 0, refuse 0 (0 skipped)
SIGKILL of servers 1, of them the coordinator 1

seconds                   count      p50      p99      max
worker rejoin                 0        -        -        -
  with other faults           0        -        -        -
server restart                1     0.30     0.30     0.30
  with other faults           0        -        -        -
standby takeover              0        -        -        -
  with other faults           0        -        -        -
worker process start          0        -        -        -
server process start          1     0.20     0.20     0.20
not finished 0

training 2.00 s, undisturbed 1.00 s
steps 20, redone 2 in 1 rollbacks
goodput 65.0 %, pace 50.0 % of the undisturbed run
sha256 ab12
the same as the undisturbed run`);
  });
});
