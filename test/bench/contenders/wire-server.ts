/**
 * The other end of the wire benchmark: one process that answers over each
 * kind of connection. A push is answered by a short word, and, when it asks
 * for them, by as many bytes as came.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { encodeFrame, float32Payload } from '@muster/protocol';
import type { Packet } from '@muster/protocol';
import { listen } from '@muster/transport';
import type { Connection } from '@muster/transport';
import { WebSocketServer } from 'ws';
import { LENGTH, PUSH_BYTES, certificates } from '../wire-words.js';

const folder = mkdtempSync(join(tmpdir(), 'muster-wire-'));
const values = new Float32Array(LENGTH).fill(0.5);
const bytes = float32Payload(values);

/** Our stack, as a parameter server answers. */
function onPacket({ message }: Packet, connection: Connection): void {
  if (message.type !== 'push') return;
  connection.send({
    message: {
      type: 'push-result',
      ...{ pushId: message.pushId, outcome: 'accepted', version: 1 },
    },
  });
  if (message.taskId === 0) return;
  connection.sendEncoded(
    encodeFrame({
      message: {
        type: 'parameters',
        ...{ term: 1, version: 1, begin: 0, end: LENGTH, dtype: 'float32' },
      },
      payload: bytes,
    }),
  );
}

/** `ws` as its documentation starts it. */
const plain = new WebSocketServer({ host: '127.0.0.1', port: 0 });
plain.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    socket.send(Buffer.of(1));
    if (data[0] === 1) socket.send(bytes);
  });
});

/** Bytes and nothing else: the first of a push says what is wanted. */
function onRaw(socket: Socket): void {
  socket.setNoDelay(true);
  let received = 0;
  let wantsPull = false;
  socket.on('data', (chunk) => {
    if (received === 0) wantsPull = chunk[0] === 1;
    received += chunk.length;
    if (received < PUSH_BYTES) return;
    received = 0;
    socket.write(Buffer.of(1));
    if (wantsPull) socket.write(bytes);
  });
}

async function raw(address: object): Promise<Server> {
  const server = createServer(onRaw);
  server.listen(address);
  await once(server, 'listening');
  return server;
}

const portOf = (server: { address(): unknown }): number =>
  (server.address() as { port: number }).port;

// contenders take turns, so one may be silent for long
const limits = { firstFrameTimeoutMs: 3_600_000, maxFramesPerSecond: 1e9 };
const handlers = { onConnection: () => ({ onPacket }), limits };
const tcp = await listen({ host: '127.0.0.1', port: 0, ...handlers });
const unix = await listen({ path: join(folder, 'stack.sock'), ...handlers });
const tls = await listen({
  ...{ host: '127.0.0.1', port: 0, tls: certificates() },
  ...handlers,
});
const rawTcp = await raw({ host: '127.0.0.1', port: 0 });
const rawPath = join(folder, 'raw.sock');
await raw({ path: rawPath });
console.log(
  JSON.stringify({
    stackTcp: tcp.url,
    stackUnix: unix.url,
    stackTls: tls.url,
    wsTcp: `ws://127.0.0.1:${portOf(plain)}`,
    rawTcp: portOf(rawTcp),
    rawUnix: rawPath,
  }),
);
process.stdin.resume();
process.stdin.on('end', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
