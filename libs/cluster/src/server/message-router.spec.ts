import { PROTOCOL_VERSION } from '@muster/protocol';
import type { Message } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { ScriptedServer } from '../testing.js';

/** What workers say that is for the coordinator alone. */
const TO_COORDINATOR: readonly Message[] = [
  {
    ...{ type: 'join', protocol: PROTOCOL_VERSION, workerId: 'w' },
    ...{ numerics: 'c'.repeat(64), backend: 'wasm' },
  },
  { type: 'task-failed', taskId: 1, code: 'ERR_BACKEND', message: 'no' },
  { type: 'task-returned', taskId: 1 },
  { type: 'classified', requestId: 0, version: 0, probabilities: [1, 0] },
];

/** What the coordinator says to a server. */
const ORDERS: readonly Message[] = [
  { type: 'restore', version: 0, term: 7 },
  { type: 'resume', term: 7 },
  { type: 'checkpoint', version: 0, reason: 'epoch', keepFrom: 0 },
  { type: 'promote', term: 7 },
  { type: 'drain', reason: 'finished' },
  { type: 'refused', code: 'ERR_REPLACED', message: 'gone' },
];

/** What is said to any server that serves. */
const TO_SHARD: readonly Message[] = [
  { type: 'subscribe', workerId: 'w', incarnation: 1 },
  { type: 'pull', version: 0 },
  { type: 'heartbeat', sequence: 1 },
  { type: 'leave', reason: 'done' },
];

/** A stranger is connection 7, the coordinator 5, the primary 3. */
const STRANGER = 7;

/** Server 1 of 2, whose coordinator is connection 5. */
function second(): ScriptedServer {
  const server = new ScriptedServer({ shard: 1, numServers: 2 });
  const link = { type: 'linked', link: 'coordinator', connection: 5 } as const;
  return server.handle(link).take();
}

/** Its standby, whose primary is connection 3. */
function standby(): ScriptedServer {
  const options = { shard: 1, numServers: 2, role: 'standby' } as const;
  const server = new ScriptedServer(options);
  const link = { type: 'linked', link: 'primary', connection: 3 } as const;
  return server.handle(link).take();
}

function closed(server: ScriptedServer) {
  return server.done('close').map(({ connection, code, message }) => ({
    ...{ connection, code, message },
  }));
}

describe('a standby', () => {
  const replicated: Message = { type: 'replicated', version: 1 };
  it.each([...TO_COORDINATOR, ...ORDERS, ...TO_SHARD, replicated])(
    "does not answer a stranger's $type",
    (message) => {
      const server = standby().hear(STRANGER, message);
      expect(closed(server)).toEqual([
        {
          ...{ connection: STRANGER, code: 'ERR_NOT_PRIMARY' },
          message: 'this is a standby of server 1, which does not answer that',
        },
      ]);
      // nothing else has come of it
      expect([server.done('send'), server.done('end')]).toEqual([[], []]);
      expect(server.machine.role).toBe('standby');
    },
  );

  it('hears on the link to its primary what nobody else may say', () => {
    const drain = { type: 'drain', reason: 'finished' } as const;
    const server = standby().hear(3, drain);
    expect(server.done('end')).toMatchObject([
      { end: { outcome: 'finished' } },
    ]);
  });
});

describe('a server without the coordinator', () => {
  it.each([...TO_COORDINATOR, ...ORDERS])(
    "does not answer a stranger's $type",
    (message) => {
      const server = second().hear(STRANGER, message);
      expect(closed(server)).toEqual([
        {
          ...{ connection: STRANGER, code: 'ERR_NOT_PRIMARY' },
          message: 'this is server 1, which does not answer that',
        },
      ]);
      expect([server.done('restore'), server.done('end')]).toEqual([[], []]);
    },
  );

  it.each(TO_SHARD)("answers a worker's $type", (message) => {
    expect(closed(second().hear(STRANGER, message))).toEqual([]);
  });

  it('gives a sign of life back', () => {
    const beat = { type: 'heartbeat', sequence: 4 } as const;
    const server = second().hear(STRANGER, beat);
    expect(server.sent(STRANGER, 'heartbeat')).toEqual([beat]);
    // the coordinator gives its own back
    expect(server.take().hear(5, beat).done('send')).toEqual([]);
  });

  it('obeys on the link to its coordinator', () => {
    const server = second().hear(5, { type: 'restore', version: 0, term: 7 });
    expect(server.done('restore')).toMatchObject([{ version: 0 }]);
    expect(server.machine.term).toBe(7);
  });

  it('passes over what is no order there', () => {
    const server = second();
    for (const message of [...TO_COORDINATOR, ...TO_SHARD]) {
      server.hear(5, message);
    }
    expect([...closed(server), ...server.done('send')]).toEqual([]);
  });

  it.each([
    [
      { type: 'refused', code: 'ERR_REPLACED', message: 'gone' },
      { outcome: 'replaced', message: 'gone' },
    ],
    [
      { type: 'refused', code: 'ERR_CHECKPOINT_MISMATCH', message: 'keys' },
      {
        outcome: 'failed',
        ...{ code: 'ERR_CHECKPOINT_MISMATCH', message: 'keys' },
      },
    ],
    [{ type: 'drain', reason: 'finished' }, { outcome: 'finished' }],
    [{ type: 'drain', reason: 'stopping' }, { outcome: 'drained' }],
  ] as const)('ends with %o as %o', (message, end) => {
    expect(second().hear(5, message).done('end')).toEqual([
      { type: 'end', end },
    ]);
  });
});

describe('a server with the coordinator', () => {
  it.each(ORDERS)('takes no $type from who has not joined', (message) => {
    const server = new ScriptedServer().restored(0).take();
    server.handle({ type: 'connected', connection: STRANGER });
    server.hear(STRANGER, message);
    expect(closed(server)).toMatchObject([
      { connection: STRANGER, code: 'ERR_NOT_JOINED' },
    ]);
    expect([server.done('restore'), server.done('end')]).toEqual([[], []]);
  });

  it.each(ORDERS)('takes no $type from a worker', (message) => {
    const server = new ScriptedServer().restored(0).join(1).take();
    server.hear(1, message);
    expect(closed(server)).toMatchObject([
      { connection: 1, code: 'ERR_MALFORMED_MESSAGE' },
    ]);
    expect([server.done('restore'), server.done('end')]).toEqual([[], []]);
  });
});
