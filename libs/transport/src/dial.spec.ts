import { createHash } from 'node:crypto';
import { getEventListeners, once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { dial } from './dial.js';
import { RecordingServer, deadUrl, onFreePort } from './testing.js';

const handlers = { onPacket: () => undefined };

/** The server's half of the opening handshake (RFC 6455, 4.2.2). */
async function acceptUpgrade(socket: Socket): Promise<void> {
  const [request] = (await once(socket, 'data')) as [Buffer];
  const key = /^sec-websocket-key: (.*)$/im.exec(request.toString())![1]!;
  const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  const accept = createHash('sha1')
    .update(key.trim() + guid)
    .digest('base64');
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n' +
      'Connection: Upgrade\r\nSec-WebSocket-Protocol: muster.4\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
}

describe('dial', () => {
  it('passes with the token', async () => {
    await using server = await RecordingServer.start({ token: 'to-ken=' });
    await using near = await dial({
      url: server.url,
      token: 'to-ken=',
      handlers,
    });
    expect(await server.connections.next()).toBeDefined();
    expect(near.bufferedBytes).toBe(0);
  });

  it.each([
    ['another', 'wrong'],
    [undefined, 'missing'],
  ])('says how to give a token (given: %s)', async (token, problem) => {
    await using server = await RecordingServer.start({ token: 'secret' });
    const { url } = server;
    await expect(dial({ url, token, handlers })).rejects.toMatchObject({
      code: 'ERR_UNAUTHORIZED',
      message: `${url} refused the connection: token ${problem}: expected the token that the server was started with (--token-file or MUSTER_TOKEN_FILE)`,
    });
  });

  it('says that nobody listens, and where', async () => {
    const url = await deadUrl();
    await expect(dial({ url, handlers })).rejects.toMatchObject({
      code: 'ERR_SERVER_UNREACHABLE',
      message: `no parameter server at ${url}: ECONNREFUSED (--server)`,
      retryable: true,
    });
  });

  it.each([
    ['ws://host.invalid:1', /ENOTFOUND|EAI_AGAIN/],
    ['ws+unix:/nowhere/server.sock', /ENOENT/],
  ])('says that %s is not there', async (url, why) => {
    await expect(dial({ url, handlers })).rejects.toMatchObject({
      code: 'ERR_SERVER_UNREACHABLE',
      message: expect.stringMatching(why) as string,
    });
  });

  it('names both versions when they differ', async () => {
    await using server = await onFreePort(
      createHttpServer((_, response) => response.end()).on(
        'upgrade',
        (_, socket) => {
          const body = JSON.stringify({ message: "it is 'muster.9' here" });
          socket.end(`HTTP/1.1 426 x\r\nConnection: close\r\n\r\n${body}`);
        },
      ),
    );
    const { url } = server;
    await expect(dial({ url, handlers })).rejects.toMatchObject({
      code: 'ERR_PROTOCOL_VERSION',
      message: `${url} refused the connection: it is 'muster.9' here; this side speaks 'muster.4'`,
    });
  });

  it('refuses a WebSocket server that is none of ours', async () => {
    const http = createHttpServer();
    const stranger = new WebSocketServer({
      server: http,
      handleProtocols: () => false,
    });
    await using server = await onFreePort(http);
    const { url } = server;
    await expect(dial({ url, handlers })).rejects.toMatchObject({
      code: 'ERR_PROTOCOL_VERSION',
      message: `${url} speaks another protocol: expected 'muster.4', got none`,
    });
    stranger.close();
  });

  it.each([
    ['a page', 200, '<html>', 'HTTP status 200, no reason given'],
    ['a body of megabytes', 404, 'x'.repeat(3e6), 'HTTP status 404, no reason'],
    ['strange text', 500, '{"message":"\\u001b[31m\\n"}', '500, ?[31m? (--'],
  ])('says what answered instead (%s)', async (_, status, body, expected) => {
    await using server = await onFreePort(
      createHttpServer((_request, response) => {
        response.writeHead(status).end(body);
      }),
    );
    const { url } = server;
    await expect(dial({ url, handlers })).rejects.toMatchObject({
      code: 'ERR_SERVER_UNREACHABLE',
      message: expect.stringContaining(expected) as string,
    });
  });

  it('gives up on a server that accepts and then is silent', async () => {
    await using server = await onFreePort(createServer());
    const { url } = server;
    await expect(dial({ url, handlers, timeoutMs: 30 })).rejects.toMatchObject({
      code: 'ERR_REQUEST_TIMEOUT',
      message: `no answer from ${url} within 30 ms (timeoutMs)`,
    });
  });

  it('gives up on a refusal whose body never ends', async () => {
    await using server = await onFreePort(
      createHttpServer((_, response) => {
        response.writeHead(401).write('{');
      }),
    );
    const { url } = server;
    await expect(dial({ url, handlers, timeoutMs: 30 })).rejects.toMatchObject({
      code: 'ERR_REQUEST_TIMEOUT',
    });
  });

  it('ends half open with the reason of the signal', async () => {
    await using server = await onFreePort(createServer());
    const { url } = server;
    const abort = new AbortController();
    const attempt = dial({ url, handlers, signal: abort.signal });
    const [socket] = (await once(server.server, 'connection')) as [Socket];
    socket.on('error', () => undefined).resume();
    abort.abort(new Error('enough'));
    await expect(attempt).rejects.toThrow('enough');
    await once(socket, 'close');
  });

  it.each([
    ['auto', true],
    ['always', true],
    ['never', false],
  ] as const)('masks with zeros on loopback: %s', async (zeroMask, isZero) => {
    await using server = await onFreePort(createServer());
    const accepted = once(server.server, 'connection');
    const dialled = dial({ url: server.url, handlers, zeroMask });
    const [socket] = (await accepted) as [Socket];
    await acceptUpgrade(socket);
    const near = await dialled;
    near.send({ message: { type: 'heartbeat', sequence: 1 } });
    const [frame] = (await once(socket, 'data')) as [Buffer];
    // RFC 6455, 5.2: fin and binary, masked and length, then the mask.
    expect(frame[0]).toBe(0x82);
    expect(frame.subarray(2, 6).equals(Buffer.alloc(4))).toBe(isZero);
    near.terminate();
  });

  it.each(['secret', 'wrong'])(
    'leaves no timer and no listener behind (token: %s)',
    async (token) => {
      await using server = await RecordingServer.start({ token: 'secret' });
      const { signal } = new AbortController();
      const set = vi.spyOn(globalThis, 'setTimeout');
      const cleared = vi.spyOn(globalThis, 'clearTimeout');
      onTestFinished(() => void vi.restoreAllMocks());
      const timeoutMs = 12_345;
      const options = { url: server.url, token, handlers, signal, timeoutMs };
      await Promise.allSettled([dial(options)]);
      const ours = set.mock.calls.findIndex(([, ms]) => ms === timeoutMs);
      expect(cleared).toHaveBeenCalledWith(set.mock.results[ours]!.value);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    },
  );

  it('does not begin when the signal is aborted', async () => {
    await using server = await RecordingServer.start();
    const signal = AbortSignal.abort(new Error('never'));
    const attempt = dial({ url: server.url, handlers, signal });
    await expect(attempt).rejects.toThrow('never');
    expect(server.connections.length).toBe(0);
  });
});
