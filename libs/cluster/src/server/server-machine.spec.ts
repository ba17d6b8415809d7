import { describe, expect, it } from 'vitest';
import { ScriptedServer } from '../testing.js';

/** A lone server at version 0, and a worker on connection 1. */
function withWorker(options = {}): ScriptedServer {
  const server = new ScriptedServer(options).restored(0);
  return server.join(1);
}

describe('a server that works alone', () => {
  it('reads the newest checkpoint first, in a newer term', () => {
    const server = new ScriptedServer({ checkpoints: [3, 0] });
    expect(server.done('restore')).toEqual([
      { type: 'restore', version: 3, removesNewer: false },
    ]);
    server.restored(3);
    expect(server.machine.term).toBe(101);
    expect(server.machine.shard?.version).toBe(3);
  });

  it('removes newer checkpoints where the order of arrival decides', () => {
    const consistency = {
      name: 'async',
      maxStaleness: 9,
      scaling: 'none',
    } as const;
    const server = new ScriptedServer({ checkpoints: [3], consistency });
    expect(server.done('restore')[0]?.removesNewer).toBe(true);
  });

  it('takes another checkpoint when one cannot be read', () => {
    const server = new ScriptedServer({ checkpoints: [3, 2] }).take();
    const failed = { version: 3, checkpoints: [2], message: 'damaged' };
    server.handle({ type: 'restore-failed', ...failed });
    expect(server.done('restore')).toMatchObject([{ version: 2 }]);
  });

  it('fails when no checkpoint is left, having asked once more', () => {
    const server = new ScriptedServer({ checkpoints: [3] });
    const failed = { version: 3, checkpoints: [], message: 'damaged' };
    server.handle({ type: 'restore-failed', ...failed });
    expect(server.done('end')).toMatchObject([
      { end: { outcome: 'failed', code: 'ERR_CHECKPOINT_CORRUPT' } },
    ]);
  });

  it('passes over what was read for an order that is over', () => {
    const server = withWorker().push(1, 0, 0).push(1, 0, 1);
    server.restored(0, 7);
    expect(server.machine.shard?.version).toBe(1);
  });

  it('gives a worker the run, the newest parameters and all leaves', () => {
    const server = withWorker();
    expect(server.sent(1, 'joined')).toMatchObject([
      { runId: 'run', shards: [{ begin: 0, end: 32, urls: ['ws://me'] }] },
    ]);
    expect(server.sent(1, 'parameters')).toMatchObject([{ version: 0 }]);
    expect(server.sent(1, 'assign')).toMatchObject([
      { task: { kind: 'gradient', step: 0, firstLeaf: 0, numLeaves: 2 } },
    ]);
  });

  it.each([
    [{ protocol: 1 }, 'ERR_PROTOCOL_VERSION'],
    [{ model: 'd'.repeat(64) }, 'ERR_MODEL_MISMATCH'],
  ])('refuses a worker with %o before it costs anything', (join, code) => {
    const server = new ScriptedServer().join(1, join);
    expect(server.sent(1, 'refused')).toMatchObject([{ code }]);
    expect(server.done('close')).toMatchObject([{ connection: 1, code }]);
    expect(server.sent(1, 'joined')).toEqual([]);
  });

  it('refuses an older life of a worker, and closes the one it replaces', () => {
    const server = withWorker();
    const incarnation = server.sent(1, 'joined')[0]?.incarnation ?? 0;
    server.join(2, { workerId: 'w1' });
    const newer = server.sent(2, 'joined')[0]?.incarnation ?? 0;
    expect(newer).toBeGreaterThan(incarnation);
    expect(server.done('close')).toMatchObject([
      { connection: 1, code: 'ERR_REPLACED' },
      { connection: 1, code: 'ERR_REPLACED' },
    ]);
    server.join(3, { workerId: 'w1', incarnation });
    expect(server.sent(3, 'refused')).toMatchObject([{ code: 'ERR_REPLACED' }]);
    // what the older one still has to say counts nothing
    server.take().push(1, 0, 0);
    expect(server.sent(1, 'push-result')).toEqual([]);
  });

  it('numbers lives above those of every coordinator before', () => {
    const [before, after] = [100, 101].map((term) => {
      const server = new ScriptedServer({ term }).join(1);
      return server.sent(1, 'joined')[0]?.incarnation ?? 0;
    });
    expect(after).toBeGreaterThan(before ?? 0);
  });

  it('answers after it has decided, then gives the version out', () => {
    const server = withWorker().take();
    server.push(1, 0, 0).push(1, 0, 1);
    expect(server.sent(1, 'push-result')).toMatchObject([
      { outcome: 'accepted', version: 0 },
      { outcome: 'accepted', version: 1 },
    ]);
    expect(server.sent(1, 'parameters')).toMatchObject([{ version: 1 }]);
    // 1 minus the mean of four examples' gradients: (1 + 1) / 4
    expect(server.machine.shard?.parameters[0]).toBe(0.5);
    expect(server.machine.ledger.examplesApplied).toBe(4);
  });

  it('answers the same leaves again with duplicate, a past step with stale', () => {
    const server = withWorker().push(1, 0, 0).take();
    server.push(1, 0, 0).push(1, 0, 1).push(1, 0, 1);
    const outcomes = server.sent(1, 'push-result').map((one) => one.outcome);
    expect(outcomes).toEqual(['duplicate', 'accepted', 'stale']);
    expect(server.machine.ledger.pushes).toMatchObject({
      ...{ accepted: 2, duplicate: 1, stale: 1 },
    });
  });

  it('lets a push of before a loss wait for the others', () => {
    const server = withWorker().push(1, 0, 0).take();
    // as good as ever, but it must not make a version
    server.push(1, 0, 1, { term: 99 });
    expect(server.sent(1, 'push-result')).toMatchObject([{ outcome: 'stale' }]);
    expect(server.machine.shard?.version).toBe(0);
  });

  it('gives the tasks of a silent worker to another, and welcomes it back', () => {
    const server = withWorker().join(2).take();
    server.hear(1, { type: 'heartbeat', sequence: 1 }).wait(600);
    server.hear(2, { type: 'heartbeat', sequence: 1 }).wait(600);
    // heard at 0, a lease of 1000 ms, a tick every 100 ms
    const away = { type: 'worker-away', reason: 'silent', silentMs: 1100 };
    expect(server.reports).toContainEqual(expect.objectContaining(away));
    expect(server.sent(2, 'assign').length).toBeGreaterThan(0);
    server.hear(1, { type: 'heartbeat', sequence: 2 });
    expect(server.reports.at(-1)).toEqual({
      type: 'worker-back',
      workerId: 'w1',
    });
  });

  it('says which contribution is that of a copy', () => {
    const server = withWorker({ stragglerFactor: 2 }).join(2);
    const taskOf = (connection: number) =>
      server.sent(connection, 'assign').at(-1)?.task.taskId ?? -1;
    // w1, alone at first, takes 10 ms a leaf; in step 1 it gets stuck
    server.nowMs = 20;
    server.push(1, 0, 0, { taskId: taskOf(1) });
    server.push(1, 0, 1, { taskId: taskOf(1) });
    const stuck = taskOf(1);
    server.nowMs = 30;
    server.push(2, 1, 1, { taskId: taskOf(2) });
    server.wait(100);
    server.push(2, 1, 0, { taskId: taskOf(2) });
    server.push(1, 1, 0, { taskId: stuck });
    const pushed = server.reports.flatMap((report) =>
      report.type === 'pushed' ? [report] : [],
    );
    expect(
      pushed.map((one) => [one.workerId, one.outcome, one.isBackup]),
    ).toEqual([
      ['w1', 'accepted', false],
      ['w1', 'accepted', false],
      ['w2', 'accepted', false],
      ['w2', 'accepted', true],
      ['w1', 'stale', false],
    ]);
  });

  it('knows what each active worker takes for a leaf', () => {
    const server = withWorker().join(2);
    const paces = () => server.machine.coordinator?.paces;
    expect(paces()).toEqual(new Map());
    server.nowMs = 20;
    server.push(1, 0, 0).push(1, 0, 1);
    // both leaves were given to w1, alone then, at 0
    expect([...(paces() ?? [])]).toEqual([['w1', 10]]);
    server.nowMs = 40;
    server.push(1, 1, 0);
    server.nowMs = 50;
    server.push(2, 1, 1);
    // one each at 20: 10 + 0.3 (20 - 10), and 30
    expect([...(paces() ?? [])]).toEqual([
      ['w1', 13],
      ['w2', 30],
    ]);
    server.handle({ type: 'disconnected', connection: 1 });
    expect([...(paces() ?? [])]).toEqual([['w2', 30]]);
  });

  it('judges nobody by the clock in the first tick after a sleep', () => {
    const server = withWorker().take();
    server.nowMs = 60_000;
    server.handle({ type: 'tick' });
    expect(server.reports.map(({ type }) => type)).not.toContain('worker-away');
  });

  it('closes who does not say who it is', () => {
    const server = new ScriptedServer().handle({
      type: 'connected',
      connection: 9,
    });
    server.wait(1200);
    expect(server.done('close')).toMatchObject([
      { connection: 9, code: 'ERR_NOT_JOINED' },
    ]);
    server.take().hear(9, { type: 'heartbeat', sequence: 1 });
    expect(server.done('close')).toMatchObject([{ code: 'ERR_NOT_JOINED' }]);
  });

  it('says overlap to a sum of which a part is in, and changes nothing', () => {
    const server = withWorker().push(1, 0, 0).take();
    server.push(1, 0, 0, { numLeaves: 2, count: 4 });
    expect(server.sent(1, 'push-result')).toMatchObject([
      { outcome: 'overlap', version: 0 },
    ]);
  });
});

describe('a server that is not the first', () => {
  function second(): ScriptedServer {
    const server = new ScriptedServer({ shard: 1, numServers: 2 });
    return server.handle({
      type: 'linked',
      link: 'coordinator',
      connection: 5,
    });
  }

  it('dials the coordinator and says what it has', () => {
    const server = second();
    expect(server.done('dial')).toEqual([
      { type: 'dial', link: 'coordinator' },
    ]);
    expect(server.sent(5, 'shard-join')).toMatchObject([
      { shard: 1, begin: 16, end: 32, role: 'primary', checkpoints: [0] },
    ]);
  });

  it('tells the coordinator of each push, and what it made', () => {
    const server = second();
    server.hear(5, { type: 'restore', version: 0, term: 7 }).restored(0);
    expect(server.sent(5, 'restored')).toMatchObject([{ version: 0, term: 7 }]);
    server.hear(1, { type: 'subscribe', workerId: 'w1', incarnation: 1 });
    server.push(1, 0, 0).push(1, 0, 1);
    expect(server.sent(5, 'received')).toMatchObject([
      { workerId: 'w1', firstLeaf: 0, outcome: 'accepted', version: 0 },
      { workerId: 'w1', firstLeaf: 1, version: 1, applied: { count: 4 } },
    ]);
  });

  it('answers stale until it is told which parameters hold', () => {
    const server = second();
    server.hear(1, { type: 'subscribe', workerId: 'w1', incarnation: 1 });
    server.push(1, 0, 0);
    expect(server.sent(1, 'push-result')).toMatchObject([{ outcome: 'stale' }]);
  });

  it('says failed to a checkpoint of a version it is not at', () => {
    const server = second();
    server.hear(5, { type: 'restore', version: 0, term: 7 }).restored(0);
    const order = { version: 3, reason: 'interval', keepFrom: 0 } as const;
    server.hear(5, { type: 'checkpoint', ...order });
    expect(server.sent(5, 'checkpointed')).toMatchObject([
      { version: 3, progress: 'failed' },
    ]);
    expect(server.done('checkpoint')).toEqual([]);
  });

  it('ends when the coordinator has, or when another owns its keys', () => {
    expect(
      second().hear(5, { type: 'drain', reason: 'finished' }).done('end'),
    ).toEqual([{ type: 'end', end: { outcome: 'finished' } }]);
    const message = 'another server owns the keys';
    const refused = { type: 'refused', code: 'ERR_REPLACED', message } as const;
    expect(second().hear(5, refused).done('end')).toEqual([
      { type: 'end', end: { outcome: 'replaced', message } },
    ]);
  });

  it('dials again a little later each time until somebody is heard', () => {
    const server = second().take();
    server.handle({ type: 'disconnected', connection: 5 });
    expect(server.done('dial')).toEqual([]);
    server.wait(100);
    expect(server.done('dial')).toHaveLength(1);
    server.handle({ type: 'unreachable', link: 'coordinator' }).wait(2000);
    expect(server.done('dial')).toHaveLength(2);
  });

  it('drains by itself', () => {
    expect(second().handle({ type: 'drain' }).done('end')).toEqual([
      { type: 'end', end: { outcome: 'drained' } },
    ]);
  });
});
