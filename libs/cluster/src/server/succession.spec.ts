import {
  float32Payload,
  PROTOCOL_VERSION,
  runFingerprint,
} from '@muster/protocol';
import type { MessageOf } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { EMPTY_LEDGER } from '../coordinator/ledger.js';
import { runOf, ScriptedServer } from '../testing.js';

const ACCOUNT = new TextEncoder().encode(
  JSON.stringify({ ...EMPTY_LEDGER, examplesApplied: 12 }),
);

/** A standby of server 0 of one; its primary is connection 3. */
function standby(): ScriptedServer {
  const server = new ScriptedServer({ role: 'standby', term: 50 });
  return server.handle({ type: 'linked', link: 'primary', connection: 3 });
}

/** One that has a copy of version 3, of term 200. */
function withCopy(): ScriptedServer {
  const keys = { begin: 0, end: 32, dtype: 'float32' } as const;
  const state = { version: 3, term: 200, slots: [], ...keys };
  const payload = float32Payload(new Float32Array(32).fill(4));
  const server = standby().hear(3, { type: 'state', ...state }, payload);
  const ledger = { type: 'ledger', version: 3, dtype: 'json' } as const;
  return server.hear(3, ledger, ACCOUNT);
}

function follow(term: number): MessageOf<'follow'> {
  return {
    type: 'follow',
    ...{ protocol: PROTOCOL_VERSION, shard: 0, numShards: 1 },
    ...{ run: runFingerprint(runOf()), url: 'ws://two', term },
  };
}

describe("server 0's standby", () => {
  it('follows, and serves nobody', () => {
    const server = standby();
    expect(server.sent(3, 'follow')).toMatchObject([{ shard: 0, term: 0 }]);
    server.join(7);
    expect(server.done('close')).toMatchObject([
      { connection: 7, code: 'ERR_NOT_PRIMARY' },
    ]);
    expect(server.machine.role).toBe('standby');
  });

  it('takes over from its copy when its primary does not answer', () => {
    const server = withCopy().handle({ type: 'disconnected', connection: 3 });
    expect(server.machine.role).toBe('standby');
    server.handle({ type: 'unreachable', link: 'primary' });
    expect(server.machine.role).toBe('primary');
    expect(server.machine.coordinator?.term).toBe(201);
    // its list is from when it began: it looks before it says what it has
    expect(server.done('list-checkpoints')).toHaveLength(1);
    server.handle({ type: 'checkpoints', checkpoints: [3] });
    expect(server.machine.coordinator?.phase).toBe('running');
    expect(server.machine.shard?.version).toBe(3);
    expect(server.machine.ledger.examplesApplied).toBe(12);
  });

  it('takes over when its primary is silent for a lease', () => {
    const server = withCopy().wait(900);
    expect(server.machine.role).toBe('standby');
    server.wait(300);
    expect(server.machine.role).toBe('primary');
    expect(server.done('terminate')).toContainEqual({
      ...{ type: 'terminate', connection: 3 },
    });
  });

  it('takes over when whoever is there only follows as well', () => {
    const server = withCopy();
    const code = 'ERR_NOT_PRIMARY';
    server.hear(3, { type: 'refused', code, message: 'this is a standby' });
    expect(server.machine.role).toBe('primary');
  });

  it('without a copy waits a lease before it takes over', () => {
    const server = new ScriptedServer({ role: 'standby' });
    server.handle({ type: 'unreachable', link: 'primary' });
    expect(server.machine.role).toBe('standby');
    server.wait(1100).handle({ type: 'unreachable', link: 'primary' });
    expect(server.machine.role).toBe('primary');
  });

  it('ends with its primary', () => {
    const server = withCopy().hear(3, { type: 'drain', reason: 'finished' });
    expect(server.done('end')).toMatchObject([
      { end: { outcome: 'finished' } },
    ]);
    server.handle({ type: 'unreachable', link: 'primary' });
    expect(server.machine.role).toBe('standby');
  });

  it('takes over the state only together with its account', () => {
    const keys = { begin: 0, end: 32, dtype: 'float32' } as const;
    const state = { version: 9, term: 200, slots: [], ...keys };
    const payload = float32Payload(new Float32Array(32));
    const server = withCopy().hear(3, { type: 'state', ...state }, payload);
    server.handle({ type: 'disconnected', connection: 3 });
    server.handle({ type: 'unreachable', link: 'primary' });
    expect(server.machine.shard?.version).toBe(3);
  });
});

describe('fencing', () => {
  /** A standby that has taken over, and reached the old one on connection 4. */
  function taken(): ScriptedServer {
    const server = withCopy().handle({ type: 'disconnected', connection: 3 });
    server.handle({ type: 'unreachable', link: 'primary' }).take().wait(200);
    return server.handle({ type: 'linked', link: 'primary', connection: 4 });
  }

  it('tells the old primary its newer term', () => {
    expect(taken().sent(4, 'follow')).toMatchObject([{ term: 201 }]);
  });

  it('goes on until somebody has answered', () => {
    const server = taken().take();
    server.handle({ type: 'disconnected', connection: 4 }).wait(500);
    expect(server.done('dial')).toEqual([{ type: 'dial', link: 'primary' }]);
    server.handle({ type: 'linked', link: 'primary', connection: 5 });
    const code = 'ERR_REPLACED';
    server.hear(5, { type: 'refused', code, message: 'replaced' }).take();
    server.handle({ type: 'disconnected', connection: 5 }).wait(2000);
    expect(server.done('dial')).toEqual([]);
  });

  it('ends a primary that hears of a newer term', () => {
    const server = new ScriptedServer().restored(0).hear(6, follow(300));
    expect(server.sent(6, 'refused')).toMatchObject([{ code: 'ERR_REPLACED' }]);
    expect(server.done('end')).toMatchObject([
      { end: { outcome: 'replaced' } },
    ]);
  });

  it('ends whoever fences a primary of a newer term', () => {
    const keys = { begin: 0, end: 32, dtype: 'float32' } as const;
    const state = { version: 9, term: 900, slots: [], ...keys };
    const payload = float32Payload(new Float32Array(32));
    const server = taken().hear(4, { type: 'state', ...state }, payload);
    expect(server.done('end')).toMatchObject([
      { end: { outcome: 'replaced' } },
    ]);
  });

  it('sends a follower of its own term everything', () => {
    const server = new ScriptedServer().restored(0).hear(6, follow(0));
    expect(server.sent(6, 'state')).toMatchObject([{ version: 0 }]);
    expect(server.sent(6, 'ledger')).toMatchObject([{ version: 0 }]);
  });

  it('tells workers of its follower, which they may need any moment', () => {
    const server = new ScriptedServer().restored(0).join(1).take();
    const told = () =>
      server.sent(1, 'shards').map(({ shards }) => shards[0]?.urls);
    server.hear(6, follow(0));
    expect(told()).toEqual([['ws://me', 'ws://two']]);
    server.join(2);
    expect(server.sent(2, 'joined')[0]?.shards[0]?.urls).toEqual([
      'ws://me',
      'ws://two',
    ]);
    server.take().handle({ type: 'disconnected', connection: 6 });
    expect(told()).toEqual([['ws://me']]);
  });
});

describe('promotion', () => {
  /** Server 0 with server 1 on connection 9 and its standby on 8. */
  function trio(): ScriptedServer {
    const server = new ScriptedServer({ numServers: 2 }).joinServer(9);
    server.restored(0).hear(9, { type: 'restored', version: 0, term: 101 });
    return server.joinServer(8, { role: 'standby', url: 'ws://by' }).join(1);
  }

  it('is told to the standby at once when its primary is lost', () => {
    const server = trio().take();
    server.handle({ type: 'disconnected', connection: 9 });
    expect(server.sent(8, 'promote')).toEqual([{ type: 'promote', term: 102 }]);
    server.joinServer(8, { url: 'ws://by', version: 0, term: 102 });
    expect(server.sent(8, 'resume')).toMatchObject([{ term: 102 }]);
    // workers are told where the keys are now
    expect(server.sent(1, 'shards').at(-1)?.shards[1]?.urls).toEqual([
      'ws://by',
    ]);
  });

  it('fences the primary that comes back with what it had', () => {
    const server = trio().handle({ type: 'disconnected', connection: 9 });
    server.joinServer(10, { version: 0, term: 101 });
    expect(server.sent(10, 'refused')).toMatchObject([
      { code: 'ERR_REPLACED' },
    ]);
  });

  it('happens when the primary itself comes back as a standby', () => {
    const server = trio().take();
    server.joinServer(10, { role: 'standby' });
    expect(server.sent(8, 'promote')).toHaveLength(1);
  });

  it('is told to a standby that comes after the loss, a lease later', () => {
    const server = new ScriptedServer({ numServers: 2 }).joinServer(9);
    server.handle({ type: 'disconnected', connection: 9 });
    server.joinServer(8, { role: 'standby', url: 'ws://by' }).take();
    for (let i = 0; i < 3; i++) {
      server.hear(8, { type: 'heartbeat', sequence: i }).wait(500);
    }
    expect(server.sent(8, 'promote')).toHaveLength(1);
  });

  it('passes over a standby that is silent', () => {
    const server = trio().hear(9, { type: 'heartbeat', sequence: 1 }).take();
    server.wait(800).hear(9, { type: 'heartbeat', sequence: 2 }).wait(500);
    expect(server.done('close')).toContainEqual(
      expect.objectContaining({ connection: 8, code: 'ERR_CONNECTION_LOST' }),
    );
    server.handle({ type: 'disconnected', connection: 9 });
    expect(server.sent(8, 'promote')).toEqual([]);
  });

  it('ends the one of two primaries that led in the older term', () => {
    const server = new ScriptedServer({ numServers: 2 });
    server.joinServer(9, { version: 5, oldest: 3, term: 60 });
    server.joinServer(8, { url: 'ws://by', version: 5, oldest: 3, term: 61 });
    expect(server.sent(9, 'refused')).toMatchObject([{ code: 'ERR_REPLACED' }]);
    server.joinServer(7, { version: 5, oldest: 3, term: 60 });
    expect(server.sent(7, 'refused')).toMatchObject([{ code: 'ERR_REPLACED' }]);
  });

  it('makes the standby of server 1 its primary', () => {
    const server = new ScriptedServer({
      ...{ shard: 1, numServers: 2, role: 'standby' },
    });
    server.handle({ type: 'linked', link: 'coordinator', connection: 5 });
    expect(server.sent(5, 'shard-join')).toMatchObject([{ role: 'standby' }]);
    server.hear(5, { type: 'promote', term: 70 });
    server.handle({ type: 'checkpoints', checkpoints: [8] });
    expect(server.sent(5, 'shard-join').at(-1)).toMatchObject({
      ...{ role: 'primary', term: 70, checkpoints: [8] },
    });
  });

  it('raises its term above what servers have heard of, before it has run', () => {
    const server = new ScriptedServer({ numServers: 2 });
    server.joinServer(9, { version: 0, term: 500 });
    expect(server.machine.term).toBeGreaterThan(500);
  });

  it('ends when a server has heard of a newer coordinator', () => {
    const server = trio().joinServer(9, { version: 0, term: 500 });
    expect(server.done('end')).toMatchObject([
      { end: { outcome: 'replaced' } },
    ]);
    // it has nothing to say to others any more
    expect(server.sent(1, 'drain')).toEqual([]);
  });

  it.each([
    [{ protocol: 1 }, 'protocol version 1'],
    [{ run: 'b'.repeat(64) }, 'has another run'],
    [{ numShards: 3 }, 'came to a cluster of 2'],
    [{ begin: 15 }, 'owns keys 15 to 32, expected 16 to 32'],
  ])('refuses a server with %o', (join, text) => {
    const server = new ScriptedServer({ numServers: 2 }).joinServer(9, join);
    const [refused] = server.sent(9, 'refused');
    expect(refused?.message).toContain(text);
    expect(refused?.code).toBe('ERR_CHECKPOINT_MISMATCH');
  });
});
