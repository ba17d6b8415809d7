/**
 * One process that besieges a server: a number of idle connections and a
 * number of slow ones, each of which comes back when it was cut off.
 *
 * usage: siege.js PORT IDLE SLOW TOKEN_FILE
 *
 * It does what it is told by lines on standard input:
 *
 * - `without-token`: all are sockets in their handshake. Idle ones say
 *   nothing, slow ones send their request a byte at a time.
 * - `with-token`: idle ones pass the door and say nothing more; so do half of
 *   the slow ones, which then send a frame a byte at a time.
 * - `peace`: all are closed, and what there was of them is said as JSON.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { PROTOCOL_VERSION } from '@muster/protocol';

/** Whoever was cut off comes back after this time. */
const BACK_MS = 5000;
/** They do not come all at once in the beginning. */
const SPREAD_MS = 2000;
/** A slow one sends a byte this often. */
const DRIP_MS = 500;
/** Connections of one address of loopback. */
const PER_ADDRESS = 200;
/** The head of a frame that claims 10,000 bytes, masked with zeros. */
const FRAME_HEAD = Buffer.from('82fe271000000000', 'hex');

type Kind = 'idle' | 'slow request' | 'slow frame';

const [port, numIdle, numSlow] = process.argv.slice(2, 5).map(Number) as [
  number,
  number,
  number,
];
const token = readFileSync(process.argv[5] ?? '', 'utf8').trim();

function requestOf(hasToken: boolean): string {
  return [
    'GET /muster HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
    `Sec-WebSocket-Protocol: muster.${PROTOCOL_VERSION}`,
    ...(hasToken ? [`Authorization: Bearer ${token}`] : []),
    '\r\n',
  ].join('\r\n');
}

/** All connections of one time of war. */
class Siege {
  readonly told = { opened: 0, cut: 0, most: 0 };
  readonly #hasToken: boolean;
  readonly #request: string;
  readonly #open = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isOver = false;

  constructor(hasToken: boolean) {
    this.#hasToken = hasToken;
    this.#request = requestOf(hasToken);
    for (let index = 0; index < numIdle + numSlow; index++) {
      const slow = hasToken && index % 2 === 1 ? 'slow frame' : 'slow request';
      const kind = index < numIdle ? 'idle' : slow;
      this.#later(Math.random() * SPREAD_MS, kind, index);
    }
  }

  end(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  #later(ms: number, kind: Kind, index: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#come(kind, index);
    }, ms);
    this.#timers.add(timer);
  }

  #come(kind: Kind, index: number): void {
    const localAddress = `127.0.1.${1 + Math.floor(index / PER_ADDRESS)}`;
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    let dripping: NodeJS.Timeout | undefined;
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.once('connect', () => {
      this.told.opened += 1;
      this.told.most = Math.max(this.told.most, this.#open.size);
      if (kind === 'slow request') dripping = drip(socket, this.#request);
      else if (this.#hasToken) socket.write(this.#request);
    });
    socket.once('data', () => {
      if (kind !== 'slow frame') return;
      socket.write(FRAME_HEAD);
      dripping = drip(socket, 'x'.repeat(10_000));
    });
    // what else comes is read and forgotten
    socket.on('data', () => undefined);
    socket.once('close', () => {
      clearInterval(dripping);
      this.#open.delete(socket);
      if (this.#isOver) return;
      this.told.cut += 1;
      this.#later(BACK_MS, kind, index);
    });
  }
}

function drip(socket: Socket, text: string): NodeJS.Timeout {
  let at = 0;
  return setInterval(() => socket.write(text.charAt(at++)), DRIP_MS);
}

let siege: Siege | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'peace') siege = new Siege(line === 'with-token');
  else {
    siege?.end();
    console.log(JSON.stringify(siege?.told));
  }
}
process.exit(0);
