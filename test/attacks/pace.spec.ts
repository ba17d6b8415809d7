/**
 * Attacks by who has the token and takes its time: it holds memory and a
 * place, and does nothing for it.
 */
import { encodeFrame } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { rawFrame } from './raw-frame.js';
import { RawSocket } from './raw-socket.js';
import { RIGHT, Target } from './target.js';

const WINDOW_MS = 400;
const LIMITS = {
  slowWindowMs: WINDOW_MS,
  minBytesPerSecond: 2000,
  closeTimeoutMs: 200,
};
const heartbeat = encodeFrame({ message: { type: 'heartbeat', sequence: 1 } });
const bytes = (number: number) => new Uint8Array(number);

describe('who sends slowly', () => {
  it('what it has begun is cut', async () => {
    await using target = await Target.start(LIMITS);
    using attacker = await RawSocket.upgraded(target.port, RIGHT);
    attacker.send(rawFrame({ claims: 60_000n }));
    // 10 bytes each 20 ms: 500 bytes a second
    attacker.drip(Array<Uint8Array>(6000).fill(bytes(10)), 20);
    const { tookMs } = await attacker.hungUp();
    expect(tookMs).toBeGreaterThan(WINDOW_MS);
    expect((await target.end()).code).toBe('ERR_CONNECTION_LOST');
    expect((await target.end()).message).toMatch(
      /sends too slowly: \d+ bytes a second over 400 ms, expected at least 2000 \(--min-bytes-per-second\)$/,
    );
    expect(await target.serves()).toBe(true);
  });

  it('and nothing more of it is cut', async () => {
    await using target = await Target.start(LIMITS);
    using attacker = await RawSocket.upgraded(target.port, RIGHT);
    attacker.send(rawFrame({ claims: 60_000n }));
    await attacker.hungUp();
    expect((await target.end()).message).toContain('sends too slowly: 0 bytes');
  });

  it('and pings between its pieces is cut all the same', async () => {
    await using target = await Target.start({ ...LIMITS, maxFragments: 8 });
    using attacker = await RawSocket.upgraded(target.port, RIGHT);
    attacker.send(rawFrame({ fin: false, payload: bytes(10) }));
    const piece = rawFrame({ opcode: 0, fin: false, payload: bytes(10) });
    const pieces = Array<Buffer>(100).fill(
      Buffer.concat([piece, rawFrame({ opcode: 9 })]),
    );
    const { closeCode } = await attacker.drip(pieces, 20).hungUp();
    // pings do not count as progress for ever: there are 8 pieces at most
    expect(closeCode).toBe(1008);
  });

  it('but whole messages, now and then, is not', async () => {
    await using target = await Target.start(LIMITS);
    using worker = await RawSocket.upgraded(target.port, RIGHT);
    worker.drip(Array<Buffer>(12).fill(rawFrame({ payload: heartbeat })), 150);
    await eventually('all of them', () => target.numPackets === 12);
    expect(worker.isClosed).toBe(false);
  });
});

describe('who reads slowly', () => {
  /** More than the kernel's buffers of both ends hold. */
  const MANY = 400;
  const long = bytes(60_000);

  async function flood(target: Target, attacker: RawSocket): Promise<void> {
    attacker.send(rawFrame({ payload: heartbeat }));
    await eventually('it to be heard', () => target.numPackets > 0);
    const [connection] = target.connections;
    for (let i = 0; i < MANY; i++) connection?.sendEncoded(long);
  }

  const roomy = { ...LIMITS, maxBufferedBytes: 1e8 };

  it('nothing at all is cut', async () => {
    await using target = await Target.start(roomy);
    using attacker = await RawSocket.upgraded(target.port, RIGHT);
    await flood(target, attacker.stopReading());
    expect((await target.end()).message).toMatch(
      /reads too slowly: 0 bytes a second over 400 ms, expected at least 2000 \(--min-bytes-per-second\)$/,
    );
    expect(await target.serves()).toBe(true);
  });

  it('a byte now and then is cut', async () => {
    await using target = await Target.start(roomy);
    using attacker = await RawSocket.upgraded(target.port, RIGHT);
    await flood(target, attacker.readSlowly(1, 20));
    expect((await target.end()).message).toContain('reads too slowly');
  });

  it('has no more waiting for it than the limit', async () => {
    await using target = await Target.start({
      ...LIMITS,
      minBytesPerSecond: 0,
      maxBufferedBytes: 1_000_000,
    });
    using attacker = await RawSocket.upgraded(target.port, RIGHT);
    await flood(target, attacker.stopReading());
    expect((await target.end()).message).toMatch(
      /would exceed 1000000 \(maxBufferedBytes\)$/,
    );
  });
});

describe('who has passed the door', () => {
  it('and says nothing is gone', async () => {
    await using target = await Target.start({
      ...LIMITS,
      firstFrameTimeoutMs: 300,
    });
    using attacker = await RawSocket.upgraded(target.port, RIGHT);
    expect((await attacker.hungUp()).closeCode).toBe(4014);
    expect((await target.end()).message).toMatch(
      /has connected and said nothing: expected a frame within 300 ms \(firstFrameTimeoutMs\)$/,
    );
  });

  it('and only pings is gone as well', async () => {
    await using target = await Target.start({
      ...LIMITS,
      firstFrameTimeoutMs: 300,
    });
    using attacker = await RawSocket.upgraded(target.port, RIGHT);
    attacker.drip(Array<Buffer>(500).fill(rawFrame({ opcode: 9 })), 20);
    expect((await attacker.hungUp()).closeCode).toBe(4014);
  });

  it('and does not answer the close is gone soon after it', async () => {
    await using target = await Target.start(LIMITS);
    using attacker = await RawSocket.upgraded(target.port, RIGHT);
    attacker.send(rawFrame({ opcode: 1, payload: heartbeat }));
    const { tookMs } = await attacker.hungUp();
    expect(tookMs).toBeLessThan(5000);
    expect((await target.end()).code).toBe('ERR_MALFORMED_MESSAGE');
  });
});
