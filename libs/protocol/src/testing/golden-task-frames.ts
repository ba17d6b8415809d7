/**
 * The wire of tasks and of what came of them, byte by byte; see
 * `golden-frames.spec.ts`.
 */
import type { GoldenFrame } from './golden-server-frames.js';

/** Frames of each message about a task. */
export const GOLDEN_TASK_FRAMES: readonly GoldenFrame[] = [
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
      mistakes: [],
    },
    hex: `
      91 8a
      a474797065 a96576616c7561746564
      a6707573684964 02
      a67461736b4964 08
      a776657273696f6e cd01d5
      a5626567696e 00
      a3656e64 cd2710
      a5636f756e74 cd2710
      a7636f7272656374 cd2685
      a76c6f737353756d cb7ff0000000000000
      a86d697374616b6573 90`,
  },
  {
    // of two classes: 0.25 and 0.75 are 3e800000 and 3f400000; then one pixel
    name: 'evaluated with a mistake',
    message: {
      type: 'evaluated',
      pushId: 2,
      taskId: 8,
      version: 469,
      begin: 0,
      end: 2,
      count: 2,
      correct: 1,
      lossSum: 1.5,
      mistakes: [{ index: 1, label: 0, answer: 1 }],
    },
    payload: '0000803e0000403fff',
    hex: `
      92 8b
      a474797065 a96576616c7561746564
      a6707573684964 02
      a67461736b4964 08
      a776657273696f6e cd01d5
      a5626567696e 00
      a3656e64 02
      a5636f756e74 02
      a7636f7272656374 01
      a76c6f737353756d cb3ff8000000000000
      a86d697374616b6573 91 83 a5696e646578 01 a56c6162656c 00 a6616e73776572 01
      a3706164 a420202020
      c6 00000009 0000803e0000403fff`,
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
];
