/**
 * The part of the protobuf wire format that TensorBoard's events need: see
 * https://protobuf.dev/programming-guides/encoding
 */

/** How a field's value is written. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Writes the fields of one message, in the order of the calls. */
export class ProtoWriter {
  readonly #parts: Uint8Array[] = [];

  /** A whole number of 0 to 2^53 - 1; 0 is the default and is left out. */
  integer(field: number, value: number): this {
    if (value === 0) return this;
    return this.#push(varint(field * 8 + VARINT), varint(value));
  }

  /** A 64-bit float. */
  double(field: number, value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return this.#push(varint(field * 8 + FIXED64), bytes);
  }

  /** A 32-bit float; the value is rounded to it. */
  float(field: number, value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    return this.#push(varint(field * 8 + FIXED32), bytes);
  }

  /** 64-bit floats in one field, one after the other. */
  doubles(field: number, values: readonly number[]): this {
    const bytes = Buffer.alloc(8 * values.length);
    values.forEach((value, i) => bytes.writeDoubleLE(value, 8 * i));
    return this.bytes(field, bytes);
  }

  /** Text, as UTF-8. */
  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value));
  }

  /** Bytes. They are not copied before {@link finish}. */
  bytes(field: number, value: Uint8Array): this {
    const tag = varint(field * 8 + LENGTH);
    return this.#push(tag, varint(value.length), value);
  }

  /** A message within this one. */
  message(field: number, inner: ProtoWriter): this {
    return this.bytes(field, inner.finish());
  }

  /** The bytes of the message. */
  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #push(...parts: readonly Uint8Array[]): this {
    this.#parts.push(...parts);
    return this;
  }
}

/** Seven bits a byte, the lowest first; all but the last have the top bit. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...bytes, rest]);
}
