/**
 * What a payload's bytes mean: which message carries which kind, and the
 * views between bytes and numbers. All numbers on the wire are little-endian,
 * and go out as they lie in memory; so a big-endian machine is refused at once.
 */
import { endianness } from 'node:os';
import { MusterError, type ErrorCode } from './errors.js';
import type { Message, Packet } from './messages.js';

if (endianness() !== 'LE') {
  throw new MusterError(
    'ERR_INTERNAL',
    'cannot run on this machine: expected a little-endian processor, got a big-endian one',
  );
}

/** Bytes of one element; of JSON any number will do. */
const ELEMENT_BYTES = {
  ...{ float32: 4, bf16: 2, uint8: 1 },
  json: undefined,
} as const;

type Dtype = keyof typeof ELEMENT_BYTES;

/** The kinds of payload that each of these messages has; others have none. */
const PAYLOAD_DTYPES = {
  joined: ['json'],
  parameters: ['float32'],
  push: ['float32', 'bf16'],
  classify: ['uint8'],
  state: ['float32'],
  replicate: ['float32'],
  ledger: ['json'],
} as const satisfies Partial<Record<Message['type'], readonly Dtype[]>>;

/**
 * Checks that a message and its payload belong together: the kind that the
 * message carries, and for numbers `byteLength = (end - begin) * 4`, or `* 2`
 * of the kind `bf16`. The mistakes of an `evaluated`, whose range is one of
 * examples, are checked against the run by the coordinator.
 *
 * @param code what to throw: a peer's mistake and our own differ
 * @throws MusterError with `code`
 */
export function checkPayload(
  message: Message,
  payload: Uint8Array | undefined,
  code: ErrorCode,
): void {
  const problem = payloadProblem(message, payload);
  if (problem === undefined) return;
  throw new MusterError(
    code,
    `malformed message '${message.type}': ${problem}`,
  );
}

function payloadProblem(
  message: Message,
  payload: Uint8Array | undefined,
): string | undefined {
  if (message.type === 'evaluated') {
    return mistakesProblem(message.mistakes.length, payload);
  }
  if (!('dtype' in message)) {
    return payload && `expected no payload, got ${payload.byteLength} bytes`;
  }
  const { dtype } = message;
  const dtypes: readonly Dtype[] = PAYLOAD_DTYPES[message.type];
  if (!dtypes.includes(dtype)) {
    return `expected dtype ${dtypes.join(' or ')}, got ${dtype}`;
  }
  if (!payload) return `expected a payload of dtype ${dtype}, got none`;
  const elementBytes = ELEMENT_BYTES[dtype];
  if (elementBytes === undefined || !('end' in message)) return undefined;
  const numVectors = message.type === 'state' ? 1 + message.slots.length : 1;
  const expected = (message.end - message.begin) * numVectors * elementBytes;
  if (payload.byteLength === expected) return undefined;
  const keys = `keys [${message.begin}, ${message.end})`;
  return `expected ${expected} bytes for ${keys}, got ${payload.byteLength}`;
}

/** How long one mistake is only the run knows: numbers, then pixels. */
function mistakesProblem(
  numMistakes: number,
  payload: Uint8Array | undefined,
): string | undefined {
  const numBytes = payload?.byteLength ?? 0;
  if (numMistakes === 0) {
    return payload && `expected no payload, got ${numBytes} bytes`;
  }
  const isWhole = numBytes > 0 && numBytes % numMistakes === 0;
  return isWhole
    ? undefined
    : `expected a payload of ${numMistakes} mistakes of one size, got ${numBytes} bytes`;
}

/**
 * Bytes that a packet's payload takes before encoding: parameters and gradients
 * as float32, pixels and JSON as they are; 0 where there is none.
 */
export function rawPayloadBytes({ message, payload }: Packet): number {
  const numBytes = payload?.byteLength ?? 0;
  const isHalved = 'dtype' in message && message.dtype === 'bf16';
  return isHalved ? 2 * numBytes : numBytes;
}

/**
 * The payload's bytes of a vector: a view, nothing is copied. Never hand a
 * `Float32Array` itself to a msgpack encoder: one byte of each number is what
 * comes out.
 *
 * @param vector [length] float32
 */
export function float32Payload(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

/**
 * As {@link float32Payload}, of numbers in 16 bits: a view.
 *
 * @param halves [length] bfloat16, the upper half of a float32 each
 */
export function bfloat16Payload(halves: Uint16Array): Uint8Array {
  return new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength);
}

/**
 * The numbers of a payload: a view where the bytes lie 4-aligned in memory
 * (always, in frames of megabytes), else a copy. Either way the caller may
 * write to it, as the frame belongs to the receiver.
 *
 * @param payload little-endian float32 bytes
 * @param expectedLength elements
 * @returns [expectedLength] float32
 * @throws MusterError ERR_SHAPE_MISMATCH
 */
export function payloadAsFloat32(
  payload: Uint8Array | undefined,
  expectedLength: number,
): Float32Array {
  const bytes = alignedBytes(payload, expectedLength, 'float32');
  return new Float32Array(bytes.buffer, bytes.byteOffset, expectedLength);
}

/**
 * As {@link payloadAsFloat32}, where the bytes lie 2-aligned a view.
 *
 * @param payload little-endian bfloat16 bytes
 * @param expectedLength elements
 * @returns [expectedLength] bfloat16, the upper half of a float32 each
 * @throws MusterError ERR_SHAPE_MISMATCH
 */
export function payloadAsBfloat16(
  payload: Uint8Array | undefined,
  expectedLength: number,
): Uint16Array {
  const bytes = alignedBytes(payload, expectedLength, 'bf16');
  return new Uint16Array(bytes.buffer, bytes.byteOffset, expectedLength);
}

/** The bytes of so many elements, a copy where they cannot be viewed. */
function alignedBytes(
  payload: Uint8Array | undefined,
  expectedLength: number,
  dtype: 'float32' | 'bf16',
): Uint8Array {
  const elementBytes = ELEMENT_BYTES[dtype];
  const expected = expectedLength * elementBytes;
  const numBytes = payload?.byteLength ?? 0;
  if (!payload || numBytes !== expected) {
    throw new MusterError(
      'ERR_SHAPE_MISMATCH',
      `payload has another length: expected ${expectedLength} ${dtype} elements (${expected} bytes), got ${numBytes} bytes`,
    );
  }
  // a Buffer's own slice would be a view
  const isAligned = payload.byteOffset % elementBytes === 0;
  return isAligned ? payload : new Uint8Array(payload);
}
