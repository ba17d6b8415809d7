/**
 * Attacks by number: more connections, and more guesses, than are good.
 */
import { describe, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { RawSocket, upgradeRequest } from './raw-socket.js';
import type { Outcome } from './raw-socket.js';
import { RIGHT, Target } from './target.js';

async function knock(
  target: Target,
  token: string,
  from?: string,
): Promise<Outcome> {
  using attacker = await RawSocket.open(target.port, from);
  const headers = { Authorization: `Bearer ${token}`, Connection: 'Upgrade' };
  return await attacker.send(upgradeRequest(headers)).hungUp();
}

describe('connections', () => {
  it('in all end at the limit, which the answer names', async () => {
    await using target = await Target.start({ maxConnections: 3 });
    const inside = await Promise.all(
      ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((from) =>
        RawSocket.upgraded(target.port, RIGHT, from),
      ),
    );
    using late = await RawSocket.open(target.port, '127.0.0.4');
    const { status, answer } = await late.send(upgradeRequest(RIGHT)).hungUp();
    expect(status).toBe(503);
    expect(answer).toContain('at most 3 (--max-connections)');
    inside[0]?.reset();
    await eventually('one to go', () => target.connections.size === 2);
    expect(await target.serves('127.0.0.4')).toBe(true);
    for (const one of inside) one[Symbol.dispose]();
  });

  it('of one address end at its limit, and not those of others', async () => {
    await using target = await Target.start({ maxConnectionsPerAddress: 2 });
    using first = await RawSocket.upgraded(target.port, RIGHT);
    using second = await RawSocket.upgraded(target.port, RIGHT);
    using third = await RawSocket.open(target.port);
    const { status, answer } = await third.send(upgradeRequest(RIGHT)).hungUp();
    expect(status).toBe(503);
    expect(answer).toContain('at most 2 (--max-connections-per-address)');
    expect(await target.serves('127.0.0.2')).toBe(true);
    expect([first.isClosed, second.isClosed]).toEqual([false, false]);
  });
});

describe('guessing tokens', () => {
  const limits = { maxFailedLogins: 3, failedLoginWindowMs: 60_000 };

  it('is over after a few, even for the right one', async () => {
    await using target = await Target.start(limits);
    for (const guess of ['a', 'b', 'c']) {
      expect((await knock(target, guess)).status).toBe(401);
    }
    const blocked = await knock(target, RIGHT.Authorization.slice(7));
    expect(blocked.status).toBe(429);
    expect(blocked.answer).toMatch(/\r\nRetry-After: (60|5\d)\r\n/);
    expect(blocked.answer).toContain('at most 3 (--max-failed-logins)');
  });

  it('does not keep another address out', async () => {
    await using target = await Target.start(limits);
    for (const guess of ['a', 'b', 'c', 'd']) await knock(target, guess);
    expect((await knock(target, 'e')).status).toBe(429);
    expect(await target.serves('127.0.0.2')).toBe(true);
    expect((await knock(target, 'a', '127.0.0.2')).status).toBe(401);
  });

  it('is possible again when the window is over', async () => {
    await using target = await Target.start({
      ...limits,
      failedLoginWindowMs: 300,
    });
    for (const guess of ['a', 'b', 'c', 'd']) await knock(target, guess);
    await eventually('the window to be over', async () => {
      const { status } = await knock(target, 'e');
      return status === 401;
    });
    expect(await target.serves()).toBe(true);
  });

  it('is told the same of a near guess and of a far one', async () => {
    await using target = await Target.start({ maxFailedLogins: 100_000 });
    const right = RIGHT.Authorization.slice(7);
    const near = `${right.slice(0, -1)}x`;
    const far = 'x'.repeat(right.length);
    const answers = [await knock(target, near), await knock(target, far)];
    expect(answers[0]?.answer).toBe(answers[1]?.answer);
  });
});
