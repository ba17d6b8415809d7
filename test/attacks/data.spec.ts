/**
 * Attacks on what is given out by plain requests: the data of a run.
 */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { failOnLeftovers } from '../cluster/muster-process.js';
import type { Training } from '../cluster/training.js';
import { Workbench } from '../cluster/workbench.js';
import { RawSocket } from './raw-socket.js';
import type { Outcome } from './raw-socket.js';
import { DASHBOARD_TOKEN, RIGHT, Target } from './target.js';

failOnLeftovers();

/** A plain request; its end is the end of the connection. */
async function ask(
  port: number,
  path: string,
  ...headers: readonly string[]
): Promise<Outcome> {
  using attacker = await RawSocket.open(port);
  const lines = ['Host: localhost', 'Connection: close', ...headers];
  attacker.send(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  return await attacker.hungUp();
}

const token = `Authorization: ${RIGHT.Authorization}`;

describe('who asks for data', () => {
  const body = 'the data of the run';
  const start = (limits = {}) =>
    Target.start(limits, {
      onRequest: (_, response) => void response.end(body),
    });

  it.each([
    ['without a token', 401, []],
    ['with a wrong one', 401, ['Authorization: Bearer x']],
    [
      'with that of a dashboard',
      403,
      [`Authorization: Bearer ${DASHBOARD_TOKEN}`],
    ],
    ['from a web page', 403, [token, 'Origin: http://evil.example']],
  ] as const)('%s gets none', async (_, status, headers) => {
    await using target = await start();
    const outcome = await ask(target.port, '/data/manifest', ...headers);
    expect(outcome.status).toBe(status);
    expect(outcome.answer).not.toContain(body);
  });

  it('may not guess for long, here and at the upgrade together', async () => {
    await using target = await start({ maxFailedLogins: 2 });
    const guess = 'Authorization: Bearer x';
    for (let i = 0; i < 2; i++) await ask(target.port, '/data/manifest', guess);
    const { status } = await ask(target.port, '/data/manifest', token);
    expect(status).toBe(429);
  });

  it('and does not read it is cut', async () => {
    const closed: Promise<unknown>[] = [];
    await using target = await Target.start(
      { slowWindowMs: 200 },
      {
        onRequest: (request, response) => {
          closed.push(once(request.socket, 'close'));
          // more than the kernel's buffers of both ends hold
          response.end('x'.repeat(30_000_000));
        },
      },
    );
    using attacker = await RawSocket.open(target.port);
    const lines = ['GET /data/manifest HTTP/1.1', 'Host: localhost', token];
    attacker.stopReading().send(`${lines.join('\r\n')}\r\n\r\n`);
    await eventually('the request to be heard', () => closed.length === 1);
    // ends only because the server hangs up: the attacker does nothing
    await closed[0];
  });
});

describe('the data of a real run', () => {
  let bench: Workbench;
  let server: Training;
  let port: number;
  let right: string;
  beforeAll(async () => {
    bench = await Workbench.create();
    server = bench.serve();
    port = Number(new URL(await server.url()).port);
    const files = await server.files();
    right = `Authorization: Bearer ${(await files.text('token')).trim()}`;
  }, 60_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await bench[Symbol.asyncDispose]();
  });

  it('are given to who shows the token', async () => {
    const { status, answer } = await ask(port, '/data/manifest', right);
    expect(status).toBe(200);
    expect(answer).toContain('chunks');
  });

  it.each([
    '/data/../token',
    '/data/../../../../etc/passwd',
    '/data/..%2f..%2f..%2fetc%2fpasswd',
    '/data//etc/passwd',
    '/data/%00',
    `/data/${'0'.repeat(64)}`,
    `/data/${'0'.repeat(4000)}`,
  ])('are all that %s could mean', async (path) => {
    const { status, answer } = await ask(port, path, right);
    expect(status).toBe(404);
    expect(answer).not.toMatch(/root:|Bearer/);
  });
});
