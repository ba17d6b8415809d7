import { once } from 'node:events';
import { link, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrame, type Packet } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { dial } from './dial.js';
import { listen } from './listen.js';
import { Recorder, RecordingServer, strangeClient } from './testing.js';

const heartbeat: Packet = { message: { type: 'heartbeat', sequence: 1 } };

const handlers = { onPacket: () => undefined };

/** Sends raw bytes to a server and gives all it answers until it hangs up. */
async function rawExchange(port: number, request: string): Promise<string> {
  const socket = connectTcp({ port, host: '127.0.0.1' });
  socket.write(request);
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk)));
  await once(socket, 'close');
  return answer;
}

/** An upgrade request with some headers changed; undefined leaves one out. */
function upgradeRequest(
  changed: Record<string, string | undefined> = {},
  path = '/muster',
): string {
  const headers = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
    'Sec-WebSocket-Protocol': 'muster.4',
    ...changed,
  };
  const lines = Object.entries(headers)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value ?? ''}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A folder that is gone when the test is over. */
async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'muster-'));
  const remove = () => rm(path, { recursive: true });
  return { path, [Symbol.asyncDispose]: remove };
}

/** Makes a socket file whose listener is gone without unlinking it. */
async function leaveSocketBehind(path: string): Promise<void> {
  const server = createServer().listen(`${path}.live`);
  await once(server, 'listening');
  await link(`${path}.live`, path);
  server.close(); // unlinks the first name only
  await once(server, 'close');
}

describe('the door', () => {
  it.each([
    [{ Origin: 'http://localhost' }, 403, 'ERR_UNAUTHORIZED', 'Origin'],
    [{ Authorization: undefined }, 401, 'ERR_UNAUTHORIZED', 'token missing'],
    [{ Authorization: 'Bearer s3cre' }, 401, 'ERR_UNAUTHORIZED', 'token wrong'],
    [{ Authorization: 'Bearer s3cret2' }, 401, 'ERR_UNAUTHORIZED', 'wrong'],
    [{ Authorization: 'Basic s3cret' }, 401, 'ERR_UNAUTHORIZED', 'missing'],
    [
      { 'Sec-WebSocket-Protocol': 'muster.1, other' },
      426,
      'ERR_PROTOCOL_VERSION',
      "speaks 'muster.4', the peer offers 'muster.1, other'",
    ],
    [
      { 'Sec-WebSocket-Protocol': undefined },
      426,
      'ERR_PROTOCOL_VERSION',
      'offers no version',
    ],
  ])('refuses %j with %i', async (changed, status, code, text) => {
    await using server = await RecordingServer.start({ token: 's3cret' });
    const request = { Authorization: 'Bearer s3cret', ...changed };
    const answer = await rawExchange(server.port, upgradeRequest(request));
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const body = JSON.parse(answer.split('\r\n\r\n')[1]!) as object;
    expect(body).toMatchObject({ code });
    expect(body).toHaveProperty('message', expect.stringContaining(text));
    expect(await server.refusals.next()).toMatchObject({ code });
    expect(server.connections.length).toBe(0);
  });

  it('refuses another path', async () => {
    await using server = await RecordingServer.start();
    const request = upgradeRequest({}, '/other');
    expect(await rawExchange(server.port, request)).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('tells plain HTTP what it is', async () => {
    await using server = await RecordingServer.start();
    const response = await fetch(`http://127.0.0.1:${server.port}/`);
    expect(response.status).toBe(426);
    expect(await response.json()).toHaveProperty(
      'message',
      'this port speaks WebSocket: expected an upgrade request',
    );
  });

  it('agrees to the version and to no compression', async () => {
    await using server = await RecordingServer.start({ token: 's3cret' });
    const headers = { Authorization: 'Bearer s3cret' };
    const client = strangeClient(server, headers); // offers deflate
    await once(client, 'open');
    expect(client.protocol).toBe('muster.4');
    expect(client.extensions).toBe('');
    client.terminate();
  });

  it('hangs up on who is too slow to knock', async () => {
    await using server = await RecordingServer.start({
      limits: { handshakeTimeoutMs: 40 },
    });
    const answer = await rawExchange(server.port, 'GET /muster HTTP/1.1\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('hangs up on who says nothing at all', async () => {
    await using server = await RecordingServer.start({
      limits: { handshakeTimeoutMs: 40 },
    });
    expect(await rawExchange(server.port, '')).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it.each([
    ['maxConnections', '--max-connections'],
    ['maxConnectionsPerAddress', '--max-connections-per-address'],
  ] as const)(
    'lets in no more than %s, and again when one has left',
    async (setting, flag) => {
      await using server = await RecordingServer.start({
        limits: { [setting]: 1 },
      });
      const first = await dial({ url: server.url, handlers });
      await expect(dial({ url: server.url, handlers })).rejects.toMatchObject({
        code: 'ERR_SERVER_UNREACHABLE',
        message: expect.stringContaining(`at most 1 (${flag})`) as string,
      });
      const far = await server.connections.next();
      first.close();
      await far.closed;
      const second = await dial({ url: server.url, handlers });
      expect(await server.connections.next()).toBeDefined();
      second.close();
    },
  );
});

describe('listen', () => {
  it('needs nobody to listen to who is refused', async () => {
    await using listener = await listen({
      host: '127.0.0.1',
      port: 0,
      token: 't',
      onConnection: () => handlers,
    });
    const client = strangeClient(listener);
    const [error] = (await once(client, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 401');
  });

  it('gives the free port it took, and its URL', async () => {
    await using server = await RecordingServer.start();
    expect(server.port).toBeGreaterThan(0);
    expect(server.url).toBe(`ws://127.0.0.1:${server.port}`);
  });

  it('gives a loopback URL for a wildcard address', async () => {
    await using server = await RecordingServer.start({ host: '0.0.0.0' });
    expect(server.url).toBe(`ws://127.0.0.1:${server.port}`);
  });

  it('names a port that is in use, and the setting', async () => {
    await using server = await RecordingServer.start();
    const { port } = server;
    await expect(RecordingServer.start({ port })).rejects.toMatchObject({
      code: 'ERR_PORT_IN_USE',
      message: `port ${port} of 127.0.0.1 is in use: expected a free one (--listen)`,
    });
  });

  it('names an address that is not of this machine', async () => {
    // 192.0.2.0/24 belongs to nobody (RFC 5737)
    const host = '192.0.2.1';
    await expect(RecordingServer.start({ host })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: 'cannot listen on port 0 of 192.0.2.1: EADDRNOTAVAIL (--listen)',
    });
  });

  it.each(['', 'two words', 'k\u00f6y', 'a\n'])(
    'refuses the token %j, which no header carries',
    async (token) => {
      await expect(RecordingServer.start({ token })).rejects.toMatchObject({
        code: 'ERR_CONFIG',
      });
    },
  );

  it('closes once, with everything that hangs on it', async () => {
    const server = await RecordingServer.start();
    const idle = connectTcp({ port: server.port, host: '127.0.0.1' });
    idle.on('error', () => undefined);
    await once(idle, 'connect');
    const client = strangeClient(server);
    await once(client, 'open');
    const gone = Promise.all([once(idle, 'close'), once(client, 'close')]);
    await Promise.all([server.close(), server.close()]);
    await gone;
    await server.close();
    await expect(dial({ url: server.url, handlers })).rejects.toMatchObject({
      code: 'ERR_SERVER_UNREACHABLE',
    });
  });
});

describe('a unix socket', () => {
  it('carries packets like a port', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'with space.sock');
    await using server = await RecordingServer.start({ path });
    expect(server.url).toBe(`ws+unix:${path}`);
    const ours = new Recorder();
    const near = await dial({ url: server.url, handlers: ours });
    const far = await server.connections.next();
    expect(far.remote).toBe('unix');
    near.send(heartbeat);
    expect(await server.packets.next()).toEqual(heartbeat);
    far.sendEncoded(encodeFrame(heartbeat));
    expect(await ours.packets.next()).toEqual(heartbeat);
  });

  it('replaces the file that a killed process has left', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'server.sock');
    await leaveSocketBehind(path);
    await using server = await RecordingServer.start({ path });
    const near = await dial({ url: server.url, handlers });
    expect(await server.connections.next()).toBeDefined();
    near.close();
  });

  it('is in use while somebody listens', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'server.sock');
    await using server = await RecordingServer.start({ path });
    await expect(RecordingServer.start({ path })).rejects.toMatchObject({
      code: 'ERR_PORT_IN_USE',
      message: `unix socket ${path} is in use: expected a free one (--listen)`,
    });
    await dial({ url: server.url, handlers });
  });

  it('does not replace a file that is no socket', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'notes.txt');
    await writeFile(path, 'mine');
    await expect(RecordingServer.start({ path })).rejects.toMatchObject({
      code: 'ERR_PORT_IN_USE',
    });
  });
});
