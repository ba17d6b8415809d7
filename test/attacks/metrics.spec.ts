/**
 * Attacks on what a browser can reach: `/metrics`, `/healthz`, `/readyz`.
 */
import { createRegistry, startHealthServer } from '@muster/telemetry';
import type { HealthServer } from '@muster/telemetry';
import { createLogin } from '@muster/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { RawSocket } from './raw-socket.js';
import type { Headers, Outcome } from './raw-socket.js';
import { DASHBOARD_TOKEN, TOKEN } from './target.js';

let server: HealthServer;
beforeAll(async () => {
  const tokens = { worker: TOKEN, dashboard: DASHBOARD_TOKEN };
  server = await startHealthServer({
    ...{ host: '127.0.0.1', port: 0, registry: createRegistry() },
    ready: () => ({ ready: true, reason: 'training' }),
    login: createLogin('dashboard', tokens, { maxFailedLogins: 8 }),
    routes: { '/sd': () => ({ status: 200, body: 'where all are' }) },
  });
});
afterAll(() => server.close());

const RIGHT = { Authorization: `Bearer ${DASHBOARD_TOKEN}` };

/** A plain request; its end is the end of the connection. */
async function ask(
  path: string,
  changed: Headers = {},
  from?: string,
  method = 'GET',
): Promise<Outcome> {
  using attacker = await RawSocket.open(server.port, from);
  const headers: Headers = {
    Host: 'localhost',
    Connection: 'close',
    ...changed,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}: ${one}\r\n`),
  );
  attacker.send(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return await attacker.hungUp();
}

describe('a web page', () => {
  it.each([
    'evil.example',
    'evil.example:9090',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'localhost@evil.example',
    'server',
    '',
  ])('whose name %j was bound to this address reads nothing', async (Host) => {
    for (const path of ['/metrics', '/sd', '/healthz', '/readyz']) {
      const { status, answer } = await ask(path, { ...RIGHT, Host });
      expect(status).toBe(421);
      expect(answer).not.toMatch(/process_cpu|where|alive|training/);
    }
  });

  it('of another origin reads nothing', async () => {
    const Origin = 'http://evil.example';
    expect((await ask('/metrics', { ...RIGHT, Origin })).status).toBe(403);
  });

  it('is given nothing to embed or to guess the kind of', async () => {
    const { answer } = await ask('/healthz');
    expect(answer).toMatch(/\r\nx-content-type-options: nosniff\r\n/i);
    expect(answer).not.toMatch(/access-control-allow/i);
  });
});

describe('who asks for /metrics', () => {
  it('without a token, or with a wrong one, reads nothing', async () => {
    const { status, answer } = await ask('/metrics', {}, '127.0.0.5');
    expect(status).toBe(401);
    expect(answer).toMatch(/\r\nwww-authenticate: Bearer\r\n/i);
    const Authorization = 'Bearer guess';
    const guess = await ask('/metrics', { Authorization }, '127.0.0.5');
    expect(guess.status).toBe(401);
    expect(guess.answer).not.toContain('process_cpu');
    const list = await ask('/sd', {}, '127.0.0.5');
    expect([list.status, list.answer]).toEqual([
      401,
      expect.not.stringContaining('where') as string,
    ]);
  });

  it('with the token of a worker reads nothing', async () => {
    const Authorization = `Bearer ${TOKEN}`;
    const { status, answer } = await ask('/metrics', { Authorization });
    expect(status).toBe(403);
    expect(answer).toContain('--metrics-token-file');
  });

  it('with that of a dashboard reads them', async () => {
    const { status, answer } = await ask('/metrics', RIGHT);
    expect(status).toBe(200);
    expect(answer).toContain('process_cpu_seconds_total');
  });

  it('may not guess for long', async () => {
    const from = '127.0.0.6';
    for (let i = 0; i < 8; i++) {
      const guess = { Authorization: `Bearer ${i}` };
      expect((await ask('/metrics', guess, from)).status).toBe(401);
    }
    expect((await ask('/metrics', RIGHT, from)).status).toBe(429);
    expect((await ask('/metrics', RIGHT)).status).toBe(200);
    // an engine asks whether it lives, and has no token
    expect((await ask('/healthz', {}, from)).status).toBe(200);
  });
});

describe('a request', () => {
  it.each([
    ['POST', 405],
    ['DELETE', 405],
    ['TRACE', 405],
  ])('by %s is answered by %i', async (method, status) => {
    expect((await ask('/metrics', RIGHT, undefined, method)).status).toBe(
      status,
    );
  });

  it.each(['/', '/metrics/../../etc/passwd', '//metrics', '/%6detrics'])(
    'for %s finds nothing',
    async (path) => {
      expect((await ask(path, RIGHT)).status).toBe(404);
    },
  );

  it('with 9 KB of headers is not read', async () => {
    const filler = { 'X-Filler': 'x'.repeat(9000) };
    expect((await ask('/metrics', filler)).status).toBe(431);
  });

  it('that never ends is cut off', async () => {
    using attacker = await RawSocket.open(server.port);
    attacker.send('GET /metrics HTTP/1.1\r\nHost: localhost\r\n');
    attacker.drip(Array<string>(500).fill('X: x\r\n'), 50);
    const { status, tookMs } = await attacker.hungUp();
    expect(status).toBe(408);
    expect(tookMs).toBeLessThan(10_000);
  });
});

describe('a flood of silent sockets', () => {
  it('does not keep an engine from asking whether it lives', async () => {
    const flood = await Promise.all(
      Array.from({ length: 300 }, () => RawSocket.open(server.port)),
    );
    expect((await ask('/healthz')).status).toBe(200);
    await eventually(
      'the oldest to go',
      () => flood.filter(({ isClosed }) => !isClosed).length <= 128 && true,
    );
    for (const one of flood) one[Symbol.dispose]();
  });
});
