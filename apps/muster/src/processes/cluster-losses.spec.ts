import type { RunResult } from '@muster/protocol';
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

describe('a lost worker', () => {
  it('is started again, the same, within 100 ms, and people hear of it', async () => {
    const scripted = await ScriptedCluster.running();
    const before = scripted.of('worker-1');
    await before.die();
    await pass(100);
    expect(scripted.livesOf('worker-1')).toBe(2);
    expect(scripted.of('worker-1').env).toEqual(before.env);
    expect(scripted.notices).toEqual([
      'worker-1 ended (SIGKILL), started again',
    ]);
    expect(scripted.cluster.numRestarts).toBe(1);
    expect([...scripted.cluster.pids.keys()]).toEqual([
      ...['server', 'worker-0', 'worker-1'],
    ]);
  });

  it('is started again later and later, its last words are told', async () => {
    const scripted = await ScriptedCluster.running();
    // 25, 100, 200, 400, 800 and then 1600 ms
    for (let restart = 1; restart <= 6; restart++) {
      expect(scripted.livesOf('worker-0')).toBe(restart);
      await scripted.of('worker-0').die(1, 'no memory');
      if (restart < 6) await pass(800);
    }
    expect(scripted.notices.at(-1)).toBe(
      'worker-0 ended (exit code 1), starting again in 1.6 s: no memory',
    );
    await pass(1599);
    expect(scripted.livesOf('worker-0')).toBe(6);
    await pass(1);
    expect(scripted.livesOf('worker-0')).toBe(7);
  });

  it('fails the run when there were too many, and says since when', async () => {
    const scripted = await ScriptedCluster.running({ maxRestarts: 2 });
    await scripted.of('worker-0').die(1, 'first cause');
    await scripted.of('worker-1').die();
    await pass(100);
    await scripted.of('worker-1').die(1, 'last words');
    expect(scripted.outcome).toMatchObject({
      code: 'ERR_PROCESS_FAILED',
      message:
        'worker-1 ended (exit code 1): last words; not started again after 2 restarts within an hour (--max-restarts), the first because worker-0 ended (exit code 1): first cause; see logs/ in /run, go on with --resume',
    });
    await pass(10_000);
    expect(scripted.livesOf('worker-1')).toBe(2);
  });

  it('fails the run when its settings or data are wrong', async () => {
    const scripted = await ScriptedCluster.running();
    await scripted.of('worker-0').die(2, 'no such data');
    expect(scripted.outcome).toMatchObject({
      code: 'ERR_PROCESS_FAILED',
      message: expect.stringContaining(
        'worker-0 ended (exit code 2): no such data; ',
      ) as string,
    });
  });

  it('that was told to stop stays away; without any the run fails', async () => {
    const scripted = await ScriptedCluster.running();
    await scripted.of('worker-0').die(0);
    await pass(60_000);
    expect(scripted.livesOf('worker-0')).toBe(1);
    expect(scripted.outcome).toBeUndefined();
    await scripted.of('worker-1').die(0, 'bye');
    await pass(3000);
    expect(scripted.outcome).toMatchObject({
      code: 'ERR_NO_WORKERS',
      message:
        'every worker of the run has ended, the last one: worker-1 ended (exit code 0): bye; see logs/ in /run',
    });
    expect(scripted.notices).toEqual([]);
  });
});

describe('a lost server', () => {
  it('is started again where it was', async () => {
    const scripted = await ScriptedCluster.running({ numServers: 2 });
    const before = scripted.of('server-1');
    await before.die();
    await pass(100);
    expect(scripted.of('server-1').env).toEqual({
      ...before.env,
      PS_PORT: String(before.pid),
      PS_METRICS_PORT: String(before.pid + 1000),
    });
    await scripted.of('server-1').listens();
    expect(scripted.started.filter((name) => name === 'worker-0')).toHaveLength(
      1,
    );
    expect(scripted.notices).toEqual([
      'server-1 ended (SIGKILL), started again',
    ]);
  });

  it('is followed by its standby, and comes back as the standby', async () => {
    const scripted = await ScriptedCluster.running({ numStandbys: 1 });
    const { pid } = scripted.of('server-0');
    const heir = scripted.of('standby-0');
    const url = `ws://127.0.0.1:${heir.pid}`;
    await scripted.of('server-0').die();
    await pass(100);
    expect(scripted.of('server-0').env).toMatchObject({
      PS_ROLE: 'standby',
      PS_PORT: String(pid),
      PS_PRIMARY: url,
      PS_COORDINATOR: url,
    });
    await heir.report({ type: 'promoted', url });
    await heir.report({ type: 'resumed', version: 7, from: 9, seconds: 0.3 });
    expect(scripted.notices).toEqual([
      'server-0 ended (SIGKILL), started again',
      'standby-0 has taken over',
    ]);
    expect(scripted.reports.at(-1)).toMatchObject({ type: 'resumed' });
    // workers that come back look there first
    await scripted.of('worker-0').die();
    await pass(100);
    expect(scripted.of('worker-0').env['WORKER_SERVER']).toBe(
      `${url},ws://127.0.0.1:${pid}`,
    );
    // the old coordinator's word counts no more, the new one's does
    await scripted.of('server-0').report(ended);
    expect(scripted.outcome).toBeUndefined();
    await heir.report(ended);
    expect(scripted.outcome).toBe('finished');
  });

  it('that was replaced comes back as the standby', async () => {
    const scripted = await ScriptedCluster.running({ numStandbys: 1 });
    const [server, standby] = ['server-0', 'standby-0'].map((name) =>
      scripted.of(name),
    );
    await standby!.report({ type: 'promoted', url: 'ws://new' });
    await server!.report({
      type: 'failed',
      code: 'ERR_REPLACED',
      message: 'replaced',
    });
    await server!.die(3);
    await pass(100);
    expect(scripted.of('server-0').env).toMatchObject({
      PS_ROLE: 'standby',
      PS_PRIMARY: 'ws://new',
    });
    expect(scripted.outcome).toBeUndefined();
  });

  it('both of a shard: the first that comes back is primary', async () => {
    const scripted = await ScriptedCluster.running({ numStandbys: 1 });
    await Promise.all([
      scripted.of('standby-0').die(),
      scripted.of('server-0').die(),
    ]);
    await pass(100);
    expect(scripted.of('standby-0').env['PS_ROLE']).toBe('primary');
    expect(scripted.of('server-0').env['PS_ROLE']).toBe('standby');
  });

  it('fails the run with its report, whichever it is', async () => {
    const scripted = await ScriptedCluster.running({ numServers: 2 });
    await scripted.of('server-1').report({
      type: 'failed',
      code: 'ERR_INTERNAL',
      message: 'broken',
    });
    expect(scripted.outcome).toMatchObject({ code: 'ERR_INTERNAL' });
  });

  it('fails the run when its settings are wrong', async () => {
    const scripted = new ScriptedCluster();
    await scripted.of('server').die(2, 'wrong');
    expect(scripted.outcome).toMatchObject({
      code: 'ERR_PROCESS_FAILED',
      message:
        'the parameter server ended unexpectedly (exit code 2): wrong; see logs/ in /run, go on with --resume',
    });
  });

  it('that ended in order is the end, or comes back', async () => {
    const scripted = await ScriptedCluster.running({ numServers: 3 });
    await scripted.of('server-1').die(0);
    await pass(2999);
    expect(scripted.livesOf('server-1')).toBe(1);
    await pass(100);
    expect(scripted.livesOf('server-1')).toBe(2);
    await scripted.of('server-2').die(0);
    await scripted.of('server-0').report(ended);
    await pass(60_000);
    expect(scripted.livesOf('server-2')).toBe(1);
    expect(scripted.outcome).toBe('finished');
  });
});

describe('without restarts', () => {
  const maxRestarts = 0;

  it('a lost worker is told of, and missed when it was the last', async () => {
    const scripted = await ScriptedCluster.running({ maxRestarts });
    await scripted.of('worker-0').die();
    await pass(60_000);
    expect(scripted.notices).toEqual(['worker-0 ended (SIGKILL)']);
    expect(scripted.outcome).toBeUndefined();
    await scripted.of('worker-1').die(2, 'no data');
    await pass(3000);
    expect(scripted.outcome).toMatchObject({
      code: 'ERR_NO_WORKERS',
      message: expect.stringContaining('(exit code 2): no data;') as string,
    });
    expect(scripted.livesOf('worker-0')).toBe(1);
  });

  it('a lost server is the end', async () => {
    const scripted = await ScriptedCluster.running({ maxRestarts });
    await scripted.of('server').die();
    expect(scripted.outcome).toMatchObject({
      code: 'ERR_PROCESS_FAILED',
      message:
        'the parameter server ended unexpectedly (SIGKILL); see logs/ in /run, go on with --resume',
    });
  });

  it('a lost server with a standby is not, but both are', async () => {
    const options = { maxRestarts, numStandbys: 1 } as const;
    const scripted = await ScriptedCluster.running(options);
    await scripted.of('server-0').die();
    expect(scripted.outcome).toBeUndefined();
    await scripted.of('standby-0').die();
    expect(scripted.outcome).toMatchObject({
      message: expect.stringContaining(
        'the parameter server standby-0 ended unexpectedly',
      ) as string,
    });
  });
});
