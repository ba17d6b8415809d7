/**
 * The attacks of slowness once more, on a door with TLS: deadlines and speeds
 * count there as well.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFrame } from '@muster/protocol';
import { readTls } from '@muster/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { muster } from '../cluster/muster-process.js';
import { Workbench } from '../cluster/workbench.js';
import { eventually } from '../cluster/eventually.js';
import { rawFrame } from './raw-frame.js';
import { RawSocket, upgradeRequest } from './raw-socket.js';
import { RIGHT, Target } from './target.js';

const LIMITS = {
  handshakeTimeoutMs: 500,
  slowWindowMs: 400,
  minBytesPerSecond: 2000,
  closeTimeoutMs: 200,
};
const LATEST_MS = 5000;
const heartbeat = encodeFrame({ message: { type: 'heartbeat', sequence: 1 } });

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.create();
  const words = ['certs', '-H', 'host-a', '--out', 'certs'];
  const made = await muster(words, { cwd: bench.path });
  expect(made.code, made.stderr).toBe(0);
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose]());

const fileOf = (machine: string, name: string) =>
  join(bench.path, 'certs', machine, name);

async function start(limits = {}): Promise<Target> {
  const [cert, key, ca] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) =>
    fileOf('server', name),
  );
  const tls = readTls({ cert, key, ca });
  return await Target.start({ ...LIMITS, ...limits }, { tls });
}

/** The certificate of a worker, as an attacker holds it who has stolen it. */
async function stolen() {
  const [cert, key] = await Promise.all(
    ['tls.crt', 'tls.key'].map((name) => readFile(fileOf('host-a', name))),
  );
  return { cert, key, rejectUnauthorized: false };
}

describe('behind TLS, who has connected', () => {
  it.each<[string, readonly Uint8Array[]]>([
    ['and says nothing', []],
    ['and sends a part of a greeting', [Buffer.from('16030100c80100', 'hex')]],
    ['and sends it byte by byte', Array<Buffer>(500).fill(Buffer.from([0x16]))],
  ])('%s is gone at the deadline', async (_, bytes) => {
    await using target = await start();
    using attacker = await RawSocket.open(target.port);
    const { tookMs } = await attacker.drip(bytes, 20).hungUp();
    expect(tookMs).toBeLessThan(LATEST_MS);
  });

  it('and finished the handshake and says no more is gone at it too', async () => {
    await using target = await start();
    using attacker = await RawSocket.openTls(target.port, await stolen());
    expect((await attacker.hungUp()).tookMs).toBeLessThan(LATEST_MS);
  });

  it('and sends its request slowly is gone at it too', async () => {
    await using target = await start();
    using attacker = await RawSocket.openTls(target.port, await stolen());
    const { tookMs, status } = await attacker
      .drip(upgradeRequest(RIGHT), 20)
      .hungUp();
    expect(tookMs).toBeLessThan(LATEST_MS);
    expect(status).not.toBe(101);
  });

  it('has few places until it has shown the token', async () => {
    const limits = { maxHandshakes: 10, handshakeTimeoutMs: 60_000 };
    await using target = await start(limits);
    const flood = await Promise.all(
      Array.from({ length: 50 }, () => RawSocket.open(target.port)),
    );
    await eventually('the oldest to go', () => {
      return flood.filter(({ isClosed }) => !isClosed).length <= 10;
    });
    for (const one of flood) one[Symbol.dispose]();
  });
});

describe('behind TLS, who is inside', () => {
  it('and sends slowly is cut', async () => {
    await using target = await start();
    using attacker = await RawSocket.openTls(target.port, await stolen());
    await attacker.upgrade(RIGHT);
    attacker.send(rawFrame({ claims: 60_000n }));
    attacker.drip(Array<Uint8Array>(6000).fill(new Uint8Array(10)), 20);
    await attacker.hungUp();
    expect((await target.end()).message).toContain('sends too slowly');
  });

  it('and reads nothing is cut', async () => {
    await using target = await start({ maxBufferedBytes: 1e8 });
    using attacker = await RawSocket.openTls(target.port, await stolen());
    await attacker.upgrade(RIGHT);
    attacker.stopReading().send(rawFrame({ payload: heartbeat }));
    await eventually('it to be heard', () => target.numPackets > 0);
    const [connection] = target.connections;
    for (let i = 0; i < 400; i++) {
      connection?.sendEncoded(new Uint8Array(60_000));
    }
    expect((await target.end()).message).toContain('reads too slowly');
  });

  it('and works is left alone', async () => {
    await using target = await start();
    using worker = await RawSocket.openTls(target.port, await stolen());
    await worker.upgrade(RIGHT);
    worker.drip(Array<Buffer>(12).fill(rawFrame({ payload: heartbeat })), 150);
    await eventually('all of them', () => target.numPackets === 12);
    expect(worker.isClosed).toBe(false);
  });
});
