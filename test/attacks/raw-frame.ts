/**
 * WebSocket frames byte by byte (RFC 6455, 5.2), right or wrong.
 */

/** What a frame says of itself. */
export interface RawFrame {
  /** 0 continuation, 1 text, 2 binary (the default), 8 close, 9 ping. */
  readonly opcode?: number;
  /** Whether it is the last of its message. Default true. */
  readonly fin?: boolean;
  /** The three reserved bits. Default 0. */
  readonly reserved?: number;
  /** Default true; a client must. */
  readonly masked?: boolean;
  readonly payload?: Uint8Array;
  /** Length that is claimed instead of the payload's. */
  readonly claims?: bigint;
}

/** Gives the frame's bytes; the mask is zero, so the payload stands as it is. */
export function rawFrame(frame: RawFrame = {}): Buffer {
  const { opcode = 2, fin = true, reserved = 0, masked = true } = frame;
  const { payload = new Uint8Array(0), claims } = frame;
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const length = claims ?? BigInt(payload.byteLength);
  const mask = Buffer.alloc(masked ? 4 : 0);
  const head = Buffer.from([first, ...lengthBytes(length, masked)]);
  return Buffer.concat([head, mask, payload]);
}

function lengthBytes(length: bigint, masked: boolean): number[] {
  const bit = masked ? 0x80 : 0;
  if (length < 126n) return [bit | Number(length)];
  const isShort = length < 65_536n;
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(length);
  return [bit | (isShort ? 126 : 127), ...long.subarray(isShort ? 6 : 0)];
}
