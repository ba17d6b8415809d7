import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createHttpServer } from './http-server.js';
import { listenerLimits } from './limits.js';

const LIMITS = listenerLimits({
  ...{ handshakeTimeoutMs: 1234, slowWindowMs: 500 },
  ...{ maxRequestHeaders: 7, maxRequestBytes: 1000 },
});
const nobody = () => undefined;

describe('createHttpServer', () => {
  it.each([
    ['headersTimeout', 1234],
    ['requestTimeout', 1234],
    ['keepAliveTimeout', 1234],
    ['maxHeadersCount', 7],
    // three windows of 500 ms
    ['timeout', 1500],
  ] as const)('has a limit for %s', (name, value) => {
    expect(createHttpServer(LIMITS, undefined, nobody)[name]).toBe(value);
  });

  it.each([
    // 1000 bytes are the head's most
    [600, 'HTTP/1.1 200 OK'],
    [1000, 'HTTP/1.1 431 Request Header Fields Too Large'],
  ])('answers a head with %i bytes in a header by %s', async (bytes, line) => {
    const server = createHttpServer(LIMITS, undefined, nobody);
    server.on('request', (_, response) => response.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1' });
    const header = `x: ${'y'.repeat(bytes)}\r\nConnection: close\r\n`;
    socket.write(`GET / HTTP/1.1\r\nHost: h\r\n${header}\r\n`);
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    await once(socket, 'close');
    server.close();
    expect(answer.split('\r\n')[0]).toBe(line);
  });

  it('speaks no TLS without a certificate', () => {
    const none = { cert: undefined, key: undefined, fingerprint: undefined };
    const tls = { ...none, ca: 'a CA', names: [] };
    expect(() => createHttpServer(LIMITS, tls, nobody)).toThrow(
      'a server with --tls-ca needs a certificate of its own',
    );
  });
});
