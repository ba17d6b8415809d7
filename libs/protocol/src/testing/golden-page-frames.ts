/**
 * The wire of the live page's questions, byte by byte; see
 * `golden-frames.spec.ts`.
 */
import type { GoldenFrame } from './golden-server-frames.js';

/** One frame of each message about the live page. */
export const GOLDEN_PAGE_FRAMES: readonly GoldenFrame[] = [
  {
    name: 'classify',
    message: { type: 'classify', requestId: 5, dtype: 'uint8' },
    payload: '00ff80',
    hex: `
      92 84
      a474797065 a8636c617373696679
      a9726571756573744964 05
      a56474797065 a575696e7438
      a3706164 a720202020202020
      c6 00000003 00ff80`,
  },
  {
    name: 'classified',
    message: {
      type: 'classified',
      requestId: 5,
      version: 300,
      probabilities: [0.25, 0.75],
    },
    hex: `
      91 84
      a474797065 aa636c6173736966696564
      a9726571756573744964 05
      a776657273696f6e cd012c
      ad70726f626162696c6974696573 92 cb3fd0000000000000 cb3fe8000000000000`,
  },
];
