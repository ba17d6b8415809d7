/**
 * What a payload's bytes mean: which message carries which kind, and the
 * views between bytes and numbers. All numbers on the wire are little-endian,
 * and go out as they lie in memory; so a big-endian machine is refused at once.
 */
import { endianness } from 'node:os';
import { MusterError, type ErrorCode } from './errors.js';
import type { Message } from './messages.js';

if (endianness() !== 'LE') {
  throw new MusterError(
    'ERR_INTERNAL',
    'cannot run on this machine: expected a little-endian processor, got a big-endian one',
  );
}

const BYTES_PER_FLOAT32 = Float32Array.BYTES_PER_ELEMENT;

/** The kind of payload that each of these messages has; others have none. */
const PAYLOAD_DTYPE = {
  joined: 'json',
  parameters: 'float32',
  push: 'float32',
  state: 'float32',
  replicate: 'float32',
  ledger: 'json',
} as const;

/**
 * Checks that a message and its payload belong together: the kind that the
 * message carries, and for numbers `byteLength = (end - begin) * 4`.
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
  if (!('dtype' in message)) {
    return payload && `expected no payload, got ${payload.byteLength} bytes`;
  }
  const dtype = PAYLOAD_DTYPE[message.type];
  if (message.dtype !== dtype) {
    return `expected dtype ${dtype}, got ${message.dtype}`;
  }
  if (!payload) return `expected a payload of dtype ${dtype}, got none`;
  if (message.type === 'joined' || message.type === 'ledger') return undefined;
  const numVectors = message.type === 'state' ? 1 + message.slots.length : 1;
  const expected =
    (message.end - message.begin) * numVectors * BYTES_PER_FLOAT32;
  if (payload.byteLength === expected) return undefined;
  const keys = `keys [${message.begin}, ${message.end})`;
  return `expected ${expected} bytes for ${keys}, got ${payload.byteLength}`;
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
  const numBytes = payload?.byteLength ?? 0;
  if (!payload || numBytes !== expectedLength * BYTES_PER_FLOAT32) {
    throw new MusterError(
      'ERR_SHAPE_MISMATCH',
      `payload has another length: expected ${expectedLength} float32 elements (${expectedLength * BYTES_PER_FLOAT32} bytes), got ${numBytes} bytes`,
    );
  }
  if (payload.byteOffset % BYTES_PER_FLOAT32 === 0) {
    const { buffer, byteOffset } = payload;
    return new Float32Array(buffer, byteOffset, expectedLength);
  }
  const copy = new Float32Array(expectedLength);
  new Uint8Array(copy.buffer).set(payload);
  return copy;
}
