import { EMPTY_LEDGER } from '@muster/cluster';
import type { RunReport } from '@muster/cluster';
import { createCoordinatorMetrics, createRegistry } from '@muster/telemetry';
import { describe, expect, it } from 'vitest';
import { RunMeter } from './run-meter.js';
import type { RunWatched } from './run-meter.js';

const PUSHED: Extract<RunReport, { type: 'pushed' }> = {
  ...{ type: 'pushed', workerId: 'w1', outcome: 'accepted', count: 8 },
  ...{ step: 1, firstLeaf: 0, numLeaves: 1, staleness: 0 },
  phases: { wait: 0, data: 0, compute: 0, encode: 0, push: 0, pull: 0 },
  ...{ isBackup: false, message: undefined },
};
const AWAY: Extract<RunReport, { type: 'worker-away' }> = {
  ...{ type: 'worker-away', workerId: 'w1', incarnation: 1 },
  ...{ reason: 'silent', releasedTasks: 1, silentMs: 1500, message: '' },
};

/** A meter of a run of 10 steps, and what it shows. */
function stage() {
  const registry = createRegistry();
  const coordinator = {
    memberCounts: { joined: 0, active: 2, suspended: 0, lost: 0, gone: 0 },
    paces: new Map([
      ['w1', 10],
      ['w2', 25],
    ]),
    trainMs: 0,
    phase: 'running' as const,
  };
  const watched: { -readonly [K in keyof RunWatched]: RunWatched[K] } = {
    ...{ coordinator, ledger: EMPTY_LEDGER },
  };
  const meter = new RunMeter({
    metrics: createCoordinatorMetrics(registry),
    watched: () => watched,
    ...{ totalSteps: 10, workersExpected: 3 },
  });
  const step = (version: number, nowMs: number) => {
    coordinator.trainMs = nowMs;
    meter.stepApplied(
      {
        ...{ version, epoch: 1, count: 8, loss: 1, accuracy: 0.5 },
        ...{ learningRate: 1, gradientNorm: 1, imagesPerSecond: 1 },
        durationMs: undefined,
      },
      nowMs,
    );
  };
  /** The value of a sample, undefined where there is none. */
  const shown = async (series: string) => {
    const lines = (await registry.metrics()).split('\n');
    const line = lines.find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  return { meter, watched, coordinator, step, shown };
}

function resumed(version: number, from: number, seconds: number): RunReport {
  return { type: 'training-resumed', version, from, seconds };
}

describe('RunMeter', () => {
  it('counts pushes, and examples by what became of them', async () => {
    const { meter, step, shown, watched } = stage();
    meter.report(resumed(0, 0, 0), 0);
    meter.report({ ...PUSHED, staleness: 2 }, 1);
    meter.report({ ...PUSHED, outcome: 'duplicate', staleness: undefined }, 1);
    step(1, 5);
    watched.ledger = { ...EMPTY_LEDGER, examplesLost: 3 };
    meter.refresh(6);
    expect(await shown('muster_pushes_total{outcome="accepted"}')).toBe(1);
    expect(await shown('muster_pushes_total{outcome="duplicate"}')).toBe(1);
    expect(await shown('muster_staleness_steps_sum')).toBe(2);
    expect(await shown('muster_staleness_steps_count')).toBe(1);
    for (const [outcome, count] of Object.entries({
      ...{ applied: 8, duplicate: 8, lost: 3 },
    })) {
      const series = `muster_examples_total{outcome="${outcome}"}`;
      expect(await shown(series)).toBe(count);
    }
  });

  it('counts a copy as won where it counted', async () => {
    const { meter, shown } = stage();
    meter.report({ type: 'backup-given', workerId: 'w2' }, 0);
    meter.report({ type: 'backup-given', workerId: 'w2' }, 0);
    meter.report({ ...PUSHED, isBackup: true }, 1);
    meter.report({ ...PUSHED, isBackup: true, outcome: 'stale' }, 1);
    expect(await shown('muster_backup_tasks_total')).toBe(2);
    expect(await shown('muster_backup_tasks_won_total')).toBe(1);
  });

  it('times how long it took to go on without a worker', async () => {
    const { meter, step, shown } = stage();
    const recoveries = 'muster_recoveries_total{kind="worker"}';
    meter.report(AWAY, 4000);
    meter.report({ ...AWAY, releasedTasks: 0 }, 4000);
    meter.report({ ...AWAY, reason: 'left' }, 4000);
    expect(await shown(recoveries)).toBe(0);
    step(1, 4500);
    // who held nothing, or said goodbye, was not waited for
    expect(await shown(recoveries)).toBe(1);
    const seconds = 'muster_recovery_duration_seconds_sum{kind="worker"}';
    expect(await shown(seconds)).toBe(2);
    expect(await shown('muster_leases_expired_total')).toBe(2);
  });

  it('times how long it took to go on without a server', async () => {
    const { meter, step, shown } = stage();
    meter.report(resumed(0, 0, 0), 0);
    step(4, 1000);
    meter.report(resumed(2, 4, 1.5), 3000);
    step(3, 3250);
    const kind = '{kind="server"}';
    expect(await shown(`muster_recoveries_total${kind}`)).toBe(1);
    // lost 1.5 s before 3000, the next step at 3250
    const seconds = `muster_recovery_duration_seconds_sum${kind}`;
    expect(await shown(seconds)).toBe(1.75);
    expect(await shown('muster_steps_redone_total')).toBe(2);
  });

  it('counts what another process had told of and lost', async () => {
    const { meter, step, shown } = stage();
    meter.report(resumed(2, 2, 0), 100);
    meter.tookUp(3, -900);
    step(3, 300);
    expect(await shown('muster_steps_redone_total')).toBe(3);
    const kind = '{kind="server"}';
    const seconds = `muster_recovery_duration_seconds_sum${kind}`;
    expect(await shown(seconds)).toBe(1.2);
  });

  it('shows what nobody tells of when it is asked', async () => {
    const { meter, step, shown } = stage();
    expect(await shown('muster_workers_expected')).toBe(3);
    meter.report(resumed(0, 0, 0), 0);
    step(5, 1000);
    meter.refresh(2000);
    expect(await shown('muster_workers{state="active"}')).toBe(2);
    expect(await shown('muster_straggler_ratio')).toBe(2.5);
    // the first of two seconds ended in an applied step
    expect(await shown('muster_goodput_ratio')).toBe(0.5);
    // 5 steps in 2 s, 5 to go
    expect(await shown('muster_eta_seconds')).toBe(2);
  });
});
