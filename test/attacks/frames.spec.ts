/**
 * Attacks by who has the token: frames that are none, or too much. Each ends
 * that connection, with a code, and nothing else.
 */
import { encodeFrame } from '@muster/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { rawFrame } from './raw-frame.js';
import { RawSocket } from './raw-socket.js';
import type { Outcome } from './raw-socket.js';
import { RIGHT, Target } from './target.js';

/** WebSocket's own codes, and ours (docs/errors.md). */
const PROTOCOL_ERROR = 1002;
const BAD_TEXT = 1007;
const POLICY = 1008;
const TOO_BIG = 1009;
const LOST = 4015;
const MALFORMED = 4008;
const TOO_LARGE = 4009;

let target: Target;
beforeAll(async () => {
  target = await Target.start({
    maxFramesPerSecond: 500,
    maxBufferedChunks: 64,
    closeTimeoutMs: 500,
  });
});
afterAll(() => target[Symbol.asyncDispose]());

/** Passes the door, sends, and waits for the end. */
async function attack(...frames: readonly Uint8Array[]): Promise<Outcome> {
  using attacker = await RawSocket.upgraded(target.port, RIGHT);
  attacker.send(Buffer.concat(frames));
  const outcome = await attacker.hungUp();
  expect(await target.serves()).toBe(true);
  return outcome;
}

/** Waits for a connection that has ended with this message. */
async function endedWith(message: RegExp): Promise<void> {
  await eventually(`the end with ${message.source}`, () =>
    target.ends.some((error) => message.test(error?.message ?? '')),
  );
}

const heartbeat = encodeFrame({ message: { type: 'heartbeat', sequence: 1 } });
const bytes = (...of: readonly number[]) => Uint8Array.from(of);

/** Lists, each the only item of the one around it. */
function nested(depth: number): Uint8Array {
  return bytes(...Array<number>(depth).fill(0x91), 0xc0);
}

/** An evaluation whose two mistakes of 9 bytes have 17 together. */
function cutMistakes(): Uint8Array {
  const mistake = { index: 0, label: 0, answer: 1 };
  const counts = { count: 2, correct: 0, lossSum: 1 };
  const frame = encodeFrame({
    message: {
      ...{ type: 'evaluated', pushId: 1, taskId: 1, version: 1 },
      ...{ begin: 0, end: 2, ...counts },
      mistakes: [mistake, { ...mistake, index: 1 }],
    },
    payload: new Uint8Array(18),
  });
  const cut = Buffer.from(frame.subarray(0, -1));
  // the length of the `bin` stands before its bytes
  cut.writeUInt32BE(17, cut.length - 17 - 4);
  return cut;
}

describe('a frame of WebSocket', () => {
  it.each<[string, number, readonly Uint8Array[]]>([
    [
      'that is not masked',
      PROTOCOL_ERROR,
      [rawFrame({ masked: false, payload: heartbeat })],
    ],
    [
      'with a reserved bit',
      PROTOCOL_ERROR,
      [rawFrame({ reserved: 1, payload: heartbeat })],
    ],
    [
      'that claims to be compressed',
      PROTOCOL_ERROR,
      [rawFrame({ reserved: 4, payload: heartbeat })],
    ],
    ['of an unknown kind', PROTOCOL_ERROR, [rawFrame({ opcode: 3 })]],
    ['that goes on with nothing', PROTOCOL_ERROR, [rawFrame({ opcode: 0 })]],
    [
      'that begins within a message',
      PROTOCOL_ERROR,
      [rawFrame({ fin: false }), rawFrame()],
    ],
    [
      'of control with 126 bytes',
      PROTOCOL_ERROR,
      [rawFrame({ opcode: 9, payload: new Uint8Array(126) })],
    ],
    [
      'of control in pieces',
      PROTOCOL_ERROR,
      [rawFrame({ opcode: 9, fin: false })],
    ],
    [
      'that closes with one byte',
      PROTOCOL_ERROR,
      [rawFrame({ opcode: 8, payload: bytes(3) })],
    ],
    [
      'that closes with a code nobody may send',
      PROTOCOL_ERROR,
      [rawFrame({ opcode: 8, payload: bytes(0x03, 0xee) })],
    ],
    [
      'that closes with broken text',
      BAD_TEXT,
      [rawFrame({ opcode: 8, payload: bytes(0x03, 0xe8, 0xff) })],
    ],
    [
      'of text',
      MALFORMED,
      [rawFrame({ opcode: 1, payload: Buffer.from('hello') })],
    ],
    ['that claims 4 GiB', TOO_BIG, [rawFrame({ claims: 2n ** 32n })]],
    ['that claims 2^62 bytes', TOO_BIG, [rawFrame({ claims: 2n ** 62n })]],
    [
      'a byte longer than any of the run',
      TOO_BIG,
      [rawFrame({ claims: 65_536n + 32_768n + 11n })],
    ],
    [
      'in 9 pieces',
      POLICY,
      [
        rawFrame({ fin: false }),
        ...Array<Buffer>(8).fill(rawFrame({ opcode: 0, fin: false })),
      ],
    ],
    [
      'in pieces that are too long together',
      TOO_BIG,
      [
        rawFrame({ fin: false, payload: new Uint8Array(60_000) }),
        rawFrame({ opcode: 0, payload: new Uint8Array(60_000) }),
      ],
    ],
  ])('%s ends the connection with %i', async (_, code, frames) => {
    expect((await attack(...frames)).closeCode).toBe(code);
  });
});

describe('a message', () => {
  it.each<[string, number, Uint8Array]>([
    ['of no bytes', MALFORMED, bytes()],
    ['of one value', MALFORMED, bytes(0xc0)],
    ['in 60,000 lists', MALFORMED, nested(60_000)],
    ['that claims 4 G items', MALFORMED, bytes(0xdd, 0xff, 0xff, 0xff, 0xff)],
    [
      'that claims 4 G keys',
      MALFORMED,
      bytes(0x91, 0xdf, 0xff, 0xff, 0xff, 0xff),
    ],
    [
      'that claims 4 GiB of text',
      MALFORMED,
      bytes(0x91, 0x81, 0xdb, 0xff, 0xff, 0xff, 0xff),
    ],
    [
      'of a type of its own',
      MALFORMED,
      bytes(0x91, 0x81, 0xa1, 0x61, 0xd4, 0x72, 0x40),
    ],
    [
      'that nobody knows',
      MALFORMED,
      bytes(
        0x91,
        0x81,
        0xa4,
        ...Buffer.from('type'),
        0xa3,
        ...Buffer.from('own'),
      ),
    ],
    ['with more after it', MALFORMED, Buffer.concat([heartbeat, bytes(0xc0)])],
    ['cut off', MALFORMED, heartbeat.subarray(0, -1)],
    ['of mistakes whose pictures are cut', MALFORMED, cutMistakes()],
    [
      'with a header of 40,000 bytes',
      TOO_LARGE,
      Buffer.concat([
        bytes(0x91, 0x81, 0xa1, 0x61, 0xda, 0x9c, 0x40),
        Buffer.alloc(40_000, 0x61),
      ]),
    ],
  ])('%s ends the connection with %i', async (_, code, payload) => {
    const before = target.numPackets;
    expect((await attack(rawFrame({ payload }))).closeCode).toBe(code);
    // the one packet is that of the honest worker afterwards
    expect(target.numPackets).toBe(before + 1);
  });

  it('does not change what objects are', async () => {
    const key = [0xa9, ...Buffer.from('__proto__')];
    const payload = bytes(0x91, 0x81, ...key, 0x81, 0xa1, 0x78, 0x01);
    expect((await attack(rawFrame({ payload }))).closeCode).toBe(MALFORMED);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('a flood', () => {
  it.each([
    ['messages', rawFrame({ payload: heartbeat })],
    ['pongs', rawFrame({ opcode: 10 })],
  ])('of %s is cut', async (_, frame) => {
    target.ends.length = 0;
    const { closeCode } = await attack(...Array<Buffer>(600).fill(frame));
    expect(closeCode).toBe(LOST);
    await endedWith(
      /sends too many frames: expected at most 500 a second \(maxFramesPerSecond\)$/,
    );
  });

  it('of pings is cut: each would be answered', async () => {
    target.ends.length = 0;
    await attack(...Array<Buffer>(600).fill(rawFrame({ opcode: 9 })));
    await endedWith(/lost without a closing handshake|too many frames/);
  });

  it('of single bytes of one frame is cut', async () => {
    using attacker = await RawSocket.upgraded(target.port, RIGHT);
    attacker.send(rawFrame({ claims: 60_000n }));
    // each becomes a chunk of its own in memory
    attacker.drip(Array<Uint8Array>(2000).fill(bytes(0)), 1);
    expect((await attacker.hungUp()).closeCode).toBe(POLICY);
    expect(await target.serves()).toBe(true);
  });
});
