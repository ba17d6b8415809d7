import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ScriptedCluster } from './scripted-cluster.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('the start', () => {
  it('of one server and workers', async () => {
    const scripted = new ScriptedCluster();
    expect(scripted.started).toEqual(['server']);
    expect(scripted.of('server').env).toMatchObject({
      PS_PORT: '7070',
      PS_METRICS_PORT: '9090',
      PS_LOG_FILE: '/run/logs/server.log',
      PS_SHARD: '0',
      PS_SHARDS: '1',
      PS_ROLE: 'primary',
      PS_EXPECTED_WORKERS: '2',
    });
    for (const name of ['PS_COORDINATOR', 'PS_PRIMARY', 'PS_ADVERTISE']) {
      expect(scripted.of('server').env).not.toHaveProperty(name);
    }
    await scripted.of('server').listens();
    expect(scripted.started).toEqual(['server', 'worker-0', 'worker-1']);
    expect(scripted.of('worker-1').env).toMatchObject({
      WORKER_SERVER: 'ws://127.0.0.1:1',
      WORKER_ID: 'worker-1',
    });
    expect(scripted.reports).toEqual([
      {
        ...{ type: 'listening', url: 'ws://127.0.0.1:1', version: 0 },
        metricsUrl: 'http://127.0.0.1:1001',
      },
    ]);
  });

  it('of a server whose workers others start', () => {
    const scripted = new ScriptedCluster({ numWorkers: 0, expectedWorkers: 5 });
    expect(scripted.of('server').env['PS_EXPECTED_WORKERS']).toBe('5');
  });

  it('of several servers: the first one first', async () => {
    const scripted = await ScriptedCluster.running({ numServers: 3 });
    expect(scripted.started).toEqual([
      ...['server-0', 'server-1', 'server-2', 'worker-0', 'worker-1'],
    ]);
    expect(scripted.of('server-2').env).toMatchObject({
      PS_PORT: '0',
      PS_METRICS_PORT: '0',
      PS_LOG_FILE: '/run/logs/server-2.log',
      PS_SHARD: '2',
      PS_SHARDS: '3',
      PS_ROLE: 'primary',
      PS_COORDINATOR: 'ws://127.0.0.1:1',
    });
    const heard = scripted.reports.filter(({ type }) => type === 'listening');
    expect(heard).toHaveLength(1);
  });

  it('of standbys: all learn of both who may coordinate', async () => {
    const scripted = new ScriptedCluster({ numServers: 2, numStandbys: 1 });
    await scripted.of('server-0').listens();
    expect(scripted.started).toEqual(['server-0', 'standby-0']);
    expect(scripted.reports).toEqual([]);
    expect(scripted.of('standby-0').env).toMatchObject({
      ...{ PS_ROLE: 'standby', PS_SHARD: '0', PS_PORT: '0' },
      PS_PRIMARY: 'ws://127.0.0.1:1',
      PS_COORDINATOR: 'ws://127.0.0.1:1',
    });
    await scripted.of('standby-0').listens();
    const both = 'ws://127.0.0.1:1,ws://127.0.0.1:2';
    expect(scripted.started.slice(2)).toEqual([
      ...['server-1', 'worker-0', 'worker-1'],
    ]);
    expect(scripted.of('server-1').env['PS_COORDINATOR']).toBe(both);
    expect(scripted.of('worker-0').env['WORKER_SERVER']).toBe(both);
    expect(scripted.reports).toMatchObject([{ type: 'listening', url: both }]);
    await scripted.of('server-1').listens();
    expect(scripted.of('standby-1').env).toMatchObject({
      ...{ PS_ROLE: 'standby', PS_SHARD: '1', PS_PRIMARY: 'ws://127.0.0.1:3' },
      PS_COORDINATOR: both,
    });
  });

  it('by way of what stands between', async () => {
    const scripted = await ScriptedCluster.running({
      numServers: 2,
      route: (name) => Promise.resolve(`ws://proxy/${name}`),
    });
    const [first, second] = ['server-0', 'server-1'].map((name) =>
      scripted.of(name),
    );
    expect(first!.env['PS_ADVERTISE']).toBe('ask');
    expect(first!.orders).toEqual([
      { type: 'advertise', url: 'ws://proxy/server-0' },
    ]);
    expect(second!.orders).toEqual([
      { type: 'advertise', url: 'ws://proxy/server-1' },
    ]);
    expect(second!.env['PS_COORDINATOR']).toBe('ws://proxy/server-0');
    expect(scripted.of('worker-0').env['WORKER_SERVER']).toBe(
      'ws://proxy/server-0',
    );
    await second!.die();
    await pass(100);
    // it listens where it did, not where the proxy does
    expect(scripted.of('server-1').env['PS_PORT']).toBe(String(second!.pid));
  });

  it('fails when there is no way', async () => {
    const scripted = await ScriptedCluster.running({
      route: () => Promise.reject(new Error('no proxy')),
    });
    expect(scripted.outcome).toMatchObject({ message: 'no proxy' });
  });
});
