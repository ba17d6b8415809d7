/**
 * Attacks on the live page's server.
 */
import { pageFiles, startDashboard } from '@muster/dashboard';
import type { Dashboard } from '@muster/dashboard';
import {
  SCRIPTED_FACTS,
  scriptedPoints,
  scriptedRun,
  scriptedState,
  ScriptedFeed,
} from '@muster/dashboard/testing';
import { createLogger } from '@muster/telemetry';
import { createLogin } from '@muster/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { RawSocket } from './raw-socket.js';
import type { Headers, Outcome } from './raw-socket.js';
import { DASHBOARD_TOKEN, TOKEN } from './target.js';

const feed = new ScriptedFeed(scriptedRun(120));
let dashboard: Dashboard;
beforeAll(async () => {
  const tokens = { worker: TOKEN, dashboard: DASHBOARD_TOKEN };
  dashboard = await startDashboard({
    ...{ host: '127.0.0.1', port: 0, feed, files: pageFiles() },
    log: createLogger({ name: 'test', level: 'error', destination: 'stderr' }),
    login: createLogin('dashboard', tokens, { maxFailedLogins: 8 }),
  });
});
afterAll(() => dashboard.close());

const RIGHT = { Authorization: `Bearer ${DASHBOARD_TOKEN}` };
/** Of an event with 200 points: seven numbers each. */
const LEAST_BYTES = 200 * 7 * 2;
const API = ['/api/events', '/api/classify'];

function request(
  path: string,
  changed: Headers = {},
  method = 'GET',
  body = '',
): string {
  const headers: Headers = {
    Host: 'localhost',
    Connection: 'close',
    ...changed,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}: ${one}\r\n`),
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

async function ask(
  ...[path, headers, method, body]: Parameters<typeof request>
): Promise<Outcome> {
  using attacker = await RawSocket.open(dashboard.port);
  attacker.send(request(path, headers, method, body));
  return await attacker.hungUp();
}

describe('a web page of somebody else', () => {
  it.each(['evil.example', '127.0.0.1.evil.example', ''])(
    'whose name %j was bound to this address sees nothing',
    async (Host) => {
      for (const path of ['/', ...API]) {
        const { status, answer } = await ask(path, { ...RIGHT, Host });
        expect(status).toBe(421);
        expect(answer).not.toContain(SCRIPTED_FACTS.runId);
      }
    },
  );

  it('of another origin, or that embeds it, reads nothing', async () => {
    const Origin = 'http://evil.example';
    const embeds = { 'Sec-Fetch-Site': 'cross-site' };
    for (const path of API) {
      expect((await ask(path, { ...RIGHT, Origin })).status).toBe(403);
      expect((await ask(path, { ...RIGHT, ...embeds })).status).toBe(403);
    }
  });

  it('is allowed nothing by any answer', async () => {
    for (const path of ['/', '/nothing', '/api/nothing', ...API]) {
      const { answer } = await ask(path);
      expect(answer).not.toMatch(/access-control-allow/i);
      expect(answer).toMatch(/frame-ancestors 'none'/);
      expect(answer).toMatch(/x-content-type-options: nosniff/i);
    }
  });
});

describe('who has no token, or another', () => {
  it.each(API)('reads nothing of %s', async (path) => {
    const { status, answer } = await ask(path);
    expect(status).toBe(401);
    expect(answer).not.toContain(SCRIPTED_FACTS.runId);
    const Authorization = `Bearer ${TOKEN}`;
    expect((await ask(path, { Authorization })).status).toBe(403);
  });

  it('may not show it where it would be logged', async () => {
    const path = `/api/events?token=${DASHBOARD_TOKEN}`;
    expect((await ask(path)).status).toBe(401);
  });
});

describe('a path', () => {
  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '//etc/passwd',
    '/index.html/../../package.json',
    '/src/feed.ts',
    '/__proto__',
    '/constructor',
  ])('%s leads nowhere', async (path) => {
    const { status, answer } = await ask(path, RIGHT);
    expect(status).toBe(404);
    expect(answer).not.toMatch(/root:|"name":/);
  });
});

describe('a body', () => {
  const OCTETS = { ...RIGHT, 'Content-Type': 'application/octet-stream' };

  it.each([
    ['that is said to be huge', { 'Content-Length': '99999999999' }, 413],
    ['of no said length', { 'Transfer-Encoding': 'chunked' }, 400],
    ['of two lengths', { 'Content-Length': ['784', '9'] }, 400],
    ['of a length that is no number', { 'Content-Length': '-1' }, 400],
  ])('%s is not read', async (_, headers, status) => {
    const answer = await ask(
      '/api/classify',
      { ...OCTETS, ...headers },
      'POST',
    );
    expect(answer.status).toBe(status);
    expect(feed.asked).toEqual([]);
  });

  it('that never comes is given up, and leaves room for others', async () => {
    const headers = { ...OCTETS, 'Content-Length': '784' };
    const dawdlers = await Promise.all(
      [1, 2].map(async () => {
        const attacker = await RawSocket.open(dashboard.port);
        attacker.send(request('/api/classify', headers, 'POST', 'half'));
        return attacker;
      }),
    );
    for (const one of dawdlers) {
      expect((await one.hungUp()).tookMs).toBeLessThan(20_000);
    }
    const image = 'x'.repeat(784);
    expect((await ask('/api/classify', headers, 'POST', image)).status).toBe(
      200,
    );
  });
});

describe('a page that reads nothing', () => {
  it('is cut off, and the others hear everything', async () => {
    using slow = await RawSocket.open(dashboard.port);
    slow.send(request('/api/events', RIGHT));
    await slow.answered(/event: state/);
    slow.stopReading();
    using quick = await RawSocket.open(dashboard.port);
    quick.send(request('/api/events', RIGHT));
    await quick.answered(/event: state/);
    const points = scriptedPoints(121, 320);
    while (dashboard.numPages > 1) {
      const before = quick.answer.length;
      for (let i = 0; i < 10; i++) feed.emit(points);
      await eventually(
        'the quick one to read on',
        () => quick.answer.length >= before + 10 * LEAST_BYTES,
      );
    }
    feed.emit(scriptedState(400));
    await quick.answered(/"phase":"ended"/);
    expect(slow.answer).not.toContain('"phase":"ended"');
    await slow.hungUp();
  });
});

describe('a flood of silent sockets', () => {
  it('ends no open page', async () => {
    using page = await RawSocket.open(dashboard.port);
    page.send(request('/api/events', RIGHT));
    await page.answered(/event: run/);
    const flood = await Promise.all(
      Array.from({ length: 300 }, () => RawSocket.open(dashboard.port)),
    );
    await eventually(
      'the oldest to go',
      () => flood.filter(({ isClosed }) => !isClosed).length <= 128 && true,
    );
    expect(page.isClosed).toBe(false);
    for (const one of flood) one[Symbol.dispose]();
  });
});
