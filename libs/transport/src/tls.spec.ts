import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dial } from './dial.js';
import { RecordingServer } from './testing.js';
import { TestAuthority } from './testing-certificates.js';
import type { CertificateWish } from './testing-certificates.js';
import type { TlsOptions } from './tls-files.js';

const handlers = { onPacket: () => undefined };

let authority: TestAuthority;
let stranger: TestAuthority;
let own: TlsOptions;
let worker: TlsOptions;

beforeAll(async () => {
  authority = await TestAuthority.create();
  stranger = await TestAuthority.create('CA of somebody else');
  own = await authority.options({ commonName: 'server' });
  const wish = { commonName: 'host-b', isClientOnly: true };
  worker = await authority.options(wish);
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
  await stranger[Symbol.asyncDispose]();
});

/** A server that requires certificates, or does not. */
function serve(tls: TlsOptions = own, isMutual = true) {
  const ca = isMutual ? tls.ca : undefined;
  return RecordingServer.start({ tls: { ...tls, ca }, token: 'to-ken' });
}

/** What comes of dialling. */
function dialling(url: string, tls?: TlsOptions) {
  return dial({ url, tls, handlers, token: 'to-ken', timeoutMs: 5000 });
}

/** A TLS connection that is none of ours. */
async function strangeTls(port: number, options: ConnectionOptions) {
  const { ca, cert, key } = worker;
  const host = '127.0.0.1';
  const socket = connectTls({ host, port, ca, cert, key, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** Asks for an upgrade and gives the answer's first line. */
async function upgradeOver(socket: TLSSocket): Promise<string> {
  socket.write(
    'GET /muster HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n' +
      'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n` +
      'Sec-WebSocket-Protocol: muster.4\r\nAuthorization: Bearer to-ken\r\n\r\n',
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString().split('\r\n', 1)[0]!;
}

describe('mutual TLS', () => {
  it('carries packets both ways, and says whose certificate it was', async () => {
    await using server = await serve();
    expect(server.url).toMatch(/^wss:\/\/127\.0\.0\.1:\d+$/);
    await using near = await dialling(server.url, worker);
    const far = await server.connections.next();
    expect(far.certificate).toEqual({
      ...{ names: ['host-b'], isOwn: false, isServer: false },
    });
    expect(near.certificate).toBeUndefined();
    near.send({ message: { type: 'heartbeat', sequence: 7 } });
    const { message } = await server.packets.next();
    expect(message).toEqual({ type: 'heartbeat', sequence: 7 });
  });

  it("knows the server's own certificate", async () => {
    await using server = await serve();
    await using near = await dialling(server.url, own);
    expect(near.remote).toBe(server.url);
    const { certificate } = await server.connections.next();
    expect(certificate).toEqual({
      ...{ names: ['server'], isOwn: true, isServer: true },
    });
  });

  it('still asks for the token', async () => {
    await using server = await serve();
    const { url } = server;
    await expect(
      dial({ url, tls: worker, handlers, token: 'wrong' }),
    ).rejects.toMatchObject({ code: 'ERR_UNAUTHORIZED' });
  });

  it('refuses who has no certificate, and says what to give', async () => {
    await using server = await serve();
    await expect(dialling(server.url, authority.trust)).rejects.toMatchObject({
      code: 'ERR_TLS',
      message: `${server.url} refused the connection: certificate missing: this server requires one of each peer (--tls-cert, --tls-key)`,
      retryable: false,
    });
    expect(await server.refusals.next()).toMatchObject({ code: 'ERR_TLS' });
    expect(server.connections.length).toBe(0);
  });

  it.each<[string, CertificateWish, RegExp]>([
    [
      'has expired',
      { commonName: 'late', fromDays: -3, toDays: -1 },
      /the peer's certificate has expired: .* \(--tls-cert\)$/,
    ],
    [
      'is not valid yet',
      { commonName: 'early', fromDays: 1, toDays: 3 },
      /the peer's certificate is not valid yet: .* \(--tls-cert\)$/,
    ],
  ])('refuses a certificate that %s', async (_, wish, message) => {
    await using server = await serve();
    const tls = await authority.options(wish);
    await expect(dialling(server.url, tls)).rejects.toMatchObject({
      code: 'ERR_TLS',
      message: expect.stringMatching(message) as string,
    });
    expect(server.connections.length).toBe(0);
  });

  it('refuses a certificate of another CA', async () => {
    await using server = await serve();
    const tls = await stranger.options({ commonName: 'host-b' }, authority.ca);
    await expect(dialling(server.url, tls)).rejects.toMatchObject({
      code: 'ERR_TLS',
      message: expect.stringMatching(
        /the peer's certificate is signed by a CA that is not known here \(--tls-cert, or --tls-ca at the server\)$/,
      ) as string,
    });
  });

  it('lets nobody in by a session of a connection without a certificate', async () => {
    await using server = await serve();
    const bare = { cert: undefined, key: undefined };
    const first = await strangeTls(server.port, bare);
    const sessions: Buffer[] = [];
    first.on('session', (session: Buffer) => sessions.push(session));
    expect(await upgradeOver(first)).toBe('HTTP/1.1 403 Forbidden');
    await once(first, 'close');
    for (const session of sessions) {
      const again = await strangeTls(server.port, { ...bare, session });
      expect(await upgradeOver(again)).toBe('HTTP/1.1 403 Forbidden');
      again.destroy();
    }
    expect(server.connections.length).toBe(0);
  });

  it('answers whoever has a certificate and speaks HTTP', async () => {
    await using server = await serve();
    const socket = await strangeTls(server.port, {});
    expect(await upgradeOver(socket)).toBe('HTTP/1.1 101 Switching Protocols');
    expect(socket.getCipher()).toMatchObject({
      name: 'TLS_AES_128_GCM_SHA256',
      version: 'TLSv1.3',
    });
    socket.destroy();
  });

  it('speaks no TLS 1.2', async () => {
    await using server = await serve();
    const old = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
    await expect(strangeTls(server.port, old)).rejects.toThrow(/protocol/i);
    expect(await server.refusals.next()).toMatchObject({
      code: 'ERR_TLS',
      message: expect.stringContaining('UNSUPPORTED_PROTOCOL') as string,
    });
  });
});

describe('TLS without client certificates', () => {
  it('lets in whoever has the token, and knows no names', async () => {
    await using server = await serve(own, false);
    await using near = await dialling(server.url, authority.trust);
    expect(near.bufferedBytes).toBe(0);
    expect((await server.connections.next()).certificate).toBeUndefined();
  });
});

describe('a client', () => {
  it.each<[string, CertificateWish, RegExp]>([
    [
      'is for another host',
      { commonName: 'server', ipAddresses: ['10.1.2.3'], dnsNames: ['s.lan'] },
      /^the certificate of wss:\S+ is for another host: .*DNS:s\.lan, IP Address:10\.1\.2\.3 \(--server, or --tls-cert at the server\)$/,
    ],
    [
      'has expired',
      { commonName: 'server', fromDays: -3, toDays: -1 },
      /^the certificate of wss:\S+ has expired: .* \(--tls-cert at the server\)$/,
    ],
    [
      'is not valid yet',
      { commonName: 'server', fromDays: 1, toDays: 3 },
      /^the certificate of wss:\S+ is not valid yet: .* \(--tls-cert at the server\)$/,
    ],
    [
      'is for clients only',
      { commonName: 'server', isClientOnly: true },
      /^the certificate of wss:\S+ is not for this purpose/,
    ],
  ])('refuses a server whose certificate %s', async (_, wish, message) => {
    await using server = await serve(await authority.options(wish));
    await expect(dialling(server.url, worker)).rejects.toMatchObject({
      code: 'ERR_TLS',
      message: expect.stringMatching(message) as string,
      retryable: false,
    });
    expect(server.connections.length).toBe(0);
  });

  it.each([
    ['another CA', () => stranger.trust],
    ["the system's CAs", () => undefined],
  ])('refuses a server that is unknown to %s', async (_, tls) => {
    await using server = await serve();
    await expect(dialling(server.url, tls())).rejects.toMatchObject({
      code: 'ERR_TLS',
      message: expect.stringMatching(
        /^the certificate of wss:\S+ is signed by a CA that is not known here \(--tls-ca\)$/,
      ) as string,
    });
  });

  it('finds a server by a name of its certificate', async () => {
    const wish = { commonName: 's', ipAddresses: [], dnsNames: ['localhost'] };
    await using server = await serve(await authority.options(wish));
    const url = `wss://localhost:${server.port}`;
    await using near = await dialling(url, worker);
    expect(near.remote).toBe(url);
  });

  it('says that a server speaks TLS', async () => {
    await using server = await serve();
    const url = server.url.replace('wss:', 'ws:');
    await expect(dialling(url)).rejects.toMatchObject({
      code: 'ERR_TLS',
      message: `${url} refused the connection: this server speaks TLS: expected wss://, got ws:// (--server)`,
    });
    expect(await server.refusals.next()).toMatchObject({ code: 'ERR_TLS' });
  });

  it('says that a server speaks no TLS', async () => {
    await using server = await RecordingServer.start();
    const url = server.url.replace('ws:', 'wss:');
    await expect(dialling(url, worker)).rejects.toMatchObject({
      code: 'ERR_TLS',
      message: `${url} does not speak TLS: expected ws://, or --tls-cert and --tls-key at the server (--server)`,
    });
  });

  it('does not speak in the clear when it was given a CA', async () => {
    await using server = await RecordingServer.start();
    const { url } = server;
    await expect(dialling(url, authority.trust)).rejects.toMatchObject({
      code: 'ERR_TLS',
      message: `${url} is not encrypted: expected wss:// with --tls-ca or --tls-cert (--server)`,
    });
    expect(server.connections.length).toBe(0);
  });
});

describe('a door with TLS', () => {
  it('needs a certificate', async () => {
    const tls = authority.trust;
    await expect(RecordingServer.start({ tls })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining('--tls-cert') as string,
    });
  });

  it.each<[string, (port: number) => Socket]>([
    ['nothing', (port) => connectTcp(port, '127.0.0.1')],
    [
      'the beginning of a handshake',
      (port) => {
        const socket = connectTcp(port, '127.0.0.1');
        socket.write(Buffer.from('1603010200', 'hex'));
        return socket;
      },
    ],
  ])('hangs up on who says %s', async (_, start) => {
    await using server = await RecordingServer.start({
      tls: own,
      limits: { handshakeTimeoutMs: 40 },
    });
    const socket = start(server.port).resume();
    socket.on('error', () => undefined);
    await once(socket, 'close');
    expect(server.connections.length).toBe(0);
  });

  it('closes while handshakes are going on', async () => {
    const server = await RecordingServer.start({
      tls: own,
      limits: { handshakeTimeoutMs: 60_000 },
    });
    const socket = connectTcp(server.port, '127.0.0.1').resume();
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    await using near = await dialling(server.url, worker);
    const closed = once(socket, 'close');
    await server.close();
    await closed;
    await near.closed;
  });
});
