/**
 * An evaluation's mistakes on the wire: which examples they are stands in the
 * message, their probabilities and images are its payload; and whether what
 * came can be mistakes of this run at all.
 */
import type { TestMistake } from '@muster/data';
import {
  float32Payload,
  MAX_MISTAKES,
  payloadAsFloat32,
} from '@muster/protocol';
import type { MessageOf, Packet, RunDefinition } from '@muster/protocol';
import type { Refusal } from '../coordinator/admission.js';

type Evaluated = Packet<MessageOf<'evaluated'>>;

/** What a run's examples look like. */
export type ExampleSizes = Pick<
  RunDefinition['dataset'],
  'rows' | 'columns' | 'channels' | 'numClasses'
>;

const BYTES_PER_FLOAT32 = 4;

/** Bytes of the longest payload that an evaluation's mistakes have. */
export function maxMistakeBytes(sizes: ExampleSizes): number {
  return MAX_MISTAKES * mistakeBytes(sizes);
}

/**
 * What `evaluated` says of mistakes, and its payload if there are any.
 * @param mistakes at most `MAX_MISTAKES`; copied.
 */
export function encodeMistakes(mistakes: readonly TestMistake[]): {
  readonly mistakes: Evaluated['message']['mistakes'];
  readonly payload?: Uint8Array;
} {
  const named = mistakes.map(({ index, label, answer }) => {
    return { index, label, answer };
  });
  if (mistakes.length === 0) return { mistakes: named };
  const numbers = mistakes.flatMap(({ probabilities }) => probabilities);
  const parts = [
    float32Payload(Float32Array.from(numbers)),
    ...mistakes.map(({ image }) => image),
  ];
  return { mistakes: named, payload: joined(parts) };
}

/** Why these are no mistakes of this run's examples; nothing if they are. */
export function mistakesProblem(
  packet: Evaluated,
  sizes: ExampleSizes,
): Refusal | undefined {
  const { message, payload } = packet;
  const { mistakes } = message;
  const refusal = (code: Refusal['code'], problem: string): Refusal => ({
    code,
    message: `the evaluation of test examples ${rangeText(message)} was refused for its mistakes: ${problem}`,
  });
  const expected = mistakes.length * mistakeBytes(sizes);
  const numBytes = payload?.byteLength ?? 0;
  if (numBytes !== expected) {
    const text = `expected ${expected} bytes of ${mistakes.length}, got ${numBytes}`;
    return refusal('ERR_SHAPE_MISMATCH', text);
  }
  const problem = namesProblem(message, sizes);
  if (problem !== undefined) return refusal('ERR_MALFORMED_MESSAGE', problem);
  const wrong = probabilitiesOf(packet, sizes).find((p) => !(p >= 0 && p <= 1));
  if (wrong === undefined) return undefined;
  const text = `expected probabilities from 0 to 1, got ${wrong}`;
  return refusal('ERR_MALFORMED_MESSAGE', text);
}

/**
 * Takes mistakes out of a packet that has no {@link mistakesProblem}: copies,
 * as the frame is large and few of them are kept for long.
 */
export function decodeMistakes(
  packet: Evaluated,
  sizes: ExampleSizes,
): TestMistake[] {
  const { message, payload = new Uint8Array() } = packet;
  const { numClasses } = sizes;
  const numbers = probabilitiesOf(packet, sizes);
  const numPixels = pixelsOf(sizes);
  return message.mistakes.map((mistake, i) => {
    const at = numbers.byteLength + i * numPixels;
    return {
      ...mistake,
      probabilities: [
        ...numbers.subarray(i * numClasses, (i + 1) * numClasses),
      ],
      // a Buffer's own slice would be a view
      image: new Uint8Array(payload.subarray(at, at + numPixels)),
    };
  });
}

function namesProblem(
  { mistakes, begin, end }: Evaluated['message'],
  { numClasses }: ExampleSizes,
): string | undefined {
  const seen = new Set<number>();
  for (const { index, label, answer } of mistakes) {
    if (index < begin || index >= end)
      return `example ${index} is not in there`;
    if (seen.has(index)) return `example ${index} is named twice`;
    seen.add(index);
    const highest = Math.max(label, answer);
    if (highest >= numClasses) {
      return `class ${highest} of example ${index} is none of ${numClasses}`;
    }
    if (label === answer) {
      return `example ${index} is a ${label}, and was taken for one`;
    }
  }
  return undefined;
}

/** float32 `[mistakes, numClasses]`: a view where that can be. */
function probabilitiesOf(
  { message, payload }: Evaluated,
  { numClasses }: ExampleSizes,
): Float32Array {
  const length = message.mistakes.length * numClasses;
  const numBytes = length * BYTES_PER_FLOAT32;
  const bytes = payload ?? new Uint8Array();
  return payloadAsFloat32(bytes.subarray(0, numBytes), length);
}

function mistakeBytes(sizes: ExampleSizes): number {
  return sizes.numClasses * BYTES_PER_FLOAT32 + pixelsOf(sizes);
}

function pixelsOf({ rows, columns, channels }: ExampleSizes): number {
  return rows * columns * channels;
}

function rangeText({ begin, end }: { begin: number; end: number }): string {
  return `${begin} to ${end - 1}`;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
