/**
 * One process that besieges a server: a number of idle connections and a
 * number of slow ones, each of which comes back when it was cut off. Ends
 * when it is told to, and says what it did.
 *
 * usage: siege.js PORT IDLE SLOW [TOKEN_FILE]
 *
 * Without a token, all are sockets in their handshake: idle ones say nothing,
 * slow ones send their request a byte at a time. With one, idle ones have
 * passed the door and say nothing more, and half of the slow ones send a
 * frame a byte at a time.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { PROTOCOL_VERSION } from '@muster/protocol';

/** Whoever was cut off comes back after this time. */
const BACK_MS = 5000;
/** They do not come all at once in the beginning. */
const SPREAD_MS = 2000;
/** A slow one sends a byte this often. */
const DRIP_MS = 500;
/** Connections of one address of loopback. */
const PER_ADDRESS = 200;

const [port, numIdle, numSlow] = process.argv.slice(2, 5).map(Number) as [
  number,
  number,
  number,
];
const tokenFile = process.argv[5];
const token =
  tokenFile === undefined ? undefined : readFileSync(tokenFile, 'utf8').trim();

const request = [
  'GET /muster HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
  `Sec-WebSocket-Protocol: muster.${PROTOCOL_VERSION}`,
  ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
  '\r\n',
].join('\r\n');
/** The head of a frame that claims 10,000 bytes, masked with zeros. */
const frameHead = Buffer.from('82fe271000000000', 'hex');

type Kind = 'idle' | 'slow request' | 'slow frame';

const told = { opened: 0, cut: 0, most: 0, cpuSeconds: 0 };
let numOpen = 0;

function besiege(kind: Kind, index: number): void {
  const localAddress = `127.0.1.${1 + Math.floor(index / PER_ADDRESS)}`;
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  let timer: NodeJS.Timeout | undefined;
  let isOpen = false;
  socket.on('error', () => undefined);
  socket.once('connect', () => {
    isOpen = true;
    told.opened += 1;
    told.most = Math.max(told.most, ++numOpen);
    if (kind === 'slow request') timer = drip(request);
    else if (token !== undefined) socket.write(request);
  });
  // what comes is read and forgotten
  socket.once('data', () => {
    if (kind !== 'slow frame') return;
    socket.write(frameHead);
    timer ??= drip('x'.repeat(10_000));
  });
  socket.on('data', () => undefined);
  socket.once('close', () => {
    clearInterval(timer);
    if (isOpen) {
      numOpen -= 1;
      told.cut += 1;
    }
    setTimeout(() => besiege(kind, index), BACK_MS);
  });

  function drip(text: string): NodeJS.Timeout {
    let at = 0;
    return setInterval(() => socket.write(text.charAt(at++)), DRIP_MS);
  }
}

for (let index = 0; index < numIdle + numSlow; index++) {
  const isFrame = token !== undefined && index % 2 === 1;
  const slow = isFrame ? 'slow frame' : 'slow request';
  const kind = index < numIdle ? 'idle' : slow;
  setTimeout(() => besiege(kind, index), Math.random() * SPREAD_MS);
}

process.once('SIGTERM', () => {
  const { user, system } = process.cpuUsage();
  told.cpuSeconds = (user + system) / 1e6;
  process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0));
});
