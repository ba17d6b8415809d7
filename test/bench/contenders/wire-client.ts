/**
 * The calling end of the wire benchmark. A question is where the other end
 * listens, an answer the milliseconds of every exchange by connection.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { float32Payload } from '@muster/protocol';
import type { Packet } from '@muster/protocol';
import { dial } from '@muster/transport';
import { WebSocket } from 'ws';
import { LENGTH, PUSH_BYTES, certificates } from '../wire-words.js';
import type { Addresses, WireTimes } from '../wire-words.js';

const ROUNDS = 60;
const WARM_UP = 20;

/** Sends a gradient; resolves when it is answered, with a pull if asked. */
type Exchange = (wantsPull: boolean) => Promise<void>;

async function run(at: Addresses): Promise<WireTimes> {
  const closers: (() => void)[] = [];
  const exchanges = new Map<string, Exchange>([
    ['stack, shared memory', await overStack(at.stackTcp, closers, 'auto')],
    ['stack, unix socket', await overStack(at.stackUnix, closers)],
    ['stack, TCP', await overStack(at.stackTcp, closers)],
    ['stack, mutual TLS', await overStack(at.stackTls, closers)],
    ['ws defaults, TCP', await overWs(at.wsTcp, closers)],
    ['plain unix socket', await overSocket(connect(at.rawUnix), closers)],
    ['plain TCP', await overSocket(connect(at.rawTcp, '127.0.0.1'), closers)],
  ]);
  const push = await measure(exchanges, false);
  const both = await measure(exchanges, true);
  for (const close of closers) close();
  return { push: Object.fromEntries(push), both: Object.fromEntries(both) };
}

async function measure(
  exchanges: ReadonlyMap<string, Exchange>,
  wantsPull: boolean,
): Promise<Map<string, number[]>> {
  const times = new Map(
    [...exchanges.keys()].map((key) => [key, [] as number[]]),
  );
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [name, exchange] of exchanges) {
      const start = performance.now();
      await exchange(wantsPull);
      if (round >= 0) times.get(name)?.push(performance.now() - start);
    }
  }
  return times;
}

/** Calls back once for each expected event. */
function waiter() {
  let left = 0;
  let done = (): void => undefined;
  return {
    wait: (count: number): Promise<void> => {
      left = count;
      return new Promise((resolve) => (done = resolve));
    },
    tell: (): void => {
      if (--left === 0) done();
    },
  };
}

async function overStack(
  url: string,
  closers: (() => void)[],
  sharedMemory: 'auto' | 'never' = 'never',
): Promise<Exchange> {
  const { wait, tell } = waiter();
  const handlers = { onPacket: tell };
  const tls = url.startsWith('wss:') ? certificates() : undefined;
  const connection = await dial({ url, tls, handlers, sharedMemory });
  closers.push(() => connection.terminate());
  const gradient = new Float32Array(LENGTH).fill(0.25);
  let pushId = 0;
  return (wantsPull) => {
    const answered = wait(wantsPull ? 2 : 1);
    const packet: Packet = {
      message: {
        ...{ type: 'push', pushId: pushId++, taskId: wantsPull ? 1 : 0 },
        ...{ step: 0, firstLeaf: 0, numLeaves: 1, count: 64, term: 1 },
        ...{ bases: [0], lossSum: 1, correct: 1, begin: 0, end: LENGTH },
        phases: { wait: 0, data: 0, compute: 0, encode: 0, push: 0, pull: 0 },
        dtype: 'float32',
      },
      payload: float32Payload(gradient),
    };
    connection.send(packet);
    return answered;
  };
}

async function overWs(url: string, closers: (() => void)[]): Promise<Exchange> {
  const { wait, tell } = waiter();
  const socket = new WebSocket(url);
  await once(socket, 'open');
  socket.on('message', tell);
  closers.push(() => socket.terminate());
  const gradient = new Uint8Array(PUSH_BYTES);
  return (wantsPull) => {
    const answered = wait(wantsPull ? 2 : 1);
    gradient[0] = wantsPull ? 1 : 0;
    socket.send(gradient);
    return answered;
  };
}

async function overSocket(
  socket: Socket,
  closers: (() => void)[],
): Promise<Exchange> {
  await once(socket, 'connect');
  socket.setNoDelay(true);
  closers.push(() => socket.destroy());
  let left = 0;
  let done = (): void => undefined;
  socket.on('data', (chunk) => {
    left -= chunk.length;
    if (left === 0) done();
  });
  const gradient = new Uint8Array(PUSH_BYTES);
  return (wantsPull) => {
    left = wantsPull ? 1 + PUSH_BYTES : 1;
    gradient[0] = wantsPull ? 1 : 0;
    const answered = new Promise<void>((resolve) => (done = resolve));
    socket.write(gradient);
    return answered;
  };
}

console.log('{"ready":true}');
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await run(JSON.parse(line) as Addresses)));
}
