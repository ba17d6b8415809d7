import { describe, expect, it } from 'vitest';
import { ScriptedFleet, settle } from './scripted-fleet.js';

/** A fleet of hosts whose server listens. */
function running(...given: ConstructorParameters<typeof ScriptedFleet>) {
  const scripted = new ScriptedFleet(...given);
  scripted.fleet.start();
  scripted.agent('a').report({ type: 'run', folder: '/runs/r', text: 'run r' });
  scripted.agent('a').listens();
  return scripted;
}

describe('the start', () => {
  it('has the server listen before any worker is started', () => {
    const scripted = new ScriptedFleet(['a', 'b']);
    scripted.fleet.start();
    expect(scripted.agent('a').heard).toEqual(['begin', 'server']);
    expect(scripted.agent('b').heard).toEqual(['begin']);
    scripted.agent('a').listens();
    for (const host of ['a', 'b']) {
      expect(scripted.agent(host).orders.at(-1)).toMatchObject({
        type: 'workers',
        env: { WORKER_SERVER: 'ws://a:7070' },
      });
    }
  });

  it('starts workers once, also when a server listens again', () => {
    const scripted = running(['a', 'b']);
    scripted.agent('a').listens('ws://127.0.0.1:7071');
    expect(scripted.agent('b').heard).toEqual(['begin', 'workers']);
  });

  it('leaves hosts beyond the most standing by', () => {
    const scripted = running(['a', 'b', 'c'], { maxHosts: 2 });
    expect(scripted.numLives('c')).toBe(0);
    expect(scripted.notes).toEqual(['c stands by (--nnodes)']);
  });
});

describe('a host that comes later', () => {
  it('is taken in, with workers that know the server', async () => {
    const scripted = running(['a', 'B']);
    expect(scripted.numLives('b')).toBe(0);
    scripted.waits.get('b')?.(true);
    await settle();
    expect(scripted.agent('b').heard).toEqual(['begin', 'workers']);
  });

  it('waits for the server like all others', async () => {
    const scripted = new ScriptedFleet(['a', 'B']);
    scripted.fleet.start();
    scripted.waits.get('b')?.(true);
    await settle();
    expect(scripted.agent('b').heard).toEqual(['begin']);
    scripted.agent('a').listens();
    expect(scripted.agent('b').heard).toEqual(['begin', 'workers']);
  });
});

describe('a host that is lost', () => {
  it('is waited for, and taken in again', async () => {
    const scripted = running(['a', 'b']);
    scripted.agent('b').end('ssh ended with 255');
    await settle();
    expect(scripted.notes).toEqual([
      'host b is lost: ssh ended with 255; training goes on without it',
    ]);
    scripted.waits.get('b')?.(true);
    await settle();
    expect(scripted.numLives('b')).toBe(2);
    expect(scripted.agent('b').heard).toEqual(['begin', 'workers']);
  });

  it('is replaced by one that stands by', async () => {
    const scripted = running(['a', 'b', 'c'], { maxHosts: 2 });
    scripted.agent('b').end('ssh ended with 255');
    await settle();
    expect(scripted.agent('c').heard).toEqual(['begin', 'workers']);
    scripted.waits.get('b')?.(true);
    await settle();
    expect(scripted.numLives('b')).toBe(1);
  });

  it('ends the run when the servers were there', async () => {
    const scripted = running(['a', 'b']);
    scripted.agent('a').end('nothing heard for 5 ms');
    await expect(scripted.fleet.ended).rejects.toMatchObject({
      code: 'ERR_CONNECTION_LOST',
      message: 'host a is lost: nothing heard for 5 ms; the servers ran there',
    });
    await scripted.fleet.close();
    expect(scripted.agent('b').stops).toEqual([false]);
  });

  it('ends the run when nobody else computes, or will', async () => {
    const scripted = running(['a:0', 'b']);
    scripted.agent('b').end('gone');
    await settle();
    scripted.waits.get('b')?.(false);
    await expect(scripted.fleet.ended).rejects.toMatchObject({
      ...{ code: 'ERR_NO_WORKERS' },
      message: 'no host is left that has workers',
      earliest: expect.stringMatching(
        /^earliest cause: host b is lost: gone \(ERR_CONNECTION_LOST\); what to do: /,
      ) as string,
    });
  });

  it('is no cause of anything once it is back', async () => {
    const scripted = running(['a', 'b']);
    scripted.agent('b').end('gone');
    await settle();
    scripted.waits.get('b')?.(true);
    await settle();
    scripted.agent('a').end('gone too');
    await expect(scripted.fleet.ended).rejects.toThrow(/^host a is lost/);
  });
});

describe('the end', () => {
  it('is that of the server', async () => {
    const scripted = running(['a', 'b']);
    scripted.agent('a').tell({
      ...{ type: 'ended', process: 'server', code: 0, signal: null },
    });
    expect(await scripted.fleet.ended).toEqual({ code: 0, folder: '/runs/r' });
    await scripted.fleet.close();
    expect(scripted.agents.map(({ stops }) => stops)).toEqual([
      [false],
      [false],
    ]);
  });

  it('is not that of a worker which was told of the end before', async () => {
    const scripted = running(['a', 'b']);
    scripted.agent('b').tell({
      ...{ type: 'ended', process: 'b-0', code: 0, signal: null },
    });
    await settle();
    expect(scripted.agent('a').stops).toEqual([]);
    expect(scripted.lines).toContain('b/b-0 ended (exit code 0)');
  });

  it('comes by a signal, which the server is handed', async () => {
    const scripted = running(['a', 'b']);
    scripted.fleet.drain('SIGINT');
    expect(scripted.agent('a').orders.at(-1)).toEqual({
      ...{ type: 'signal', signal: 'SIGINT' },
    });
    scripted.agent('a').tell({
      ...{ type: 'ended', process: 'server', code: 130, signal: null },
    });
    expect(await scripted.fleet.ended).toMatchObject({ code: 130 });
  });

  it('comes at once by a signal before there is anything to keep', async () => {
    const scripted = new ScriptedFleet(['a', 'b']);
    scripted.fleet.start();
    scripted.fleet.drain('SIGTERM');
    expect(await scripted.fleet.ended).toEqual({
      code: 143,
      folder: undefined,
    });
  });

  it('takes no host in any more', async () => {
    const scripted = running(['a', 'B']);
    await scripted.fleet.close();
    scripted.waits.get('b')?.(true);
    await settle();
    expect(scripted.numLives('b')).toBe(0);
  });

  it('can be at once, everywhere', async () => {
    const scripted = running(['a', 'b']);
    await scripted.fleet.close(true);
    expect(scripted.agent('b').stops).toEqual([true]);
  });
});

describe('a failure', () => {
  it('of the server ends the run, by its own words', async () => {
    const scripted = running(['a', 'b']);
    const message = 'the disk is full';
    scripted
      .agent('a')
      .report({ type: 'failed', code: 'ERR_CHECKPOINT_WRITE', message });
    scripted.agent('a').tell({
      ...{ type: 'ended', process: 'server', code: 1, signal: null },
    });
    await expect(scripted.fleet.ended).rejects.toMatchObject({
      ...{ code: 'ERR_PROCESS_FAILED' },
      message: 'the server on a ended (exit code 1)',
      earliest:
        'earliest cause: server: the disk is full (ERR_CHECKPOINT_WRITE); what to do: make space on the disk, then go on with --resume',
    });
  });

  it('has the loss of a host for its cause that came right before', async () => {
    const scripted = running(['a', 'b']);
    scripted.agent('b').end('ssh ended with 255');
    await settle();
    scripted.agent('a').tell({
      ...{ type: 'ended', process: 'server', code: 1, signal: null },
    });
    await expect(scripted.fleet.ended).rejects.toMatchObject({
      ...{ code: 'ERR_PROCESS_FAILED' },
      earliest: expect.stringMatching(
        /^earliest cause: host b is lost: ssh ended with 255 \(/,
      ) as string,
    });
  });

  it('of a worker that cannot work there ends the run', async () => {
    const scripted = running(['a', 'b']);
    scripted.agent('b').tell({
      ...{ type: 'failed', process: 'worker', code: 'ERR_PROCESS_FAILED' },
      message: 'no such data',
    });
    await expect(scripted.fleet.ended).rejects.toThrow('b: no such data');
  });

  it('of a worker leaves its host out where hosts come and go', async () => {
    const scripted = running(['a', 'b'], { isElastic: true });
    scripted.agent('b').tell({
      ...{ type: 'failed', process: 'worker', code: 'ERR_PROCESS_FAILED' },
      message: 'no such data',
    });
    await settle();
    expect(scripted.agent('a').stops).toEqual([]);
    expect(scripted.notes.at(-1)).toBe(
      'b: no such data; training goes on without it',
    );
  });
});
