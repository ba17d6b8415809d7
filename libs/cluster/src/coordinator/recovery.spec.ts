import { describe, expect, it } from 'vitest';
import { ScriptedServer } from '../testing.js';

/** Servers 0 (this one) and 1 (connection 9) at version 0, a worker on 1. */
function pair(options = {}): ScriptedServer {
  const server = new ScriptedServer({ numServers: 2, ...options });
  server.joinServer(9).restored(0);
  return otherRestored(server, 0).join(1);
}

function otherRestored(
  server: ScriptedServer,
  version: number,
  connection = 9,
): ScriptedServer {
  const { term = 0 } = server.sent(connection, 'restore').at(-1) ?? {};
  return server.hear(connection, { type: 'restored', version, term });
}

/** Makes versions up to this one on both servers. */
function madeUpTo(server: ScriptedServer, version: number): ScriptedServer {
  for (let step = 0; step < version; step++) {
    server.push(1, step, 0).push(1, step, 1).otherMade(9, step);
    if (step % 2 === 0) continue;
    server.hear(9, {
      type: 'checkpointed',
      version: step + 1,
      progress: 'taken',
    });
  }
  return server;
}

function resumedAt(server: ScriptedServer) {
  return server.reports.flatMap((report) =>
    report.type === 'training-resumed' ? [[report.from, report.version]] : [],
  );
}

describe('recovery', () => {
  it('waits for every server before anything is restored', () => {
    const server = new ScriptedServer({ numServers: 2 });
    expect(server.done('restore')).toEqual([]);
    server.joinServer(9);
    expect(server.done('restore')).toMatchObject([{ version: 0 }]);
    expect(server.sent(9, 'restore')).toMatchObject([
      { version: 0, term: 101 },
    ]);
  });

  it('restores the newest checkpoint that all have', () => {
    const server = new ScriptedServer({
      ...{ numServers: 2, checkpoints: [6, 4, 2] },
    });
    server.joinServer(9, { checkpoints: [5, 4, 2] });
    expect(server.sent(9, 'restore')).toMatchObject([{ version: 4 }]);
  });

  it('asks all for the newest of any before it gives up', () => {
    const server = new ScriptedServer({ numServers: 2, checkpoints: [6] });
    server.joinServer(9, { checkpoints: [5] });
    // the list of the other one may be old: it is asked for 6
    expect(server.sent(9, 'restore')).toMatchObject([{ version: 6 }]);
    server.restored(6).joinServer(9, { checkpoints: [5] });
    expect(server.done('end')).toMatchObject([
      { end: { outcome: 'failed', code: 'ERR_CHECKPOINT_CORRUPT' } },
    ]);
  });

  it('goes on from memory when a server was only cut off', () => {
    const server = madeUpTo(pair(), 1).push(1, 1, 0);
    server.handle({ type: 'disconnected', connection: 9 }).take();
    const { term } = server.machine;
    server.joinServer(10, { version: 1, oldest: 0, term });
    expect(server.sent(10, 'resume')).toMatchObject([{ term }]);
    expect(resumedAt(server)).toEqual([
      [0, 0],
      [1, 1],
    ]);
    // what it has of step 1 is not known any more: all of it is given again
    expect(server.sent(1, 'assign')).toMatchObject([{ task: { step: 1 } }]);
  });

  it('goes back one version when a server is one behind', () => {
    const server = pair().push(1, 0, 0).push(1, 0, 1);
    server.handle({ type: 'disconnected', connection: 9 }).take();
    const { term } = server.machine;
    server.joinServer(10, { version: 0, oldest: 0, term });
    expect(server.sent(10, 'resume')).toHaveLength(1);
    expect(server.sent(1, 'assign')).toMatchObject([
      { task: { step: 0, base: 0 } },
    ]);
    // this one still gives the older version out
    server.take().hear(1, { type: 'pull', version: 0 });
    expect(server.sent(1, 'parameters')).toMatchObject([{ version: 0 }]);
  });

  it('goes back to a checkpoint when memory is too far apart', () => {
    const server = madeUpTo(pair(), 2);
    server.push(1, 2, 0).push(1, 2, 1).otherMade(9, 2).take();
    server.handle({ type: 'disconnected', connection: 9 });
    // this one is at 3 and has 1 and 2 beside it, not 0
    server.joinServer(10, { version: 0, oldest: 0, term: 101 });
    expect(server.sent(10, 'resume')).toEqual([]);
    expect(server.sent(10, 'restore')).toMatchObject([{ version: 0 }]);
  });

  it('goes back to a checkpoint where the order of arrival decides', () => {
    const consistency = {
      name: 'async',
      maxStaleness: 9,
      scaling: 'none',
    } as const;
    const server = pair({ consistency });
    server.handle({ type: 'disconnected', connection: 9 }).take();
    server.joinServer(10, { version: 0, oldest: 0, term: 101 });
    expect(server.sent(10, 'restore')).toMatchObject([{ version: 0 }]);
  });

  it('begins anew when another one is lost while it restores', () => {
    const server = new ScriptedServer({ numServers: 2 }).joinServer(9);
    server.handle({ type: 'disconnected', connection: 9 }).restored(0);
    expect(resumedAt(server)).toEqual([]);
    server.joinServer(10);
    const terms = [
      ...server.sent(9, 'restore'),
      ...server.sent(10, 'restore'),
    ].map(({ term }) => term);
    expect(terms).toEqual([101, 102]);
    server.restored(0);
    otherRestored(server, 0, 10);
    expect(resumedAt(server)).toEqual([[0, 0]]);
  });

  it('does not go on from what was restored in an older term', () => {
    const server = new ScriptedServer({ numServers: 2 }).joinServer(9);
    server.restored(0).hear(9, { type: 'restored', version: 0, term: 99 });
    expect(resumedAt(server)).toEqual([[0, 0]]);
    // both have version 0 in memory: it is enough to say so
    expect(server.sent(9, 'resume')).toHaveLength(1);
  });

  it('forgets what the lost one had of the step', () => {
    const server = pair().push(1, 0, 0);
    server.handle({ type: 'disconnected', connection: 9 }).take();
    const { term } = server.machine;
    server.joinServer(10, { version: 0, oldest: 0, term });
    const leaves = server.sent(1, 'assign').map(({ task }) => task);
    // leaf 0 is in here: a sum of both would be of no use
    expect(leaves).toMatchObject([{ firstLeaf: 0, numLeaves: 1 }]);
  });
});
