/**
 * For the spec of golden frames: what servers say to one another, byte by
 * byte, written from the msgpack specification and not by our encoder (one
 * line a key). A count above 32 bits, as a term is, goes out as float 64.
 */
import type { Message } from '../messages.js';

/** A message, and the frame that it has to be. */
export interface GoldenFrame {
  readonly name: string;
  readonly message: Message;
  /** Payload bytes in hex: little-endian numbers, or JSON. */
  readonly payload?: string;
  readonly hex: string;
}

/** A fingerprint. */
export const HASH = '0123456789abcdef'.repeat(4);
/** The fingerprint's text: str 8 (d9) of 64 (40) characters. */
export const HASH_HEX = `d940${Buffer.from(HASH).toString('hex')}`;

/** One frame of each message between servers. */
export const GOLDEN_SERVER_FRAMES: readonly GoldenFrame[] = [
  {
    name: 'a shard-join',
    message: {
      type: 'shard-join',
      protocol: 4,
      run: HASH,
      shard: 1,
      numShards: 2,
      begin: 70000,
      end: 607394,
      url: 'ws://b:1',
      role: 'primary',
      term: 10 ** 12,
      version: 469,
      oldest: 468,
      checkpoints: [200, 400],
      metricsUrl: 'http://10.0.0.2:9464',
    },
    hex: `
      91 8e
      a474797065 aa73686172642d6a6f696e
      a870726f746f636f6c 04
      a372756e ${HASH_HEX}
      a57368617264 01
      a96e756d536861726473 02
      a5626567696e ce00011170
      a3656e64 ce000944a2
      a375726c a877733a2f2f623a31
      a4726f6c65 a77072696d617279
      a47465726d cb426d1a94a2000000
      a776657273696f6e cd01d5
      a66f6c64657374 cd01d4
      ab636865636b706f696e7473 92 ccc8 cd0190
      aa6d65747269637355726c b4687474703a2f2f31302e302e302e323a39343634`,
  },
  {
    name: 'a shard-join without the optional keys',
    message: {
      type: 'shard-join',
      protocol: 4,
      run: HASH,
      shard: 0,
      numShards: 1,
      begin: 0,
      end: 12,
      url: '',
      role: 'standby',
      term: 0,
      checkpoints: [],
    },
    hex: `
      91 8b
      a474797065 aa73686172642d6a6f696e
      a870726f746f636f6c 04
      a372756e ${HASH_HEX}
      a57368617264 00
      a96e756d536861726473 01
      a5626567696e 00
      a3656e64 0c
      a375726c a0
      a4726f6c65 a77374616e646279
      a47465726d 00
      ab636865636b706f696e7473 90`,
  },
  {
    name: 'restore',
    message: { type: 'restore', version: 400, term: 10 ** 12 },
    hex: `
      91 83
      a474797065 a7726573746f7265
      a776657273696f6e cd0190
      a47465726d cb426d1a94a2000000`,
  },
  {
    name: 'resume',
    message: { type: 'resume', term: 10 ** 12 },
    hex: `
      91 82
      a474797065 a6726573756d65
      a47465726d cb426d1a94a2000000`,
  },
  {
    name: 'restored',
    message: { type: 'restored', version: 400, term: 10 ** 12 },
    hex: `
      91 83
      a474797065 a8726573746f726564
      a776657273696f6e cd0190
      a47465726d cb426d1a94a2000000`,
  },
  {
    name: 'checkpoint',
    message: {
      type: 'checkpoint',
      version: 469,
      reason: 'epoch',
      keepFrom: 400,
    },
    hex: `
      91 84
      a474797065 aa636865636b706f696e74
      a776657273696f6e cd01d5
      a6726561736f6e a565706f6368
      a86b65657046726f6d cd0190`,
  },
  {
    name: 'checkpointed',
    message: { type: 'checkpointed', version: 469, progress: 'written' },
    hex: `
      91 83
      a474797065 ac636865636b706f696e746564
      a776657273696f6e cd01d5
      a870726f6772657373 a77772697474656e`,
  },
  {
    name: 'received',
    message: {
      type: 'received',
      workerId: 'w-1',
      taskId: 7,
      step: 300,
      firstLeaf: 4,
      numLeaves: 2,
      outcome: 'accepted',
      version: 301,
      staleness: 1,
      count: 64,
      lossSum: 1.5,
      correct: 60,
      phases: { wait: 0, data: 0.25, compute: 12, encode: 1, push: 2, pull: 3 },
      applied: {
        step: 300,
        count: 128,
        lossSum: Infinity,
        correct: 121,
        learningRate: 0.125,
        squaredNorm: 2.5,
      },
      message: 'ok',
    },
    hex: `
      91 8f
      a474797065 a87265636569766564
      a8776f726b65724964 a3772d31
      a67461736b4964 07
      a473746570 cd012c
      a966697273744c656166 04
      a96e756d4c6561766573 02
      a76f7574636f6d65 a86163636570746564
      a776657273696f6e cd012d
      a97374616c656e657373 01
      a5636f756e74 40
      a76c6f737353756d cb3ff8000000000000
      a7636f7272656374 3c
      a6706861736573 86 a477616974 00 a464617461 cb3fd0000000000000 a7636f6d70757465 0c a6656e636f6465 01 a470757368 02 a470756c6c 03
      a76170706c696564 86 a473746570 cd012c a5636f756e74 cc80 a76c6f737353756d cb7ff0000000000000 a7636f7272656374 79 ac6c6561726e696e6752617465 cb3fc0000000000000 ab737175617265644e6f726d cb4004000000000000
      a76d657373616765 a26f6b`,
  },
  {
    name: 'received without the optional keys',
    message: {
      type: 'received',
      workerId: 'w-1',
      taskId: 7,
      step: 300,
      firstLeaf: 4,
      numLeaves: 2,
      outcome: 'overlap',
      version: 300,
      count: 64,
      lossSum: 1.5,
      correct: 60,
      phases: { wait: 0, data: 0.25, compute: 12, encode: 1, push: 2, pull: 3 },
    },
    hex: `
      91 8c
      a474797065 a87265636569766564
      a8776f726b65724964 a3772d31
      a67461736b4964 07
      a473746570 cd012c
      a966697273744c656166 04
      a96e756d4c6561766573 02
      a76f7574636f6d65 a76f7665726c6170
      a776657273696f6e cd012c
      a5636f756e74 40
      a76c6f737353756d cb3ff8000000000000
      a7636f7272656374 3c
      a6706861736573 86 a477616974 00 a464617461 cb3fd0000000000000 a7636f6d70757465 0c a6656e636f6465 01 a470757368 02 a470756c6c 03`,
  },
  {
    name: 'promote',
    message: { type: 'promote', term: 10 ** 12 },
    hex: `
      91 82
      a474797065 a770726f6d6f7465
      a47465726d cb426d1a94a2000000`,
  },
  {
    name: 'follow',
    message: {
      type: 'follow',
      protocol: 4,
      run: HASH,
      shard: 1,
      numShards: 2,
      url: 'ws://c:1',
      term: 10 ** 12,
    },
    hex: `
      91 87
      a474797065 a6666f6c6c6f77
      a870726f746f636f6c 04
      a372756e ${HASH_HEX}
      a57368617264 01
      a96e756d536861726473 02
      a375726c a877733a2f2f633a31
      a47465726d cb426d1a94a2000000`,
  },
  {
    name: 'state of two slots',
    message: {
      type: 'state',
      term: 5,
      version: 3,
      slots: ['m', 'v'],
      begin: 10,
      end: 11,
      dtype: 'float32',
    },
    payload: '0000803f000000c00000003f',
    hex: `
      92 88
      a474797065 a57374617465
      a47465726d 05
      a776657273696f6e 03
      a5736c6f7473 92 a16d a176
      a5626567696e 0a
      a3656e64 0b
      a56474797065 a7666c6f61743332
      a3706164 a52020202020
      c6 0000000c 0000803f000000c00000003f`,
  },
  {
    name: 'replicate',
    message: {
      type: 'replicate',
      version: 4,
      count: 128,
      lossSum: 1.5,
      correct: 121,
      begin: 10,
      end: 12,
      dtype: 'float32',
    },
    payload: '0000803f000000c0',
    hex: `
      92 89
      a474797065 a97265706c6963617465
      a776657273696f6e 04
      a5636f756e74 cc80
      a76c6f737353756d cb3ff8000000000000
      a7636f7272656374 79
      a5626567696e 0a
      a3656e64 0c
      a56474797065 a7666c6f61743332
      a3706164 a0
      c6 00000008 0000803f000000c0`,
  },
  {
    name: 'a ledger',
    message: { type: 'ledger', version: 4, dtype: 'json' },
    payload: '7b7d',
    hex: `
      92 84
      a474797065 a66c6564676572
      a776657273696f6e 04
      a56474797065 a46a736f6e
      a3706164 a420202020
      c6 00000002 7b7d`,
  },
  {
    name: 'replicated',
    message: { type: 'replicated', version: 4 },
    hex: `
      91 82
      a474797065 aa7265706c696361746564
      a776657273696f6e 04`,
  },
];
