import { describe, expect, it } from 'vitest';
import type { MessageOf } from '@muster/protocol';
import { ScriptedServer } from '../testing.js';

const IMAGE = Uint8Array.of(7);

const ask = (server: ScriptedServer, requestId: number) =>
  server.handle({ type: 'classify', requestId, image: IMAGE });

const answer = (
  requestId: number,
  more: Partial<MessageOf<'classified'>> = {},
): MessageOf<'classified'> => ({
  ...{ type: 'classified', requestId, version: 3 },
  // as many as the scripted run has classes
  ...{ probabilities: [0.25, 0.75], ...more },
});

/** The codes of the questions that failed. */
const failures = (server: ScriptedServer) =>
  server.done('not-classified').map(({ requestId, code }) => [requestId, code]);

describe('a question about an image', () => {
  it('goes to a worker, and its answer back', () => {
    const server = new ScriptedServer().restored(0).join(1).take();
    ask(server, 1);
    expect(server.done('send')).toEqual([
      {
        ...{ type: 'send', connection: 1 },
        packet: {
          message: { type: 'classify', requestId: 1, dtype: 'uint8' },
          payload: IMAGE,
        },
      },
    ]);
    server.hear(1, answer(1));
    expect(server.done('classified')).toEqual([
      { ...answer(1), type: 'classified' },
    ]);
    expect(failures(server)).toEqual([]);
  });

  it('goes to all workers in turn', () => {
    const server = new ScriptedServer().restored(0).join(1).join(2).take();
    for (const id of [1, 2, 3]) ask(server, id);
    expect(server.sent(1, 'classify').map((one) => one.requestId)).toEqual([
      1, 3,
    ]);
    expect(server.sent(2, 'classify').map((one) => one.requestId)).toEqual([2]);
  });

  it('fails at once where no worker takes tasks', () => {
    const server = new ScriptedServer().restored(0);
    expect(failures(ask(server, 1))).toEqual([[1, 'ERR_NO_WORKERS']]);
    const second = new ScriptedServer({ shard: 1, numServers: 2 });
    expect(failures(ask(second, 1))).toEqual([[1, 'ERR_NO_WORKERS']]);
  });

  it('fails when the connection is lost, and only that', () => {
    const server = new ScriptedServer().restored(0).join(1).join(2).take();
    ask(ask(server, 1), 2);
    server.handle({ type: 'disconnected', connection: 1 });
    expect(failures(server)).toEqual([[1, 'ERR_CONNECTION_LOST']]);
    expect(server.hear(2, answer(2)).done('classified')).toHaveLength(1);
  });

  it('fails after two seconds; a later answer is no offence', () => {
    const server = new ScriptedServer({ leaseMs: 10_000 });
    server.restored(0).join(1).take();
    ask(server, 1).wait(1900);
    expect(failures(server)).toEqual([]);
    server.wait(100);
    expect(failures(server)).toEqual([[1, 'ERR_REQUEST_TIMEOUT']]);
    server.take().hear(1, answer(1));
    expect(server.done('classified')).toEqual([]);
    expect(server.done('close')).toEqual([]);
  });

  it('fails when the run ends, and after it', () => {
    const server = new ScriptedServer().restored(0).join(1).take();
    ask(server, 1);
    const failed = { code: 'ERR_NON_FINITE_GRADIENT', message: 'nan' } as const;
    for (let taskId = 1; server.done('end').length === 0; taskId++) {
      expect(taskId).toBeLessThan(10);
      server.hear(1, { type: 'task-failed', taskId, ...failed });
    }
    expect(failures(server)).toEqual([[1, 'ERR_NO_WORKERS']]);
    expect(failures(ask(server.take(), 2))).toEqual([[2, 'ERR_NO_WORKERS']]);
  });

  it.each([
    ['of too many classes', answer(1, { probabilities: [0, 0, 1] })],
    ['to what was never asked', answer(2)],
  ])('is closed on for an answer %s', (_, message) => {
    const server = new ScriptedServer().restored(0).join(1).take();
    ask(server, 1).hear(1, message);
    expect(server.done('close')).toMatchObject([
      { connection: 1, code: 'ERR_MALFORMED_MESSAGE' },
    ]);
    expect(server.done('classified')).toEqual([]);
  });

  it('is answered by nobody else', () => {
    const server = new ScriptedServer().restored(0).join(1).join(2).take();
    ask(server, 1).hear(2, answer(1));
    expect(server.done('close')).toMatchObject([{ connection: 2 }]);
    expect(server.hear(1, answer(1)).done('classified')).toHaveLength(1);
  });

  it('changes nothing of the training', () => {
    const plain = new ScriptedServer().restored(0).join(1).take();
    const asked = new ScriptedServer().restored(0).join(1).take();
    for (const server of [plain, asked]) {
      if (server === asked) ask(server, 1).hear(1, answer(1));
      server.push(1, 0, 0);
      if (server === asked) ask(server, 2);
      server.push(1, 0, 1);
    }
    for (const type of ['assign', 'push-result', 'parameters'] as const) {
      expect(asked.sent(1, type)).toEqual(plain.sent(1, type));
    }
    expect(asked.machine.ledger).toEqual(plain.machine.ledger);
  });
});
