import { describe, expect, it } from 'vitest';
import { ScriptedServer } from '../testing.js';

/** Servers 0 (this one) and 1 (connection 9) at version 0, a worker on 1. */
function pair(options = {}): ScriptedServer {
  const server = new ScriptedServer({ numServers: 2, ...options });
  server.joinServer(9).restored(0);
  const term = server.sent(9, 'restore')[0]?.term ?? 0;
  server.hear(9, { type: 'restored', version: 0, term });
  return server.join(1);
}

/** Both servers have made the version after this step. */
function made(server: ScriptedServer, step: number): ScriptedServer {
  return server.push(1, step, 0).push(1, step, 1).otherMade(9, step);
}

function checkpointed(
  server: ScriptedServer,
  version: number,
  progress: 'taken' | 'written' | 'failed',
): ScriptedServer {
  return server.hear(9, { type: 'checkpointed', version, progress });
}

function stepsGiven(server: ScriptedServer): number[] {
  return server.sent(1, 'assign').flatMap(({ task }) => {
    return task.kind === 'gradient' ? [task.step] : [];
  });
}

describe('progress', () => {
  it('goes on when every leaf is in on every server', () => {
    const server = pair().take();
    server.push(1, 0, 0).push(1, 0, 1);
    expect(stepsGiven(server)).toEqual([]);
    server.otherMade(9, 0);
    expect(stepsGiven(server)).toEqual([1]);
  });

  it('waits at the end of an epoch until all have taken a checkpoint', () => {
    const server = made(pair(), 0).take();
    made(server, 1);
    expect(server.done('checkpoint')).toMatchObject([
      { version: 2, reason: 'epoch' },
    ]);
    expect(server.sent(9, 'checkpoint')).toMatchObject([{ version: 2 }]);
    expect(server.sent(1, 'assign')).toEqual([]);
    checkpointed(server, 2, 'taken');
    // the evaluation, and beside it the next step
    expect(server.sent(1, 'assign').map(({ task }) => task.kind)).toEqual([
      'evaluate',
      'gradient',
    ]);
  });

  it('keeps what was whole everywhere until a newer one is', () => {
    const server = pair({ checkpointEverySteps: 1 });
    made(server, 0);
    expect(server.sent(9, 'checkpoint').at(-1)).toMatchObject({
      ...{ version: 1, reason: 'interval', keepFrom: 0 },
    });
    checkpointed(server, 1, 'taken');
    server.handle({ type: 'checkpoint-done', version: 1, ok: true });
    checkpointed(server, 1, 'written');
    made(server, 1);
    expect(server.sent(9, 'checkpoint').at(-1)).toMatchObject({ keepFrom: 1 });
  });

  it('goes on when a checkpoint fails, and does not rely on it', () => {
    const server = pair({ checkpointEverySteps: 1 });
    made(server, 0);
    checkpointed(server, 1, 'taken');
    checkpointed(server, 1, 'failed');
    server.handle({ type: 'checkpoint-done', version: 1, ok: true });
    made(server, 1);
    expect(server.sent(9, 'checkpoint').at(-1)).toMatchObject({
      ...{ version: 2, keepFrom: 0 },
    });
  });

  it('ends once all is evaluated and the last checkpoint is down', () => {
    const server = pair();
    for (const step of [0, 1, 2, 3]) {
      made(server, step);
      if (step % 2 === 0) continue;
      checkpointed(server, step + 1, 'taken');
      server.evaluate(1, step + 1);
    }
    expect(server.done('checkpoint').at(-1)).toMatchObject({
      ...{ version: 4, reason: 'finished' },
    });
    expect(server.done('end')).toEqual([]);
    checkpointed(server, 4, 'written');
    server.handle({ type: 'checkpoint-done', version: 4, ok: true });
    expect(server.done('end')).toEqual([
      { type: 'end', end: { outcome: 'finished' } },
    ]);
    expect(server.sent(9, 'drain')).toMatchObject([{ reason: 'finished' }]);
    const { history, examplesApplied } = server.machine.ledger;
    // 7 of each of the two chunks
    expect(history.map(({ testCorrect }) => testCorrect)).toEqual([14, 14]);
    // 2 epochs of 8 examples
    expect(examplesApplied).toBe(16);
  });

  it('does not end an epoch before the one before is evaluated', () => {
    const server = pair();
    for (const step of [0, 1, 2, 3]) {
      made(server, step);
      if (step === 1) checkpointed(server, 2, 'taken');
    }
    const reasons = server.done('checkpoint').map(({ reason }) => reason);
    expect(reasons).toEqual(['epoch']);
    server.evaluate(1, 2);
    expect(server.done('checkpoint').at(-1)).toMatchObject({ version: 4 });
  });
});

describe('drain', () => {
  it('ends at once while servers gather', () => {
    const server = new ScriptedServer({ numServers: 2 });
    server.handle({ type: 'drain' });
    expect(server.done('end')).toMatchObject([{ end: { outcome: 'drained' } }]);
  });

  it('finishes the step that is out, and ends with a checkpoint', () => {
    const server = pair().push(1, 0, 0).handle({ type: 'drain' });
    expect(server.done('end')).toEqual([]);
    server.push(1, 0, 1).otherMade(9, 0);
    expect(server.sent(9, 'checkpoint')).toMatchObject([
      { version: 1, reason: 'drain' },
    ]);
    checkpointed(server, 1, 'written');
    server.handle({ type: 'checkpoint-done', version: 1, ok: true });
    expect(server.done('end')).toMatchObject([{ end: { outcome: 'drained' } }]);
    expect(server.sent(1, 'drain')).toMatchObject([{ reason: 'stopping' }]);
  });

  it('stops where it is when nobody is there to work', () => {
    const server = pair().hear(1, { type: 'leave', reason: 'tired' });
    server.handle({ type: 'drain' });
    expect(server.sent(9, 'checkpoint')).toMatchObject([
      { version: 0, reason: 'drain' },
    ]);
  });

  it('ends without a checkpoint when servers differ and nobody works', () => {
    const server = pair().push(1, 0, 0).push(1, 0, 1);
    server.hear(1, { type: 'leave', reason: 'tired' });
    server.handle({ type: 'drain' });
    // this one is at version 1, the other at 0: the checkpoint before holds
    expect(server.done('end')).toMatchObject([{ end: { outcome: 'drained' } }]);
    expect(server.sent(9, 'checkpoint')).toEqual([]);
  });

  it('ends without waiting for a server that is lost', () => {
    const server = pair().handle({ type: 'drain' });
    server.handle({ type: 'disconnected', connection: 9 });
    expect(server.done('end')).toMatchObject([{ end: { outcome: 'drained' } }]);
  });

  it('takes no more workers', () => {
    const server = pair().handle({ type: 'drain' }).join(2);
    expect(server.sent(2, 'refused')).toMatchObject([{ code: 'ERR_DRAINING' }]);
  });
});
