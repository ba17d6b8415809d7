/**
 * The structural guard: walks a frame's bytes before any decoder sees them
 * and stops at the first thing that no message of ours can have. Its cost is
 * bounded by the limits, not by the frame: four megabytes of empty maps are
 * refused after `maxHeaderNodes` values. Format: the msgpack specification.
 */
import { MusterError } from './errors.js';
import { maxFrameBytes, type FrameLimits } from './frame-limits.js';

/** Where a frame's parts lie, as byte offsets `[start, end)`. */
export interface FrameParts {
  readonly headerStart: number;
  readonly headerEnd: number;
  /** The `bin`'s content; undefined in a frame of the header alone. */
  readonly payload:
    | { readonly start: number; readonly end: number }
    | undefined;
}

/** Bytes that follow the token of a scalar; -1 where it is no scalar. */
const SCALAR_BYTES = new Int8Array(256).fill(-1);
SCALAR_BYTES.fill(0, 0x00, 0x80); // positive fixint
SCALAR_BYTES.fill(0, 0xe0); // negative fixint
for (const [token, length] of [
  [0xc0, 0], // nil
  [0xc2, 0], // false
  [0xc3, 0], // true
  [0xca, 4], // float 32
  [0xcb, 8], // float 64
  [0xcc, 1], // uint 8, 16, 32, 64
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1], // int 8, 16, 32, 64
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
] as const) {
  SCALAR_BYTES[token] = length;
}

/** The one key that means something to JavaScript itself. */
const PROTOTYPE_KEY = '__proto__';

/**
 * Finds header and payload of a frame and refuses what is too long, too deep,
 * has too many values, an extension type, a `bin` in the header, a key that
 * is no string or comes twice, or bytes after the end.
 *
 * @param bytes one whole frame; not kept, not changed
 * @throws MusterError ERR_FRAME_TOO_LARGE, ERR_MALFORMED_MESSAGE
 */
export function scanFrame(bytes: Uint8Array, limits: FrameLimits): FrameParts {
  const longest = maxFrameBytes(limits);
  if (bytes.length > longest) {
    throw tooLarge('frame', bytes.length, longest, 'maxPayloadBytes');
  }
  return new FrameScan(bytes, limits).run();
}

class FrameScan {
  readonly #bytes: Uint8Array;
  readonly #limits: FrameLimits;
  #position = 0;
  #nodes = 0;
  /** No read of the header goes beyond. */
  #headerLimit = 0;

  constructor(bytes: Uint8Array, limits: FrameLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#headerLimit = bytes.length;
  }

  run(): FrameParts {
    const numParts = this.#listLength(this.#read(1));
    if (numParts !== 1 && numParts !== 2) {
      throw this.#malformed('a list of header and payload', 'something else');
    }
    const headerStart = this.#position;
    this.#headerLimit = headerStart + this.#limits.maxHeaderBytes;
    const token = this.#read(1);
    const numKeys = this.#mapLength(token);
    if (numKeys < 0) throw this.#malformed('a map as header', hex(token));
    this.#count();
    this.#map(numKeys, 2);
    const headerEnd = this.#position;
    this.#headerLimit = this.#bytes.length;
    const payload = numParts === 2 ? this.#payload() : undefined;
    if (this.#position !== this.#bytes.length) {
      throw this.#malformed('the end', `${this.#rest()} more bytes`);
    }
    return { headerStart, headerEnd, payload };
  }

  #payload(): { start: number; end: number } {
    const token = this.#read(1);
    if (token < 0xc4 || token > 0xc6) {
      throw this.#malformed('a bin as payload', hex(token));
    }
    const length = this.#read(1 << (token - 0xc4));
    if (length > this.#limits.maxPayloadBytes) {
      const limit = this.#limits.maxPayloadBytes;
      throw tooLarge('payload', length, limit, 'maxPayloadBytes');
    }
    const start = this.#position;
    this.#skip(length);
    return { start, end: this.#position };
  }

  /** One value of the header; `depth` is that of the container around it. */
  #value(depth: number): void {
    this.#count();
    const token = this.#read(1);
    const scalarBytes = SCALAR_BYTES[token] ?? -1;
    if (scalarBytes >= 0) return this.#skip(scalarBytes);
    const textBytes = this.#textLength(token);
    if (textBytes >= 0) return this.#skip(textBytes);
    const numKeys = this.#mapLength(token);
    if (numKeys >= 0) return this.#map(numKeys, depth + 1);
    const numItems = this.#listLength(token);
    if (numItems < 0) {
      throw this.#malformed('numbers, text, lists and maps', hex(token));
    }
    this.#enter(depth + 1);
    for (let item = 0; item < numItems; item += 1) this.#value(depth + 1);
  }

  #map(numKeys: number, depth: number): void {
    this.#enter(depth);
    const keys = new Set<string>();
    for (let entry = 0; entry < numKeys; entry += 1) {
      const key = this.#key();
      if (keys.has(key)) throw this.#malformed('each key once', 'a key twice');
      keys.add(key);
      this.#value(depth);
    }
  }

  #key(): string {
    this.#count();
    const token = this.#read(1);
    const length = this.#textLength(token);
    if (length < 0) throw this.#malformed('text as key', hex(token));
    const start = this.#position;
    this.#skip(length);
    const key = latin1(this.#bytes, start, length);
    if (key === PROTOTYPE_KEY) {
      throw this.#malformed('keys of a message', `'${key}'`);
    }
    return key;
  }

  /** Bytes of a text that starts with this token; -1: it is none. */
  #textLength(token: number): number {
    if (token >= 0xa0 && token <= 0xbf) return token & 0x1f;
    if (token < 0xd9 || token > 0xdb) return -1;
    return this.#read(1 << (token - 0xd9));
  }

  /** Entries of a map that starts with this token; -1: it is none. */
  #mapLength(token: number): number {
    if (token >= 0x80 && token <= 0x8f) return token & 0x0f;
    if (token !== 0xde && token !== 0xdf) return -1;
    return this.#read(token === 0xde ? 2 : 4);
  }

  /** Items of a list that starts with this token; -1: it is none. */
  #listLength(token: number): number {
    if (token >= 0x90 && token <= 0x9f) return token & 0x0f;
    if (token !== 0xdc && token !== 0xdd) return -1;
    return this.#read(token === 0xdc ? 2 : 4);
  }

  #count(): void {
    this.#nodes += 1;
    if (this.#nodes <= this.#limits.maxHeaderNodes) return;
    const limit = `at most ${this.#limits.maxHeaderNodes} values in the header`;
    throw this.#malformed(`${limit} (maxHeaderNodes)`, 'more');
  }

  #enter(depth: number): void {
    if (depth <= this.#limits.maxHeaderDepth) return;
    const limit = `a depth of at most ${this.#limits.maxHeaderDepth}`;
    throw this.#malformed(`${limit} (maxHeaderDepth)`, 'more');
  }

  /** Reads a big-endian unsigned integer of 1, 2 or 4 bytes. */
  #read(numBytes: number): number {
    const start = this.#position;
    this.#skip(numBytes);
    let value = 0;
    for (let index = start; index < this.#position; index += 1) {
      value = value * 256 + (this.#bytes[index] ?? 0);
    }
    return value;
  }

  #skip(numBytes: number): void {
    if (numBytes > this.#rest()) {
      throw this.#malformed(`${numBytes} more bytes`, `${this.#rest()}`);
    }
    const end = this.#position + numBytes;
    if (end > this.#headerLimit) {
      const { maxHeaderBytes } = this.#limits;
      throw tooLarge('header', undefined, maxHeaderBytes, 'maxHeaderBytes');
    }
    this.#position = end;
  }

  #rest(): number {
    return this.#bytes.length - this.#position;
  }

  #malformed(expected: string, got: string): MusterError {
    return new MusterError(
      'ERR_MALFORMED_MESSAGE',
      `malformed frame at byte ${this.#position}: expected ${expected}, got ${got}`,
    );
  }
}

/** Key bytes as text, one character a byte, so equal bytes are equal text. */
function latin1(bytes: Uint8Array, start: number, length: number): string {
  const { buffer, byteOffset } = bytes;
  return Buffer.from(buffer, byteOffset + start, length).toString('latin1');
}

function hex(token: number): string {
  return `msgpack token 0x${token.toString(16).padStart(2, '0')}`;
}

function tooLarge(
  subject: string,
  got: number | undefined,
  limit: number,
  setting: string,
): MusterError {
  const length = got === undefined ? 'more' : `${got}`;
  return new MusterError(
    'ERR_FRAME_TOO_LARGE',
    `${subject} too large: expected at most ${limit} bytes (${setting}), got ${length}`,
  );
}
