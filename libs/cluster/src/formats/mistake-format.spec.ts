import type { TestMistake } from '@muster/data';
import { float32Payload } from '@muster/protocol';
import type { MessageOf } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import {
  decodeMistakes,
  encodeMistakes,
  maxMistakeBytes,
  mistakesProblem,
} from './mistake-format.js';

/** Three classes, images of two pixels: 3 * 4 + 2 bytes a mistake. */
const SIZES = { rows: 1, columns: 2, channels: 1, numClasses: 3 };

const MISTAKES: readonly TestMistake[] = [
  {
    ...{ index: 501, label: 2, answer: 0 },
    probabilities: [0.75, 0.25, 0],
    image: Uint8Array.of(1, 2),
  },
  {
    ...{ index: 500, label: 0, answer: 1 },
    probabilities: [0.25, 0.5, 0.25],
    image: Uint8Array.of(3, 255),
  },
];

/** What a worker says of test examples 500 to 509. */
function packetOf(mistakes: readonly TestMistake[]) {
  const { payload, mistakes: named } = encodeMistakes(mistakes);
  const message: MessageOf<'evaluated'> = {
    ...{ type: 'evaluated', pushId: 1, taskId: 1, version: 1 },
    ...{ begin: 500, end: 510, count: 10, correct: 8, lossSum: 1 },
    mistakes: named,
  };
  return { message, payload };
}

/** The two mistakes, of which the second is another one. */
function changed(more: Partial<TestMistake>) {
  const [first, second] = MISTAKES as [TestMistake, TestMistake];
  return packetOf([first, { ...second, ...more }]);
}

describe('mistakes on the wire', () => {
  it('come out as they went in, in memory of their own', () => {
    const packet = packetOf(MISTAKES);
    expect(mistakesProblem(packet, SIZES)).toBeUndefined();
    const got = decodeMistakes(packet, SIZES);
    packet.payload?.fill(0);
    expect(got).toEqual(MISTAKES);
  });

  it('are numbers first, pixels behind, in a buffer at any place', () => {
    const { payload, message } = packetOf(MISTAKES);
    const numbers = float32Payload(
      Float32Array.of(0.75, 0.25, 0, 0.25, 0.5, 0.25),
    );
    expect([...(payload ?? [])]).toEqual([...numbers, 1, 2, 3, 255]);
    const moved = Buffer.concat([Buffer.alloc(1), payload ?? Buffer.alloc(0)]);
    const packet = { message, payload: moved.subarray(1) };
    expect(decodeMistakes(packet, SIZES)).toEqual(MISTAKES);
  });

  it('may be none, without a payload', () => {
    const packet = packetOf([]);
    expect(packet.payload).toBeUndefined();
    expect(mistakesProblem(packet, SIZES)).toBeUndefined();
    expect(decodeMistakes(packet, SIZES)).toEqual([]);
  });

  it('take at most twelve times the bytes of one', () => {
    expect(maxMistakeBytes(SIZES)).toBe(12 * 14);
    // the notebook's: ten probabilities and 28 x 28 pixels
    const mnist = { rows: 28, columns: 28, channels: 1, numClasses: 10 };
    expect(maxMistakeBytes(mnist)).toBe(12 * (40 + 784));
  });
});

describe('mistakes that cannot be', () => {
  it.each<[string, Partial<TestMistake>, string]>([
    ['before the range', { index: 499 }, 'example 499 is not in there'],
    ['behind the range', { index: 510 }, 'example 510 is not in there'],
    ['named twice', { index: 501 }, 'example 501 is named twice'],
    ['of no class', { label: 3 }, 'class 3 of example 500 is none of 3'],
    ['taken for no class', { answer: 9 }, 'class 9 of example 500 is none'],
    ['none', { answer: 0 }, 'example 500 is a 0, and was taken for one'],
    ['not a number', { probabilities: [NaN, 0, 0] }, 'got NaN'],
    ['infinite', { probabilities: [0, Infinity, 0] }, 'got Infinity'],
    ['negative', { probabilities: [0, 0, -0.5] }, 'got -0.5'],
    ['more than sure', { probabilities: [1.5, 0, 0] }, 'from 0 to 1, got 1.5'],
  ])('are refused: %s', (_, more, problem) => {
    const refusal = mistakesProblem(changed(more), SIZES);
    expect(refusal?.code).toBe('ERR_MALFORMED_MESSAGE');
    expect(refusal?.message).toContain(
      'the evaluation of test examples 500 to 509 was refused for its mistakes: ',
    );
    expect(refusal?.message).toContain(problem);
  });

  it.each<[string, Partial<TestMistake>]>([
    ['a class too many', { probabilities: [0, 0, 0, 0] }],
    ['a class too few', { probabilities: [0, 0] }],
    ['a larger image', { image: new Uint8Array(3) }],
    ['no image', { image: new Uint8Array(0) }],
  ])('are refused for their size: %s', (_, more) => {
    const refusal = mistakesProblem(changed(more), SIZES);
    expect(refusal?.code).toBe('ERR_SHAPE_MISMATCH');
    expect(refusal?.message).toContain('expected 28 bytes of 2, got ');
  });

  it('are refused where the payload is of none, or missing', () => {
    const { message, payload } = packetOf(MISTAKES);
    expect(mistakesProblem({ message }, SIZES)?.code).toBe(
      'ERR_SHAPE_MISMATCH',
    );
    const none = { ...message, mistakes: [] };
    expect(mistakesProblem({ message: none, payload }, SIZES)?.code).toBe(
      'ERR_SHAPE_MISMATCH',
    );
  });
});
