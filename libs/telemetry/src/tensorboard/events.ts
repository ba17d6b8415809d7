/**
 * TensorBoard's events as bytes: tensorflow/core/util/event.proto and
 * framework/summary.proto.
 */
import { maskedCrc32c } from './crc32c.js';
import type { Histogram } from './histogram.js';
import { ProtoWriter } from './proto-writer.js';

/** When something was, for TensorBoard. */
export interface EventPlace {
  readonly step: number;
  /** Unix time in milliseconds. */
  readonly atMs: number;
}

/** A picture in greys. */
export interface EventImage {
  readonly rows: number;
  readonly columns: number;
  /** A PNG file. */
  readonly png: Uint8Array;
}

/** What the values of an event are. */
export type EventValue =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly histogram: Histogram }
  | { readonly tag: string; readonly image: EventImage };

/** `SessionLog.SessionStatus.START`. */
const START = 1;
/** `Summary.Image.colorspace` of grey levels. */
const GREYS = 1;

/** The first event of every file. */
export function versionEvent(atMs: number): Buffer {
  const event = new ProtoWriter().double(1, atMs / 1000);
  return record(event.text(3, 'brain.Event:2').finish());
}

/**
 * Says that all events of this step and later ones in files before, and before
 * this in its own, are void: they come again.
 */
export function restartEvent(place: EventPlace): Buffer {
  const log = new ProtoWriter().integer(1, START);
  return record(begin(place).message(7, log).finish());
}

/** One event with values. */
export function summaryEvent(
  place: EventPlace,
  values: readonly EventValue[],
): Buffer {
  const summary = new ProtoWriter();
  for (const value of values) summary.message(1, valueOf(value));
  return record(begin(place).message(5, summary).finish());
}

function begin({ step, atMs }: EventPlace): ProtoWriter {
  return new ProtoWriter().double(1, atMs / 1000).integer(2, step);
}

function valueOf(value: EventValue): ProtoWriter {
  const message = new ProtoWriter().text(1, value.tag);
  if ('scalar' in value) return message.float(2, value.scalar);
  if ('image' in value) {
    const { rows, columns, png } = value.image;
    const image = new ProtoWriter().integer(1, rows).integer(2, columns);
    return message.message(4, image.integer(3, GREYS).bytes(4, png));
  }
  const { min, max, count, sum, sumOfSquares, limits, counts } =
    value.histogram;
  const histogram = new ProtoWriter()
    .double(1, min)
    .double(2, max)
    .double(3, count)
    .double(4, sum)
    .double(5, sumOfSquares)
    .doubles(6, limits)
    .doubles(7, counts);
  return message.message(5, histogram);
}

/** TFRecord: length, its checksum, the bytes, their checksum. */
export function record(data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length + 4);
  bytes.writeUInt32LE(data.length, 0);
  bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(0, 8)), 8);
  bytes.set(data, 12);
  bytes.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return bytes;
}
