import { describe, expect, it } from 'vitest';
import { decodeFrame } from './decode-frame.js';
import { encodeFrame } from './encode-frame.js';
import { DEFAULT_FRAME_LIMITS } from './frame-limits.js';
import type { MessageOf } from './messages.js';
import { evaluatedSchema, MAX_MISTAKES } from './task-messages.js';

type Mistake = MessageOf<'evaluated'>['mistakes'][number];

const mistake: Mistake = { index: 9, label: 255, answer: 0 };
const evaluated = (mistakes: readonly object[]) => ({
  ...{ type: 'evaluated', pushId: 1, taskId: 1, version: 1 },
  ...{ begin: 0, end: 500, count: 500, correct: 450, lossSum: 1, mistakes },
});

describe('the mistakes of an evaluation', () => {
  it('come through the limits of a frame, as many as there may be', () => {
    const mistakes = Array<Mistake>(MAX_MISTAKES).fill(mistake);
    const message = evaluatedSchema.parse(evaluated(mistakes));
    const payload = new Uint8Array(MAX_MISTAKES * (256 * 4 + 784)).fill(7);
    const frame = encodeFrame({ message, payload });
    const { message: got } = decodeFrame(frame, DEFAULT_FRAME_LIMITS);
    expect(got).toStrictEqual(message);
  });

  it.each<[string, readonly object[]]>([
    ['more than there may be', Array(MAX_MISTAKES + 1).fill(mistake)],
    ['a class that is no byte', [{ ...mistake, label: 256 }]],
    ['a class below 0', [{ ...mistake, answer: -1 }]],
    ['a place that is no number', [{ ...mistake, index: '9' }]],
    ['a place between two', [{ ...mistake, index: 0.5 }]],
    ['what nobody knows of', [{ ...mistake, sure: 1 }]],
    ['no label', [{ index: 9, answer: 0 }]],
  ])('are refused with %s', (_, mistakes) => {
    expect(evaluatedSchema.safeParse(evaluated([mistake])).success).toBe(true);
    expect(evaluatedSchema.safeParse(evaluated(mistakes)).success).toBe(false);
  });
});
