import { describe, expect, it } from 'vitest';
import type { MusterError } from './errors.js';
import type { Message, MessageOf } from './messages.js';
import {
  bfloat16Payload,
  checkPayload,
  float32Payload,
  payloadAsBfloat16,
  payloadAsFloat32,
  rawPayloadBytes,
} from './payload.js';

const replicate: MessageOf<'replicate'> = {
  type: 'replicate',
  version: 1,
  count: 1,
  lossSum: 0,
  correct: 0,
  begin: 0,
  end: 4,
  dtype: 'float32',
};
const ledger: MessageOf<'ledger'> = {
  type: 'ledger',
  version: 1,
  dtype: 'json',
};
/** A push of five keys. */
const pushIn = (dtype: MessageOf<'push'>['dtype']): MessageOf<'push'> => ({
  ...{ type: 'push', pushId: 1, taskId: 1, step: 0, firstLeaf: 0 },
  ...{ numLeaves: 1, count: 1, term: 1, bases: [0], lossSum: 0, correct: 0 },
  phases: { wait: 0, data: 0, compute: 0, encode: 0, push: 0, pull: 0 },
  ...{ begin: 3, end: 8, dtype },
});
/** A state of two keys: each of its vectors has 8 bytes. */
const stateWith = (...slots: string[]): MessageOf<'state'> => ({
  type: 'state',
  term: 1,
  version: 1,
  slots,
  begin: 3,
  end: 5,
  dtype: 'float32',
});

/** An evaluation with so many mistakes; its range is one of examples. */
const evaluatedWith = (numMistakes: number): MessageOf<'evaluated'> => ({
  ...{ type: 'evaluated', pushId: 1, taskId: 1, version: 1 },
  ...{ begin: 500, end: 1000, count: 500, correct: 1, lossSum: 0 },
  mistakes: Array.from({ length: numMistakes }, (_, i) => {
    return { index: 500 + i, label: 0, answer: 1 };
  }),
});

/** What checkPayload says about a payload of zeros; 'ok' if nothing. */
function said(message: Message, numBytes?: number): string {
  const payload = numBytes === undefined ? undefined : Buffer.alloc(numBytes);
  try {
    checkPayload(message, payload, 'ERR_MALFORMED_MESSAGE');
    return 'ok';
  } catch (error) {
    const { code, message: text } = error as MusterError;
    return `${code}: ${text}`;
  }
}

describe('rawPayloadBytes', () => {
  it.each([
    // five numbers of 4 bytes, however they were sent
    [pushIn('float32'), 20, 20],
    [pushIn('bf16'), 10, 20],
    [ledger, 7, 7],
    [{ type: 'classify', requestId: 1, dtype: 'uint8' } as const, 784, 784],
    [evaluatedWith(2), 1648, 1648],
  ])('of %j with %i bytes is %i', (message, size, raw) => {
    expect(rawPayloadBytes({ message, payload: Buffer.alloc(size) })).toBe(raw);
  });

  it('is 0 where there is no payload', () => {
    expect(rawPayloadBytes({ message: pushIn('bf16') })).toBe(0);
  });
});

describe('the payload', () => {
  // One vector is the parameters; each slot of the optimizer is one more.
  it.each([
    [[], 8],
    [['m'], 16],
    [['m', 'v'], 24],
    [['1', '2', '3', '4', '5', '6', '7', '8'], 72],
  ])('of a state with the slots %j has %i bytes of two keys', (slots, size) => {
    const state = stateWith(...slots);
    expect(said(state, size)).toBe('ok');
    for (const other of [0, size - 8, size - 1, size + 1, size + 8]) {
      expect(said(state, other)).toContain(`expected ${size} bytes`);
    }
  });

  it.each([
    ['float32', 20],
    ['bf16', 10],
  ] as const)('of a push in %s has %i bytes of five keys', (dtype, size) => {
    const push = pushIn(dtype);
    expect(said(push, size)).toBe('ok');
    for (const other of [0, size - 2, size - 1, size + 1, 30 - size]) {
      expect(said(push, other)).toContain(
        `expected ${size} bytes for keys [3, 8), got ${other}`,
      );
    }
  });

  // how long one is only the run knows: ten numbers and 784 pixels, say
  it.each([
    [1, 824],
    [12, 12 * 824],
    [3, 3],
  ])('of %i mistakes may have %i bytes', (numMistakes, size) => {
    expect(said(evaluatedWith(numMistakes), size)).toBe('ok');
  });

  it.each([
    [0, undefined, 'ok'],
    [0, 8, 'expected no payload, got 8 bytes'],
    [2, undefined, 'expected a payload of 2 mistakes of one size, got 0 bytes'],
    [2, 0, 'expected a payload of 2 mistakes of one size, got 0 bytes'],
    [2, 17, 'expected a payload of 2 mistakes of one size, got 17 bytes'],
  ])('of %i mistakes with %s bytes is: %s', (numMistakes, size, problem) => {
    expect(said(evaluatedWith(numMistakes), size)).toContain(problem);
  });

  it.each([0, 1, 2, 4096])('of a ledger may have %i bytes', (size) => {
    expect(said(ledger, size)).toBe('ok');
  });

  it.each<[string, Message, number | undefined, string]>([
    [
      'state that lacks a slot it names',
      stateWith('m', 'v'),
      16,
      'expected 24 bytes for keys [3, 5), got 16',
    ],
    [
      'state with a slot it does not name',
      stateWith('m'),
      24,
      'expected 16 bytes for keys [3, 5), got 24',
    ],
    [
      'state of the parameters alone that has a slot',
      stateWith(),
      16,
      'expected 8 bytes for keys [3, 5), got 16',
    ],
    [
      'state whose range runs backwards',
      { ...stateWith('m'), begin: 7 },
      16,
      'expected -16 bytes for keys [7, 5), got 16',
    ],
    [
      'state said to be JSON',
      { ...stateWith('m'), dtype: 'json' },
      16,
      'expected dtype float32, got json',
    ],
    [
      'state without bytes',
      stateWith('m'),
      undefined,
      'expected a payload of dtype float32, got none',
    ],
    [
      'push said to be JSON',
      pushIn('json'),
      20,
      'expected dtype float32 or bf16, got json',
    ],
    [
      'push without bytes',
      pushIn('bf16'),
      undefined,
      'expected a payload of dtype bf16, got none',
    ],
    [
      'state in 16 bits',
      { ...stateWith('m'), dtype: 'bf16' },
      8,
      'expected dtype float32, got bf16',
    ],
    [
      'replicate in 16 bits',
      { ...replicate, dtype: 'bf16' },
      8,
      'expected dtype float32, got bf16',
    ],
    [
      'replicate that is short',
      replicate,
      12,
      'expected 16 bytes for keys [0, 4), got 12',
    ],
    [
      'replicate that is long',
      replicate,
      20,
      'expected 16 bytes for keys [0, 4), got 20',
    ],
    [
      'replicate without bytes',
      replicate,
      undefined,
      'expected a payload of dtype float32, got none',
    ],
    [
      'ledger without bytes',
      ledger,
      undefined,
      'expected a payload of dtype json, got none',
    ],
    [
      'ledger said to be numbers',
      { ...ledger, dtype: 'float32' },
      16,
      'expected dtype json, got float32',
    ],
  ])('is refused of a %s', (_, message, numBytes, problem) => {
    expect(said(message, numBytes)).toBe(
      `ERR_MALFORMED_MESSAGE: malformed message '${message.type}': ${problem}`,
    );
  });

  it.each<Message>([
    { type: 'replicated', version: 1 },
    { type: 'restored', version: 1, term: 1 },
    { type: 'promote', term: 1 },
  ])('is refused of a message that has none: $type', (message) => {
    expect(said(message)).toBe('ok');
    expect(said(message, 4)).toContain('expected no payload, got 4 bytes');
  });
});

describe('payloadAsFloat32', () => {
  const numbers = new Float32Array([1, -0, Infinity, 1e-40]);

  it('is a view where the bytes are 4-aligned', () => {
    const memory = new Uint8Array(24);
    memory.set(float32Payload(numbers), 4);
    const view = payloadAsFloat32(memory.subarray(4, 20), 4);
    expect(view).toEqual(numbers);
    expect(view.buffer).toBe(memory.buffer);
  });

  it.each([1, 2, 3])('is a copy at offset %s', (offset) => {
    const memory = new Uint8Array(24);
    memory.set(float32Payload(numbers), offset);
    const copy = payloadAsFloat32(memory.subarray(offset, offset + 16), 4);
    expect(copy).toEqual(numbers);
    expect(copy.buffer).not.toBe(memory.buffer);
  });

  it('refuses another length, naming both', () => {
    expect(() => payloadAsFloat32(new Uint8Array(16), 3)).toThrow(
      'expected 3 float32 elements (12 bytes), got 16 bytes',
    );
    expect(() => payloadAsFloat32(undefined, 3)).toThrow(
      expect.objectContaining({ code: 'ERR_SHAPE_MISMATCH' }) as Error,
    );
  });
});

describe('payloadAsBfloat16', () => {
  // 1, -0, infinity and NaN: the upper halves of float32
  const halves = new Uint16Array([0x3f80, 0x8000, 0x7f80, 0x7fc0]);

  it('is a view where the bytes are 2-aligned', () => {
    const memory = new Uint8Array(16);
    memory.set(bfloat16Payload(halves), 2);
    const view = payloadAsBfloat16(memory.subarray(2, 10), 4);
    expect(view).toEqual(halves);
    expect(view.buffer).toBe(memory.buffer);
  });

  it.each([1, 3])('is a copy at offset %s, of a Buffer too', (offset) => {
    const memory = Buffer.from(new ArrayBuffer(16));
    memory.set(bfloat16Payload(halves), offset);
    const copy = payloadAsBfloat16(memory.subarray(offset, offset + 8), 4);
    expect(copy).toEqual(halves);
    expect(copy.buffer).not.toBe(memory.buffer);
  });

  it('refuses another length, naming both', () => {
    expect(() => payloadAsBfloat16(new Uint8Array(16), 4)).toThrow(
      'expected 4 bf16 elements (8 bytes), got 16 bytes',
    );
  });
});
