import type { RunResult, ServerReport } from '@muster/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ScriptedCluster } from './scripted-cluster.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

const ended = {
  type: 'ended',
  outcome: 'finished',
  result: {} as RunResult,
} as const;

describe('the reports', () => {
  const progress: ServerReport = {
    type: 'progress',
    ...{ step: 1, totalSteps: 2, epoch: 1, epochs: 1 },
    ...{ loss: 1, accuracy: 0, imagesPerSecond: 1, workers: 2 },
  };

  it('of progress come from the coordinator, notices from all', async () => {
    const scripted = await ScriptedCluster.running({ numServers: 2 });
    scripted.reports.length = 0;
    for (const name of ['server-0', 'server-1']) {
      await scripted.of(name).report(progress);
      await scripted.of(name).report({ type: 'notice', text: 'disk full' });
    }
    expect(scripted.reports).toEqual([
      progress,
      { type: 'notice', text: 'disk full' },
      { type: 'notice', text: 'server-1: disk full' },
    ]);
  });
});

describe('the end', () => {
  it('on demand is told to the coordinator alone', async () => {
    const scripted = await ScriptedCluster.running({ numServers: 2 });
    scripted.cluster.drain();
    expect(scripted.of('server-0').signals).toEqual(['SIGTERM']);
    expect(scripted.of('server-1').signals).toEqual([]);
    // workers that go stay away, servers are needed for the last checkpoint
    await scripted.of('worker-0').die();
    await scripted.of('server-0').die();
    await pass(100);
    expect(scripted.livesOf('worker-0')).toBe(1);
    expect(scripted.of('server-0').signals).toEqual([]);
    await scripted.of('server-0').listens();
    expect(scripted.of('server-0').signals).toEqual(['SIGTERM']);
    await scripted.of('server-0').report({ ...ended, outcome: 'drained' });
    expect(scripted.outcome).toBe('drained');
  });

  it('on demand comes before the start: no worker is started', async () => {
    const scripted = new ScriptedCluster({ numServers: 2, numStandbys: 1 });
    scripted.cluster.drain();
    expect(scripted.of('server-0').signals).toEqual([]);
    await scripted.of('server-0').listens();
    expect(scripted.of('server-0').signals).toEqual(['SIGTERM']);
    expect(scripted.started).toEqual(['server-0', 'server-1']);
  });

  it('on demand reaches a standby when it has taken over', async () => {
    const scripted = await ScriptedCluster.running({ numStandbys: 1 });
    await scripted.of('server-0').die();
    scripted.cluster.drain();
    expect(scripted.of('standby-0').signals).toEqual([]);
    await scripted.of('standby-0').report({ type: 'promoted', url: 'ws://s' });
    expect(scripted.of('standby-0').signals).toEqual(['SIGTERM']);
  });

  it('is followed by the end of all processes, and no restart', async () => {
    const options = { numServers: 2, numStandbys: 1 } as const;
    const scripted = await ScriptedCluster.running(options);
    await scripted.of('worker-0').die();
    await scripted.of('server-0').report(ended);
    const settled = scripted.cluster.settled();
    for (const life of scripted.lives.filter(({ isRunning }) => isRunning)) {
      expect(life.signals, life.name).toEqual(
        life.name === 'server-0' ? [] : ['SIGTERM'],
      );
      await life.die(0);
    }
    await settled;
    await pass(60_000);
    expect(scripted.cluster.pids.size).toBe(0);
    expect(scripted.livesOf('worker-0')).toBe(1);
  });

  it('with force ends workers, the coordinator, and then the others', async () => {
    const scripted = await ScriptedCluster.running({ numServers: 2 });
    const order: string[] = [];
    for (const { name, ended: end } of scripted.lives) {
      void end.then(() => order.push(name));
    }
    await scripted.of('worker-1').die();
    await scripted.cluster.close();
    expect(order).toEqual(['worker-1', 'worker-0', 'server-0', 'server-1']);
    await pass(60_000);
    expect(scripted.lives).toHaveLength(4);
  });

  it('at once reaches everybody', async () => {
    const scripted = await ScriptedCluster.running();
    scripted.cluster.kill();
    for (const life of scripted.lives)
      expect(life.signals).toEqual(['SIGKILL']);
  });
});
