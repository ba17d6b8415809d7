/**
 * Makes a frame of a message and its payload: one msgpack value
 * `[header, payload?]`, which any msgpack library reads.
 *
 * ```
 * 92            list of two (91 without payload)
 * 8N ...        header map (from 16 keys on de 00 NN): the message, and
 *               last the key `pad`
 * c6 LL LL LL LL ...   bin 32: the payload
 * ```
 *
 * `pad` is a text of 0 to 7 spaces, only in frames with a payload, such that
 * the payload's first byte is a multiple of 8 from the frame's start: a
 * receiver can view it as numbers in place. It is no part of the message; the
 * decoder drops it, and an encoder that does not care may leave it out.
 */
import { Packr } from 'msgpackr';
import { MusterError } from './errors.js';
import type { Packet } from './messages.js';
import { checkPayload } from './payload.js';

const ALIGNMENT = 8;
const LIST_OF_ONE = 0x91;
const LIST_OF_TWO = 0x92;
const EMPTY_TEXT = 0xa0;
const BIN_32 = 0xc6;
/** `c6` and the length. */
const BIN_HEAD_BYTES = 5;
const SPACE = 0x20;

/** Plain maps in their shortest form; optional keys that are unset are left out. */
const packrOptions = {
  useRecords: false,
  structuredClone: false,
  moreTypes: false,
  variableMapSize: true,
  skipValues: [undefined],
};
const packr = new Packr(packrOptions);

/**
 * Encodes a packet: one allocation and one copy of the payload. The result
 * may be sent to any number of receivers; it shares no memory with the packet.
 *
 * @throws MusterError ERR_INTERNAL when message and payload do not belong
 *   together, or the payload is another kind of array than bytes
 */
export function encodeFrame(packet: Packet): Uint8Array {
  return joinParts(encodeFrameParts(packet));
}

/** A frame in order: what comes before the payload, and the payload itself. */
export type EncodedParts = readonly [head: Uint8Array, payload?: Uint8Array];

/**
 * As {@link encodeFrame}, but for whoever puts the parts together elsewhere:
 * the payload is the packet's own.
 *
 * @throws MusterError ERR_INTERNAL, as above
 */
export function encodeFrameParts(packet: Packet): EncodedParts {
  const { message, payload } = packet;
  if (payload !== undefined && !isBytes(payload)) {
    throw new MusterError(
      'ERR_INTERNAL',
      `cannot encode '${message.type}': expected the payload as bytes (Uint8Array), got another type; wrap numbers with float32Payload`,
    );
  }
  checkPayload(message, payload, 'ERR_INTERNAL');
  return payload
    ? [headOf(packr.pack({ ...message, pad: '' }), payload), payload]
    : [headerAlone(packr.pack(message))];
}

/** One array of them; the first part itself where it is the only one. */
export function joinParts([head, payload]: EncodedParts): Uint8Array {
  if (payload === undefined) return head;
  const frame = Buffer.allocUnsafe(head.byteLength + payload.byteLength);
  frame.set(head);
  frame.set(payload, head.byteLength);
  return frame;
}

function isBytes(payload: unknown): boolean {
  return payload instanceof Uint8Array;
}

function headerAlone(header: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(1 + header.length);
  frame[0] = LIST_OF_ONE;
  frame.set(header, 1);
  return frame;
}

/** @param header ends with the empty `pad`, which is lengthened here */
function headOf(header: Uint8Array, payload: Uint8Array): Uint8Array {
  const headerEnd = 1 + header.length;
  const padBytes = -(headerEnd + BIN_HEAD_BYTES) & (ALIGNMENT - 1);
  const payloadStart = headerEnd + padBytes + BIN_HEAD_BYTES;
  const head = Buffer.allocUnsafe(payloadStart);
  head[0] = LIST_OF_TWO;
  head.set(header, 1);
  head[headerEnd - 1] = EMPTY_TEXT | padBytes;
  head.fill(SPACE, headerEnd, headerEnd + padBytes);
  head[payloadStart - BIN_HEAD_BYTES] = BIN_32;
  head.writeUInt32BE(payload.byteLength, payloadStart - 4);
  return head;
}
