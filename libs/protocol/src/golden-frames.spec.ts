/**
 * The wire, byte by byte: one frame of each message, written from the
 * msgpack specification and not by our encoder (one line a key); it must come
 * out of the encoder and go into the decoder. A change here is a change of
 * `PROTOCOL_VERSION`. The frames of tasks, those between servers, and those of
 * the live page's questions have files of their own.
 */
import { describe, expect, it } from 'vitest';
import { decodeFrame } from './decode-frame.js';
import { encodeFrame } from './encode-frame.js';
import { DEFAULT_FRAME_LIMITS } from './frame-limits.js';
import { GOLDEN_PAGE_FRAMES } from './testing/golden-page-frames.js';
import {
  GOLDEN_SERVER_FRAMES,
  HASH,
  HASH_HEX,
  type GoldenFrame,
} from './testing/golden-server-frames.js';
import { GOLDEN_TASK_FRAMES } from './testing/golden-task-frames.js';
import { messageSchema } from './messages.js';

const GOLDEN_SESSION_FRAMES: readonly GoldenFrame[] = [
  {
    name: 'a join',
    message: {
      type: 'join',
      protocol: 4,
      workerId: 'w-1',
      incarnation: 2,
      numerics: HASH,
      backend: 'wasm',
      model: HASH,
      metricsUrl: 'http://10.0.0.2:9464',
    },
    hex: `
      91 88
      a474797065 a46a6f696e
      a870726f746f636f6c 04
      a8776f726b65724964 a3772d31
      ab696e6361726e6174696f6e 02
      a86e756d6572696373 ${HASH_HEX}
      a76261636b656e64 a47761736d
      a56d6f64656c ${HASH_HEX}
      aa6d65747269637355726c b4687474703a2f2f31302e302e302e323a39343634`,
  },
  {
    name: 'a join without the optional keys',
    message: {
      type: 'join',
      protocol: 4,
      workerId: 'w-1',
      numerics: HASH,
      backend: 'tensorflow',
    },
    hex: `
      91 85
      a474797065 a46a6f696e
      a870726f746f636f6c 04
      a8776f726b65724964 a3772d31
      a86e756d6572696373 ${HASH_HEX}
      a76261636b656e64 aa74656e736f72666c6f77`,
  },
  {
    name: 'joined with two shards',
    message: {
      type: 'joined',
      incarnation: 1,
      runId: 'run.1',
      heartbeatMs: 2500,
      shards: [
        { begin: 0, end: 70000, urls: [] },
        { begin: 70000, end: 607394, urls: ['ws://b:1', 'ws://c:1'] },
      ],
      dtype: 'json',
    },
    payload: '7b7d',
    hex: `
      92 87
      a474797065 a66a6f696e6564
      ab696e6361726e6174696f6e 01
      a572756e4964 a572756e2e31
      ab6865617274626561744d73 cd09c4
      a6736861726473 92 83 a5626567696e 00 a3656e64 ce00011170 a475726c73 90 83 a5626567696e ce00011170 a3656e64 ce000944a2 a475726c73 92 a877733a2f2f623a31 a877733a2f2f633a31
      a56474797065 a46a736f6e
      a3706164 a120
      c6 00000002 7b7d`,
  },
  {
    name: 'shards',
    message: {
      type: 'shards',
      shards: [
        { begin: 0, end: 70000, urls: [] },
        { begin: 70000, end: 607394, urls: ['ws://b:1', 'ws://c:1'] },
      ],
    },
    hex: `
      91 82
      a474797065 a6736861726473
      a6736861726473 92 83 a5626567696e 00 a3656e64 ce00011170 a475726c73 90 83 a5626567696e ce00011170 a3656e64 ce000944a2 a475726c73 92 a877733a2f2f623a31 a877733a2f2f633a31`,
  },
  {
    name: 'refused',
    message: { type: 'refused', code: 'ERR_NOT_JOINED', message: 'no' },
    hex: `
      91 83
      a474797065 a772656675736564
      a4636f6465 ae4552525f4e4f545f4a4f494e4544
      a76d657373616765 a26e6f`,
  },
  {
    name: 'subscribe',
    message: { type: 'subscribe', workerId: 'w-1', incarnation: 200 },
    hex: `
      91 83
      a474797065 a9737562736372696265
      a8776f726b65724964 a3772d31
      ab696e6361726e6174696f6e ccc8`,
  },
  {
    name: 'a pull',
    message: { type: 'pull', version: 301, atLeast: 298 },
    hex: `
      91 83
      a474797065 a470756c6c
      a776657273696f6e cd012d
      a761744c65617374 cd012a`,
  },
  {
    name: 'a pull without the optional keys',
    message: { type: 'pull' },
    hex: `
      91 81
      a474797065 a470756c6c`,
  },
  {
    name: 'parameters',
    message: {
      type: 'parameters',
      term: 5,
      version: 3,
      begin: 10,
      end: 12,
      dtype: 'float32',
    },
    payload: '0000803f000000c0',
    hex: `
      92 87
      a474797065 aa706172616d6574657273
      a47465726d 05
      a776657273696f6e 03
      a5626567696e 0a
      a3656e64 0c
      a56474797065 a7666c6f61743332
      a3706164 a3202020
      c6 00000008 0000803f000000c0`,
  },
  {
    name: 'heartbeat',
    message: { type: 'heartbeat', sequence: 65536 },
    hex: `
      91 82
      a474797065 a9686561727462656174
      a873657175656e6365 ce00010000`,
  },
  {
    name: 'leave',
    message: { type: 'leave', reason: 'drained' },
    hex: `
      91 82
      a474797065 a56c65617665
      a6726561736f6e a7647261696e6564`,
  },
  {
    name: 'drain',
    message: { type: 'drain', reason: 'finished' },
    hex: `
      91 82
      a474797065 a5647261696e
      a6726561736f6e a866696e6973686564`,
  },
];

const GOLDEN_FRAMES = [
  ...GOLDEN_SESSION_FRAMES,
  ...GOLDEN_TASK_FRAMES,
  ...GOLDEN_PAGE_FRAMES,
  ...GOLDEN_SERVER_FRAMES,
];

const frameOf = (golden: GoldenFrame) =>
  Buffer.from(golden.hex.replaceAll(/\s/g, ''), 'hex');

describe('golden frames', () => {
  it.each(GOLDEN_FRAMES)('encodes $name', (golden) => {
    const { message } = golden;
    const frame = encodeFrame(
      golden.payload === undefined
        ? { message }
        : { message, payload: Buffer.from(golden.payload, 'hex') },
    );
    expect(Buffer.from(frame).toString('hex')).toBe(
      frameOf(golden).toString('hex'),
    );
  });

  it.each(GOLDEN_FRAMES)('decodes $name', (golden) => {
    const packet = decodeFrame(frameOf(golden), DEFAULT_FRAME_LIMITS);
    expect(packet.message).toStrictEqual(golden.message);
    const payload = packet.payload && Buffer.from(packet.payload);
    expect(payload?.toString('hex')).toBe(golden.payload);
  });

  it('has a frame of every message', () => {
    const seen = new Set(GOLDEN_FRAMES.map(({ message }) => message.type));
    const types = messageSchema.options.map(({ shape }) => shape.type.value);
    expect([...seen].sort()).toEqual([...types].sort());
  });
});
