import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { decodeFrame } from './decode-frame.js';
import { encodeFrame } from './encode-frame.js';
import { ERROR_CODES, MusterError } from './errors.js';
import { DEFAULT_FRAME_LIMITS } from './frame-limits.js';
import type { Message, MessageOf, Packet } from './messages.js';
import { bfloat16Payload, float32Payload } from './payload.js';

const count = fc.integer({ min: 0, max: 2 ** 40 });
const id = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
const milliseconds = fc.double({ min: 0, max: 1e9, noNaN: true });
const anyNumber = fc.double().map((value) => (value === 0 ? 0 : value));
const text = fc.string({ unit: 'binary', maxLength: 60 });
const code = fc.constantFrom(...ERROR_CODES);
const phases = fc
  .record({
    wait: milliseconds,
    data: milliseconds,
    compute: milliseconds,
    encode: milliseconds,
    push: milliseconds,
    pull: milliseconds,
  })
  .map((fields) => ({ ...fields }));

const push = fc.record({
  pushId: count,
  taskId: count,
  step: count,
  firstLeaf: count,
  numLeaves: count,
  count,
  term: count,
  bases: fc.array(count, { minLength: 1, maxLength: 32 }),
  lossSum: anyNumber,
  correct: count,
  phases,
});

const replicate = fc.record({
  version: count,
  count,
  lossSum: anyNumber,
  correct: count,
});

/** Messages without payload, of several kinds and with optional keys unset. */
const plainMessage: fc.Arbitrary<Message> = fc.oneof(
  fc
    .record(
      { pushId: count, version: count, code, message: text },
      { requiredKeys: ['pushId', 'version'] },
    )
    .map((fields): Message => {
      return { type: 'push-result', outcome: 'refused', ...fields };
    }),
  fc
    .record({ taskId: count, code, message: text })
    .map((fields): Message => ({ type: 'task-failed', ...fields })),
  fc
    .record({ workerId: id, incarnation: count })
    .map((fields): Message => ({ type: 'subscribe', ...fields })),
  text.map((reason): Message => ({ type: 'leave', reason })),
  fc
    .record({ version: count, atLeast: count }, { requiredKeys: [] })
    .map((fields): Message => ({ type: 'pull', ...fields })),
  fc
    .record({ version: count, term: count })
    .map((fields): Message => ({ type: 'restored', ...fields })),
  fc
    .record({
      requestId: count,
      version: count,
      probabilities: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
        minLength: 1,
        maxLength: 256,
      }),
    })
    .map((fields): Message => ({ type: 'classified', ...fields })),
);

/** Messages with a float32 payload of the right length. */
const slicePacket: fc.Arbitrary<Packet> = fc
  .tuple(
    count,
    fc.float32Array({ maxLength: 40 }),
    fc.oneof(
      push.map((fields) => ({ type: 'push' as const, ...fields })),
      replicate.map((fields) => ({ type: 'replicate' as const, ...fields })),
      fc
        .record({ term: count, version: count })
        .map((fields) => ({ type: 'parameters' as const, ...fields })),
    ),
  )
  .map(([begin, vector, fields]): Packet => {
    const end = begin + vector.length;
    return {
      message: { ...fields, begin, end, dtype: 'float32' },
      payload: float32Payload(vector),
    };
  })
  .filter(({ message }) => 'end' in message && message.end <= 2 ** 40);

/** A push whose numbers have 16 bits. */
const halvesPacket: fc.Arbitrary<Packet> = fc
  .tuple(push, fc.nat(), fc.uint16Array({ maxLength: 40 }))
  .map(([fields, begin, halves]): Packet => {
    const range = { begin, end: begin + halves.length };
    return {
      message: { type: 'push', ...fields, ...range, dtype: 'bf16' },
      payload: bfloat16Payload(halves),
    };
  });

/** The parameters of a slice and the optimizer's vectors of the same length. */
const statePacket: fc.Arbitrary<Packet> = fc
  .record({
    names: fc.array(text, { maxLength: 8 }),
    term: count,
    version: count,
    begin: fc.nat(),
    numKeys: fc.nat(9),
  })
  .map(({ names: slots, term, version, begin, numKeys }): Packet => {
    const range = { begin, end: begin + numKeys, dtype: 'float32' as const };
    const vectors = new Float32Array((1 + slots.length) * numKeys);
    return {
      message: { type: 'state', term, version, slots, ...range },
      payload: float32Payload(vectors.map((_, index) => index / 3)),
    };
  });

/** Messages with JSON as payload: any number of bytes. */
const jsonPacket: fc.Arbitrary<Packet> = fc.tuple(count, fc.jsonValue()).map(
  ([version, value]): Packet => ({
    message: { type: 'ledger', version, dtype: 'json' },
    payload: Buffer.from(JSON.stringify(value)),
  }),
);

/** A question about an image: any number of bytes. */
const imagePacket: fc.Arbitrary<Packet> = fc
  .tuple(count, fc.uint8Array({ maxLength: 40 }))
  .map(([requestId, payload]): Packet => {
    const message = { type: 'classify', requestId, dtype: 'uint8' } as const;
    return { message, payload };
  });

const payloadPacket = fc.oneof(
  imagePacket,
  slicePacket,
  halvesPacket,
  statePacket,
  jsonPacket,
);

const packet: fc.Arbitrary<Packet> = fc.oneof(
  plainMessage.map((message): Packet => ({ message })),
  payloadPacket,
);

const decode = (bytes: Uint8Array) => decodeFrame(bytes, DEFAULT_FRAME_LIMITS);

/** The code that decoding ends with; 'ok' if it does not throw. */
function outcome(bytes: Uint8Array): string {
  try {
    decode(bytes);
    return 'ok';
  } catch (error) {
    if (!(error instanceof MusterError)) return `leaked: ${String(error)}`;
    return error.code;
  }
}

const ALLOWED = ['ok', 'ERR_MALFORMED_MESSAGE', 'ERR_FRAME_TOO_LARGE'];
const parameters: MessageOf<'parameters'> = {
  type: 'parameters',
  term: 1,
  version: 1,
  begin: 0,
  end: 4,
  dtype: 'float32',
};
const replicated: MessageOf<'replicate'> = {
  type: 'replicate',
  version: 1,
  count: 1,
  lossSum: 0,
  correct: 0,
  begin: 0,
  end: 4,
  dtype: 'float32',
};

describe('a frame', () => {
  it('decodes to what was encoded', () => {
    fc.assert(
      fc.property(packet, (sent) => {
        const got = decode(encodeFrame(sent));
        expect(got.message).toStrictEqual(sent.message);
        expect(got.payload && [...got.payload]).toEqual(
          sent.payload && [...sent.payload],
        );
      }),
    );
  });

  it('holds the payload 8-aligned, and nothing more after it', () => {
    fc.assert(
      fc.property(payloadPacket, (sent) => {
        const frame = encodeFrame(sent);
        const { payload } = decode(frame);
        expect((payload!.byteOffset - frame.byteOffset) % 8).toBe(0);
        expect(payload!.byteOffset + payload!.byteLength).toBe(
          frame.byteOffset + frame.byteLength,
        );
      }),
    );
  });

  it('shares no memory with the packet it was made of', () => {
    const payload = new Uint8Array(16);
    const frame = encodeFrame({ message: parameters, payload });
    payload.fill(255);
    expect(decode(frame).payload).toEqual(Buffer.alloc(16));
  });

  it('leaves out optional keys that are undefined', () => {
    const message: MessageOf<'pull'> = {
      type: 'pull',
      version: undefined,
      atLeast: 3,
    };
    const { message: got } = decode(encodeFrame({ message }));
    expect(got).toStrictEqual({ type: 'pull', atLeast: 3 });
  });

  it('may come from an encoder that does not pad', () => {
    const packr = new Packr({ useRecords: false });
    const frame = packr.pack([parameters, Buffer.alloc(16, 7)]);
    expect(decode(frame).payload).toEqual(Buffer.alloc(16, 7));
  });

  it.each([NaN, Infinity, -Infinity])('carries a loss of %s', (lossSum) => {
    const message: MessageOf<'evaluated'> = {
      type: 'evaluated',
      pushId: 1,
      taskId: 1,
      version: 1,
      begin: 0,
      end: 1,
      count: 1,
      correct: 0,
      lossSum,
      mistakes: [],
    };
    const payload = Buffer.alloc(16);
    const sum = { ...replicated, lossSum };
    expect(decode(encodeFrame({ message })).message).toStrictEqual(message);
    expect(decode(encodeFrame({ message: sum, payload })).message).toEqual(sum);
  });
});

describe('encodeFrame', () => {
  it('refuses a Float32Array as payload', () => {
    // msgpackr would send the low byte of each number, and stale memory.
    const payload = new Float32Array([1.5, -2.25, 300, 0.1]);
    const wrong = { message: parameters, payload: payload as unknown };
    expect(() => encodeFrame(wrong as Packet)).toThrow(
      expect.objectContaining({ code: 'ERR_INTERNAL' }) as Error,
    );
    const frame = encodeFrame({
      message: parameters,
      payload: float32Payload(payload),
    });
    // IEEE 754 little-endian: 1.5, -2.25, 300, 0.1
    expect(Buffer.from(frame.subarray(-16)).toString('hex')).toBe(
      '0000c03f' + '000010c0' + '00009643' + 'cdcccc3d',
    );
  });

  it.each([
    ['too short a payload', { message: parameters, payload: Buffer.alloc(15) }],
    ['no payload', { message: parameters }],
    [
      'a payload on a heartbeat',
      {
        message: { type: 'heartbeat', sequence: 1 },
        payload: Buffer.alloc(4),
      },
    ],
  ] satisfies [string, Packet][])('refuses %s', (_, wrong) => {
    expect(() => encodeFrame(wrong)).toThrow(
      expect.objectContaining({ code: 'ERR_INTERNAL' }) as Error,
    );
  });
});

describe('decodeFrame', () => {
  const packr = new Packr({ useRecords: false });
  const refused = (header: object, payload?: Uint8Array) => {
    const frame = packr.pack(payload ? [header, payload] : [header]);
    try {
      decode(frame);
    } catch (error) {
      const { code: got, message } = error as MusterError;
      return `${got}: ${message}`;
    }
    return 'ok';
  };
  const malformed = (what: string) =>
    `ERR_MALFORMED_MESSAGE: malformed message ${what}`;
  const bytes16 = Buffer.alloc(16);

  it('names the message and the field that is wrong', () => {
    expect(refused({ type: 'heartbeat', sequence: 'x' })).toBe(
      malformed(
        "'heartbeat': sequence: invalid input: expected number, received string",
      ),
    );
    expect(refused({ type: 'heartbeat' })).toContain('sequence: ');
    expect(refused({ type: 'heartbeat', sequence: 1, more: 1 })).toContain(
      malformed(`'heartbeat': unrecognized key: "more"`),
    );
  });

  it('does not repeat a strange type or long text of the peer', () => {
    expect(refused({ type: '<b>' })).toContain('of unknown type');
    expect(refused({})).toContain('without type');
    const shards = Array.from({ length: 60 }, () => ({ begin: -1, end: -1 }));
    const said = refused({ ...parameters, shards, ['k'.repeat(999)]: 1 });
    expect(said.length).toBeLessThan(500);
  });

  it.each([
    ['that are no numbers', [0.5, NaN]],
    ['that are infinite', [Infinity]],
    ['above 1', [1.5]],
    ['below 0', [-0.1]],
    ['of no class', []],
    ['of more classes than any label has', Array(257).fill(0)],
  ])('refuses probabilities %s', (_, probabilities) => {
    const answer = { type: 'classified', requestId: 1, version: 1 };
    expect(refused({ ...answer, probabilities: [0, 1] })).toBe('ok');
    expect(refused({ ...answer, probabilities })).toMatch(
      /^ERR_MALFORMED_MESSAGE: malformed message 'classified': probabilities/,
    );
  });

  it('takes `pad` for padding only where it is text', () => {
    const heartbeat = { type: 'heartbeat', sequence: 1 };
    expect(refused({ ...heartbeat, pad: '' })).toBe('ok');
    expect(refused({ ...heartbeat, pad: 1 })).toContain('unrecognized key');
  });

  it.each([
    ['a short slice', parameters, Buffer.alloc(12)],
    ['a long slice', parameters, Buffer.alloc(20)],
    ['a slice of no whole numbers', parameters, Buffer.alloc(15)],
    ['a range that runs backwards', { ...parameters, begin: 8 }, bytes16],
    ['numbers said to be pixels', { ...parameters, dtype: 'uint8' }, bytes16],
    ['numbers said to be JSON', { ...parameters, dtype: 'json' }, bytes16],
    ['no slice', parameters, undefined],
    ['a payload on drain', { type: 'drain', reason: 'failed' }, bytes16],
  ])('refuses %s', (_, header, payload) => {
    expect(refused(header, payload)).toMatch(
      /^ERR_MALFORMED_MESSAGE: malformed message '(parameters|drain)': expected/,
    );
  });

  it('throws nothing but its two codes on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        expect(ALLOWED).toContain(outcome(noise));
      }),
    );
  });

  it('throws nothing but its two codes on any msgpack value', () => {
    const garbage = fc.anything({ withNullPrototype: false });
    fc.assert(
      fc.property(fc.jsonValue(), garbage, (header, value) => {
        const hostile = new Packr({ moreTypes: true, structuredClone: true });
        const frame = packOrNothing(hostile, [header, value]);
        expect(ALLOWED).toContain(outcome(frame));
      }),
    );
  });

  it('throws nothing but its two codes on valid frames with a byte changed', () => {
    const change = fc.record({ at: fc.nat(), to: fc.nat(255) });
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(packet, changes, (sent, edits) => {
        const frame = encodeFrame(sent);
        for (const { at, to } of edits) frame[at % frame.length] = to;
        expect(ALLOWED).toContain(outcome(frame));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses every valid frame cut short anywhere', () => {
    fc.assert(
      fc.property(packet, fc.nat(), (sent, cut) => {
        const frame = encodeFrame(sent);
        const part = frame.subarray(0, cut % frame.length);
        expect(outcome(part)).toBe('ERR_MALFORMED_MESSAGE');
      }),
    );
  });
});

/** Some values cannot be packed at all: then an empty frame is tried. */
function packOrNothing(packr: Packr, value: unknown): Uint8Array {
  try {
    return packr.pack(value);
  } catch {
    return new Uint8Array();
  }
}
