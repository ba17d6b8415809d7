/**
 * Attacks on the door: requests that must not become a WebSocket. Each is
 * answered by a status, costs no connection, and leaves the server serving.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawSocket, upgradeRequest } from './raw-socket.js';
import type { Headers } from './raw-socket.js';
import { DASHBOARD_TOKEN, RIGHT, TOKEN, Target } from './target.js';

let target: Target;
beforeAll(async () => {
  target = await Target.start({ maxFailedLogins: 1000 });
});
afterAll(() => target[Symbol.asyncDispose]());

/** Sends a request and gives the status that the server hangs up with. */
async function statusOf(request: string | Uint8Array): Promise<number> {
  using attacker = await RawSocket.open(target.port);
  const { status } = await attacker.send(request).hungUp();
  expect(target.connections.size).toBe(0);
  expect(await target.serves()).toBe(true);
  return status;
}

describe('a token', () => {
  it.each<[string, Headers]>([
    ['is missing', {}],
    ['is wrong', { Authorization: 'Bearer guess' }],
    ['is the right one but for its end', { Authorization: `Bearer ${TOKEN}x` }],
    ['is a part of it', { Authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['is sent by another scheme', { Authorization: `Basic ${TOKEN}` }],
    ['is sent as a cookie', { Cookie: `token=${TOKEN}` }],
    ['is empty', { Authorization: 'Bearer ' }],
    ['is 6 KB long', { Authorization: `Bearer ${'x'.repeat(6000)}` }],
    [
      'comes after a wrong one',
      { Authorization: ['Bearer x', RIGHT.Authorization] },
    ],
  ])('that %s lets nobody in', async (_, headers) => {
    expect(await statusOf(upgradeRequest(headers))).toBe(401);
  });

  it('in the address lets nobody in: addresses are logged', async () => {
    const path = `/muster?token=${TOKEN}`;
    expect(await statusOf(upgradeRequest({}, path))).toBe(401);
  });

  it('of a dashboard does not admit a worker', async () => {
    const headers = { Authorization: `Bearer ${DASHBOARD_TOKEN}` };
    expect(await statusOf(upgradeRequest(headers))).toBe(403);
    expect(target.refusals.at(-1)?.message).toBe(
      'token of another role: expected a token for workers',
    );
  });
});

describe('a web page', () => {
  it.each(['http://localhost', 'https://evil.example', 'null'])(
    'of origin %s does not get in, even with the token',
    async (Origin) => {
      expect(await statusOf(upgradeRequest({ ...RIGHT, Origin }))).toBe(403);
    },
  );
});

describe('a request', () => {
  it.each<[string, number, string | Uint8Array]>([
    ['for another path', 404, upgradeRequest(RIGHT, '/admin')],
    ['for a path beside', 404, upgradeRequest(RIGHT, '/muster/../etc/passwd')],
    ['by POST', 405, upgradeRequest(RIGHT, '/muster', 'POST')],
    [
      'of another version of WebSocket',
      400,
      upgradeRequest({ ...RIGHT, 'Sec-WebSocket-Version': '7' }),
    ],
    [
      'with a key that is none',
      400,
      upgradeRequest({ ...RIGHT, 'Sec-WebSocket-Key': 'short' }),
    ],
    [
      'of another protocol version',
      426,
      upgradeRequest({ ...RIGHT, 'Sec-WebSocket-Protocol': 'muster.0' }),
    ],
    [
      'with 9 KB of headers',
      431,
      upgradeRequest({ ...RIGHT, 'X-Filler': 'x'.repeat(9000) }),
    ],
    [
      'with 2,000 headers',
      431,
      upgradeRequest({ ...RIGHT, 'X-Many': Array<string>(2000).fill('') }),
    ],
    [
      'with two lengths, to smuggle another',
      400,
      upgradeRequest({
        ...RIGHT,
        'Content-Length': '5',
        'Transfer-Encoding': 'chunked',
      }),
    ],
    ['with a zero byte', 400, upgradeRequest({ ...RIGHT, 'X-Zero': 'a\0b' })],
    ['that is no HTTP', 400, Buffer.alloc(512, 0xff)],
    ['that begins TLS', 400, Buffer.from('16030100c8010000c40303', 'hex')],
    [
      'that is no upgrade',
      426,
      'GET /muster HTTP/1.1\r\nHost: localhost\r\n\r\n',
    ],
  ])('%s is answered by %i', async (_, status, bytes) => {
    expect(await statusOf(bytes)).toBe(status);
  });
});

describe('a refusal', () => {
  it('costs no more than the request: no token, no stack, no version', async () => {
    using attacker = await RawSocket.open(target.port);
    const { answer } = await attacker.send(upgradeRequest()).hungUp();
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head.split('\r\n').map((line) => line.split(':')[0])).toEqual([
      'HTTP/1.1 401 Unauthorized',
      'Connection',
      'Content-Type',
      'Content-Length',
    ]);
    expect(Object.keys(JSON.parse(body) as object)).toEqual([
      'code',
      'message',
    ]);
    expect(answer).not.toContain(TOKEN);
  });
});
