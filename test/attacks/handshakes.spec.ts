/**
 * Attacks by sockets that connect and do not come to the point.
 */
import { describe, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { RawSocket, upgradeRequest } from './raw-socket.js';
import { RIGHT, Target } from './target.js';

const DEADLINE_MS = 250;
/** A loaded machine is late; a socket without a deadline stays for good. */
const LATEST_MS = 5000;

function start(limits = {}) {
  return Target.start({ handshakeTimeoutMs: DEADLINE_MS, ...limits });
}

async function expectEnd(attacker: RawSocket): Promise<void> {
  const { tookMs, status } = await attacker.hungUp();
  expect(status).toBe(408);
  expect(tookMs).toBeGreaterThan(DEADLINE_MS - 20);
  expect(tookMs).toBeLessThan(LATEST_MS);
}

describe('who has connected', () => {
  it('and says nothing is gone at the deadline', async () => {
    await using target = await start();
    using attacker = await RawSocket.open(target.port);
    await expectEnd(attacker);
    expect(await target.serves()).toBe(true);
  });

  it('and sends a byte now and then is gone at the same deadline', async () => {
    await using target = await start();
    using attacker = await RawSocket.open(target.port);
    await expectEnd(attacker.drip(upgradeRequest(RIGHT), 20));
  });

  it('and sends headers without an end is gone at the deadline', async () => {
    await using target = await start();
    using attacker = await RawSocket.open(target.port);
    attacker.send('GET /muster HTTP/1.1\r\nHost: localhost\r\n');
    const headers = Array.from({ length: 500 }, (_, i) => `X-${i}: x\r\n`);
    await expectEnd(attacker.drip(headers, 20));
  });

  it('and stays after a refusal is gone with it', async () => {
    await using target = await start();
    using attacker = await RawSocket.open(target.port);
    attacker.send(upgradeRequest());
    const { status } = await attacker.hungUp();
    expect(status).toBe(401);
  });

  it('and asks plainly again and again has no more time for it', async () => {
    await using target = await start();
    using attacker = await RawSocket.open(target.port);
    const plain =
      'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n';
    attacker.drip(Array<string>(500).fill(plain), 20);
    const { status, tookMs } = await attacker.hungUp();
    expect(status).toBe(426);
    expect(tookMs).toBeLessThan(LATEST_MS);
  });
});

describe('a flood of silent sockets', () => {
  it('holds no more of them than the limit, and displaces its own', async () => {
    await using target = await start({
      maxHandshakes: 20,
      handshakeTimeoutMs: 60_000,
    });
    const flood = await Promise.all(
      Array.from({ length: 100 }, () => RawSocket.open(target.port)),
    );
    const open = () => flood.filter(({ isClosed }) => !isClosed).length;
    await eventually('the oldest to go', () => open() <= 20 && true);
    expect(open()).toBe(20);
    expect(await target.serves()).toBe(true);
    expect(await target.serves('127.0.0.2')).toBe(true);
    for (const one of flood) one[Symbol.dispose]();
  });

  it('does not displace the few sockets of another address', async () => {
    await using target = await start({
      maxHandshakes: 20,
      handshakeTimeoutMs: 60_000,
    });
    // an honest worker on a slow line is half through its request
    using slow = await RawSocket.open(target.port, '127.0.0.2');
    const request = upgradeRequest(RIGHT);
    slow.send(request.slice(0, 60));
    const flood = await Promise.all(
      Array.from({ length: 100 }, () => RawSocket.open(target.port)),
    );
    await eventually(
      'the flood to be cut',
      () => flood.filter(({ isClosed }) => isClosed).length >= 80 && true,
    );
    slow.send(request.slice(60));
    expect(await slow.answered(/^HTTP\/1\.1 101 /)).toContain('101');
    for (const one of flood) one[Symbol.dispose]();
  });

  it('that resets its connections leaves nothing behind', async () => {
    await using target = await start({ maxConnections: 4 });
    for (let round = 0; round < 50; round++) {
      const attacker = await RawSocket.upgraded(target.port, RIGHT);
      attacker.reset();
    }
    await eventually(
      'all of them to be gone',
      () => target.connections.size === 0,
    );
    expect(await target.serves()).toBe(true);
  });
});
