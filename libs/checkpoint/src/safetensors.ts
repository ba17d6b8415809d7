/**
 * The safetensors format (huggingface/safetensors, README, "Format") for
 * float32: header length as u64, JSON header, raw little-endian numbers. The
 * machine's own byte order has to be little-endian, as it is on every
 * platform that TensorFlow.js runs on.
 */
import { MusterError } from '@muster/protocol';
import { z } from 'zod';

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

/** One tensor of a file. */
export interface NamedTensor {
  readonly name: string;
  /** `[]` is a scalar. */
  readonly shape: readonly number[];
  /** Row-major float32, as many as the shape says. */
  readonly data: Float32Array;
}

/** What a file holds. */
export interface Safetensors {
  /** In the order of their data. */
  readonly tensors: readonly NamedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

const metadataSchema = z.record(z.string(), z.string());
const entrySchema = z.strictObject({
  dtype: z.literal('F32'),
  shape: z.array(z.int().min(0)).max(32),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

interface Entry extends z.infer<typeof entrySchema> {
  readonly name: string;
}

/**
 * Encodes tensors in the order given. The header is padded with spaces so that
 * the numbers begin at a multiple of 8 bytes.
 *
 * @param tensors - only read; `data` may be a view of a larger vector.
 * @returns the bytes of the file, owned by the caller.
 * @throws RangeError if a name comes twice or is `__metadata__`, a shape does
 *   not have the data's length, or the header is over 100 MB.
 */
export function encodeSafetensors({
  tensors,
  metadata,
}: Safetensors): Uint8Array {
  const header = encodeHeader(tensors, metadata);
  const dataBytes = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
  const dataBegin = LENGTH_BYTES + header.length;
  const file = new Uint8Array(dataBegin + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, LENGTH_BYTES);
  let offset = dataBegin;
  for (const { data } of tensors) {
    file.set(bytesOf(data), offset);
    offset += data.byteLength;
  }
  return file;
}

/**
 * Decodes a file that holds float32 alone. The offsets must cover the data
 * without overlap or gap; the numbers themselves are not looked at.
 *
 * @param bytes - a whole file; may be a view.
 * @returns tensors whose `data` are views of `bytes` where these are aligned
 *   to 4 bytes, and copies where not.
 * @throws MusterError ERR_CHECKPOINT_CORRUPT if it is not such a file.
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const headerBytes = readHeaderLength(bytes);
  const dataBegin = LENGTH_BYTES + headerBytes;
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataBegin));
  const data = bytes.subarray(dataBegin);
  const { [METADATA]: metadata = {}, ...rest } = header;
  const entries = Object.entries(rest).map(([name, value]) => ({
    name,
    ...check(entrySchema, value, `tensor '${name}'`),
  }));
  entries.sort(
    (a, b) =>
      a.data_offsets[0] - b.data_offsets[0] ||
      a.data_offsets[1] - b.data_offsets[1],
  );
  checkOffsets(entries, data.length);
  return {
    tensors: entries.map(({ name, shape, data_offsets: [begin, end] }) => ({
      name,
      shape,
      data: float32Of(data.subarray(begin, end)),
    })),
    metadata: check(metadataSchema, metadata, METADATA),
  };
}

function encodeHeader(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header = new Map<string, unknown>([[METADATA, metadata]]);
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    if (header.has(name)) {
      throw new RangeError(`safetensors: name '${name}' is taken`);
    }
    if (sizeOf(shape) !== data.length) {
      throw new RangeError(
        `safetensors: tensor '${name}' of shape [${shape.join(', ')}] has ${data.length} elements`,
      );
    }
    const end = offset + data.byteLength;
    header.set(name, { dtype: 'F32', shape, data_offsets: [offset, end] });
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(json.length / 8) * 8;
  if (length > MAX_HEADER_BYTES) {
    throw new RangeError(
      `safetensors: expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${length}`,
    );
  }
  return Buffer.concat([json, Buffer.alloc(length - json.length, ' ')]);
}

function readHeaderLength(bytes: Uint8Array): number {
  const rest = bytes.length - LENGTH_BYTES;
  if (rest < 0) {
    throw corrupt(`expected at least 8 bytes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES);
  const length = view.getBigUint64(0, true);
  const most = Math.min(MAX_HEADER_BYTES, rest);
  if (length > BigInt(most)) {
    throw corrupt(
      `expected a header of at most ${most} bytes, got ${String(length)}`,
    );
  }
  return Number(length);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== '{'.charCodeAt(0)) {
    throw corrupt(`expected a header that begins with '{'`);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw corrupt('expected a header of JSON in UTF-8', cause);
  }
}

function checkOffsets(entries: readonly Entry[], dataBytes: number): void {
  let offset = 0;
  for (const {
    name,
    shape,
    data_offsets: [begin, end],
  } of entries) {
    const expected = offset + 4 * sizeOf(shape);
    if (begin !== offset || end !== expected) {
      throw corrupt(
        `tensor '${name}': expected bytes ${offset} to ${expected}, got ${begin} to ${end}`,
      );
    }
    offset = end;
  }
  if (offset !== dataBytes) {
    throw corrupt(`expected ${offset} bytes of data, got ${dataBytes}`);
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown, subject: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  throw corrupt(`${subject}: ${path} ${issue?.message ?? 'invalid'}`);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

function bytesOf(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function float32Of(bytes: Uint8Array): Float32Array {
  // Not `slice`: a Buffer's is a view, as little aligned as before.
  const isAligned = bytes.byteOffset % 4 === 0;
  const aligned = isAligned ? bytes : new Uint8Array(bytes);
  return new Float32Array(
    aligned.buffer,
    aligned.byteOffset,
    aligned.byteLength / 4,
  );
}

function corrupt(what: string, cause?: unknown): MusterError {
  const message = `safetensors: ${what}`;
  return new MusterError('ERR_CHECKPOINT_CORRUPT', message, { cause });
}
