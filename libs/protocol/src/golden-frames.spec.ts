/**
 * The wire, byte by byte: one frame of each message, written from the
 * msgpack specification and not by our encoder (one line a key); it must come
 * out of the encoder and go into the decoder. A change here is a change of
 * `PROTOCOL_VERSION`. The frames between servers, and those of the live page's
 * questions, have files of their own.
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
import { messageSchema } from './messages.js';

const GOLDEN_WORKER_FRAMES: readonly GoldenFrame[] = [
  {
    name: 'a join',
    message: {
      type: 'join',
      protocol: 3,
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
      a870726f746f636f6c 03
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
      protocol: 3,
      workerId: 'w-1',
      numerics: HASH,
      backend: 'tensorflow',
    },
    hex: `
      91 85
      a474797065 a46a6f696e
      a870726f746f636f6c 03
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
    name: 'assign of a gradient task',
    message: {
      type: 'assign',
      task: {
        kind: 'gradient',
        taskId: 7,
        step: 300,
        firstLeaf: 4,
        numLeaves: 2,
        base: 299,
      },
      leaseMs: 5000,
    },
    hex: `
      91 83
      a474797065 a661737369676e
      a47461736b 86 a46b696e64 a86772616469656e74 a67461736b4964 07 a473746570 cd012c a966697273744c656166 04 a96e756d4c6561766573 02 a462617365 cd012b
      a76c656173654d73 cd1388`,
  },
  {
    name: 'assign of an evaluation task',
    message: {
      type: 'assign',
      task: {
        kind: 'evaluate',
        taskId: 2 ** 33,
        version: 469,
        begin: 0,
        end: 10000,
      },
      leaseMs: 0.5,
    },
    hex: `
      91 83
      a474797065 a661737369676e
      a47461736b 85 a46b696e64 a86576616c75617465 a67461736b4964 cb4200000000000000 a776657273696f6e cd01d5 a5626567696e 00 a3656e64 cd2710
      a76c656173654d73 cb3fe0000000000000`,
  },
  {
    name: 'push',
    message: {
      type: 'push',
      pushId: 1,
      taskId: 7,
      step: 300,
      firstLeaf: 4,
      numLeaves: 2,
      count: 64,
      term: 10 ** 12,
      bases: [300, 299],
      lossSum: 1.5,
      correct: 60,
      phases: { wait: 0, data: 0.25, compute: 12, encode: 1, push: 2, pull: 3 },
      begin: 0,
      end: 1,
      dtype: 'float32',
    },
    payload: '0000003f',
    hex: `
      92 de0010
      a474797065 a470757368
      a6707573684964 01
      a67461736b4964 07
      a473746570 cd012c
      a966697273744c656166 04
      a96e756d4c6561766573 02
      a5636f756e74 40
      a47465726d cb426d1a94a2000000
      a56261736573 92 cd012c cd012b
      a76c6f737353756d cb3ff8000000000000
      a7636f7272656374 3c
      a6706861736573 86 a477616974 00 a464617461 cb3fd0000000000000 a7636f6d70757465 0c a6656e636f6465 01 a470757368 02 a470756c6c 03
      a5626567696e 00
      a3656e64 01
      a56474797065 a7666c6f61743332
      a3706164 a3202020
      c6 00000004 0000003f`,
  },
  {
    // 0.5 and -2 are the same numbers in 16 bits: 3f00 and c000
    name: 'a push in bf16',
    message: {
      type: 'push',
      pushId: 1,
      taskId: 7,
      step: 300,
      firstLeaf: 4,
      numLeaves: 2,
      count: 64,
      term: 10 ** 12,
      bases: [300, 299],
      lossSum: 1.5,
      correct: 60,
      phases: { wait: 0, data: 0.25, compute: 12, encode: 1, push: 2, pull: 3 },
      begin: 0,
      end: 2,
      dtype: 'bf16',
    },
    payload: '003f00c0',
    hex: `
      92 de0010
      a474797065 a470757368
      a6707573684964 01
      a67461736b4964 07
      a473746570 cd012c
      a966697273744c656166 04
      a96e756d4c6561766573 02
      a5636f756e74 40
      a47465726d cb426d1a94a2000000
      a56261736573 92 cd012c cd012b
      a76c6f737353756d cb3ff8000000000000
      a7636f7272656374 3c
      a6706861736573 86 a477616974 00 a464617461 cb3fd0000000000000 a7636f6d70757465 0c a6656e636f6465 01 a470757368 02 a470756c6c 03
      a5626567696e 00
      a3656e64 02
      a56474797065 a462663136
      a3706164 a6202020202020
      c6 00000004 003f00c0`,
  },
  {
    name: 'evaluated',
    message: {
      type: 'evaluated',
      pushId: 2,
      taskId: 8,
      version: 469,
      begin: 0,
      end: 10000,
      count: 10000,
      correct: 9861,
      lossSum: Infinity,
    },
    hex: `
      91 89
      a474797065 a96576616c7561746564
      a6707573684964 02
      a67461736b4964 08
      a776657273696f6e cd01d5
      a5626567696e 00
      a3656e64 cd2710
      a5636f756e74 cd2710
      a7636f7272656374 cd2685
      a76c6f737353756d cb7ff0000000000000`,
  },
  {
    name: 'task-failed',
    message: {
      type: 'task-failed',
      taskId: 9,
      code: 'ERR_NON_FINITE_GRADIENT',
      message: 'nan',
    },
    hex: `
      91 84
      a474797065 ab7461736b2d6661696c6564
      a67461736b4964 09
      a4636f6465 b74552525f4e4f4e5f46494e4954455f4752414449454e54
      a76d657373616765 a36e616e`,
  },
  {
    name: 'task-returned',
    message: { type: 'task-returned', taskId: 9 },
    hex: `
      91 82
      a474797065 ad7461736b2d72657475726e6564
      a67461736b4964 09`,
  },
  {
    name: 'push-result',
    message: {
      type: 'push-result',
      pushId: 1,
      outcome: 'refused',
      code: 'ERR_SHAPE_MISMATCH',
      message: 'short',
      version: 301,
    },
    hex: `
      91 86
      a474797065 ab707573682d726573756c74
      a6707573684964 01
      a76f7574636f6d65 a772656675736564
      a4636f6465 b24552525f53484150455f4d49534d41544348
      a76d657373616765 a573686f7274
      a776657273696f6e cd012d`,
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
  ...GOLDEN_WORKER_FRAMES,
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
