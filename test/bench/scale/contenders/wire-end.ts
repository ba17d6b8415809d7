/**
 * One end of a connection as a contender, `wire-end.js server|worker`: each
 * process says how much processor time it has used so far, so that each end's
 * part of a message is known.
 *
 * A worker is asked `{what, url, isMasked, length, times, inFlight}`:
 * - `push`: slices to the server, each answered by a word;
 * - `pull`: words to the server, each answered by a slice;
 * - `word`: words to the server, all at once.
 *
 * A server is asked `{what: 'encode', length, times}`, to encode slices and do
 * nothing with them, or `{what: 'nothing'}`.
 */
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { encodeFrame } from '@muster/protocol';
import type { MessageOf, Packet } from '@muster/protocol';
import { dial, listen } from '@muster/transport';
import type { Connection } from '@muster/transport';
import { LENGTH } from '../../wire-words.js';
import { parametersOf, pushOf, receivedOf } from '../packets.js';

/** What either end is asked. */
export interface WireQuestion {
  readonly what: 'push' | 'pull' | 'word' | 'encode' | 'nothing';
  readonly url: string;
  /** Whether frames are masked, as they are between two machines. */
  readonly isMasked: boolean;
  /** Elements of a slice. */
  readonly length: number;
  readonly times: number;
  /** Exchanges that are begun before the first of them is over. */
  readonly inFlight: number;
}

/** What either end answers. Milliseconds. */
export interface WireAnswer {
  /** Processor time of this process so far. */
  readonly processorMs: number;
  /** What the question took. */
  readonly elapsedMs: number;
}

/** Of the last word, the only one that is answered. */
const APPLIED: MessageOf<'received'>['applied'] = {
  ...{ step: 0, count: 64, lossSum: 1.5, correct: 1 },
  ...{ learningRate: 0.5, squaredNorm: 0.5 },
};

const [role] = process.argv.slice(2);
let slice = new Float32Array(0);
const taken = new Uint8Array(4 * LENGTH);
let answered = (): void => undefined;
let dialled:
  | { readonly key: string; readonly connection: Connection }
  | undefined;

function sliceOf(length: number): Float32Array {
  if (slice.length !== length) slice = new Float32Array(length).fill(0.25);
  return slice;
}

/** As a parameter server answers. */
function onPacket({ message }: Packet, connection: Connection): void {
  if (message.type === 'pull') {
    const parameters = parametersOf(sliceOf(message.version ?? 0));
    return connection.sendEncoded(encodeFrame(parameters));
  }
  if (message.type === 'received' && message.applied === undefined) return;
  const result = { pushId: 1, outcome: 'accepted', version: 1 } as const;
  connection.send({ message: { type: 'push-result', ...result } });
}

async function connectionTo(
  url: string,
  isMasked: boolean,
): Promise<Connection> {
  const key = `${url} ${isMasked}`;
  if (dialled?.key === key) return dialled.connection;
  dialled?.connection.terminate();
  const connection = await dial({
    ...{ url, zeroMask: isMasked ? 'never' : 'auto' },
    handlers: {
      onPacket: ({ payload }) => {
        // as a worker puts a slice into its vector
        if (payload) taken.set(payload);
        answered();
      },
    },
  });
  dialled = { key, connection };
  return connection;
}

/** Sends packets; resolves with the last of so many answers. */
function ask(
  connection: Connection,
  packets: readonly Packet[],
  numAnswers: number,
): Promise<void> {
  let left = numAnswers;
  return new Promise((resolve) => {
    answered = () => {
      if (--left === 0) resolve();
    };
    for (const packet of packets) connection.send(packet);
  });
}

async function work(question: WireQuestion): Promise<void> {
  const { what, url, isMasked, length, times, inFlight } = question;
  if (what === 'nothing') return;
  if (what === 'encode') {
    for (let i = 0; i < times; i++) encodeFrame(parametersOf(sliceOf(length)));
    return;
  }
  const connection = await connectionTo(url, isMasked);
  if (what === 'word') {
    const word: Packet = { message: receivedOf() };
    const last: Packet = { message: receivedOf({ applied: APPLIED }) };
    const words = [...Array<Packet>(times - 1).fill(word), last];
    return ask(connection, words, 1);
  }
  const pull: Packet = { message: { type: 'pull', version: length } };
  const packet = what === 'push' ? pushOf(sliceOf(length)) : pull;
  const packets = Array<Packet>(inFlight).fill(packet);
  for (let i = 0; i < times; i += inFlight) {
    await ask(connection, packets, inFlight);
  }
}

if (role === 'server') {
  const onConnection = () => ({ onPacket });
  const limits = { firstFrameTimeoutMs: 3_600_000, maxFramesPerSecond: 1e9 };
  const address = { host: '127.0.0.1', port: 0 };
  const { url } = await listen({ ...address, limits, onConnection });
  console.log(JSON.stringify({ url }));
} else console.log('{"ready":true}');

for await (const line of createInterface({ input: process.stdin })) {
  const startMs = performance.now();
  await work(JSON.parse(line) as WireQuestion);
  const elapsedMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage();
  const processorMs = (user + system) / 1000;
  console.log(JSON.stringify({ processorMs, elapsedMs }));
}
process.exit(0);
