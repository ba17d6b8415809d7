import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startHealthServer } from './health-server.js';
import type {
  HealthServer,
  HealthServerOptions,
  Readiness,
} from './health-server.js';
import { createRegistry } from './registry.js';
import type { RouteRequest } from './request-check.js';

const registry = createRegistry();
let server: HealthServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(
  ready: () => Readiness = () => training,
  host?: string,
  more: Partial<HealthServerOptions> = {},
) {
  server = await startHealthServer({
    host: host ?? '127.0.0.1',
    port: 0,
    registry,
    ready,
    ...more,
  });
  return server;
}

/** Status and body of a GET with headers that `fetch` does not send. */
async function get(
  port: number,
  path: string,
  headers: Record<string, string>,
): Promise<[status: number | undefined, body: string]> {
  const asked = request({ host: '127.0.0.1', port, path, headers }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return [response.statusCode, body];
}

const training = { ready: true, reason: 'training' };

describe('startHealthServer', () => {
  it('serves the exposition text with its content type', async () => {
    const { url, port } = await start();
    expect(url).toBe(`http://127.0.0.1:${port}`);
    const response = await fetch(`${url}/metrics?x=1`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(
      'text/plain; version=0.0.4; charset=utf-8',
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toMatch(/^process_cpu_seconds_total /m);
  });

  it('is alive as long as it answers', async () => {
    const { url } = await start(() => ({ ready: false, reason: 'starting' }));
    const response = await fetch(`${url}/healthz`);
    expect([response.status, await response.text()]).toEqual([200, 'alive\n']);
  });

  it('asks anew at each /readyz whether the process is ready', async () => {
    let state: Readiness = { ready: false, reason: 'waiting for a worker' };
    const { url } = await start(() => state);
    const before = await fetch(`${url}/readyz`);
    expect(before.headers.get('connection')).toBe('close');
    expect([before.status, await before.text()]).toEqual([
      503,
      'not ready: waiting for a worker\n',
    ]);
    state = training;
    const after = await fetch(`${url}/readyz`);
    expect([after.status, await after.text()]).toEqual([
      200,
      'ready: training\n',
    ]);
  });

  it('answers HEAD as GET, without the body', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/healthz`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('6');
    expect(await response.text()).toBe('');
  });

  it('answers 405 to other methods and 404 to other paths', async () => {
    const { url } = await start();
    const post = await fetch(`${url}/metrics`, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([
      405,
      'GET, HEAD',
    ]);
    const paths = ['/', '/metrics/', '/metricsx'];
    const answers = await Promise.all(paths.map((path) => fetch(url + path)));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });

  it('answers further routes, which hear who asks', async () => {
    const heard: RouteRequest[] = [];
    const { url } = await start(undefined, undefined, {
      routes: {
        '/sd': (request) => {
          heard.push(request);
          return { status: 200, type: 'application/json', body: '[]' };
        },
      },
    });
    const answer = await fetch(`${url}/sd`);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect([answer.status, await answer.text()]).toEqual([200, '[]']);
    const [localAddress, remoteAddress] = ['127.0.0.1', '127.0.0.1'];
    expect(heard).toEqual([{ localAddress, remoteAddress }]);
    // what every object has is no route
    const other = await fetch(`${url}/toString`);
    expect([other.status, await other.text()]).toEqual([
      404,
      'try /metrics, /sd, /healthz or /readyz\n',
    ]);
  });

  it('answers 500 and lives on when a callback throws', async () => {
    let calls = 0;
    const { url } = await start(() => {
      if (calls++ === 0) throw new Error('secret detail');
      return training;
    });
    const broken = await fetch(`${url}/readyz`);
    expect(broken.status).toBe(500);
    expect(await broken.text()).not.toContain('secret detail');
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it('names the address and the setting when the port is taken', async () => {
    const { port } = await start();
    const second = startHealthServer({
      host: '127.0.0.1',
      port,
      registry,
      ready: () => training,
    });
    await expect(second).rejects.toMatchObject({
      name: 'TelemetryError',
      code: 'ERR_PORT_IN_USE',
      message: `cannot serve metrics on 127.0.0.1:${port}: another process listens there; choose another port with --metrics-listen (0 takes a free one)`,
    });
  });

  it('says why it cannot listen on an address', async () => {
    // 192.0.2.0/24 is set aside for documentation (RFC 5737): nobody has it.
    await expect(start(() => training, '192.0.2.1')).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message:
        'cannot serve metrics on 192.0.2.1:0: EADDRNOTAVAIL; choose another address with --metrics-listen',
    });
  });

  it('closes at once, also with a connection that says nothing', async () => {
    const health = await start();
    const { port } = health;
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const isClosed = once(socket, 'close');
    await Promise.all([health.close(), health.close()]);
    await isClosed;
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });
});

describe('who may ask', () => {
  it('refuses a name that is not listed, on every path', async () => {
    const { port } = await start(undefined, undefined, { hosts: ['ours.de'] });
    for (const path of ['/metrics', '/healthz', '/readyz', '/other']) {
      const answer = await get(port, path, { host: `evil.example:${port}` });
      expect(answer).toEqual([
        421,
        `this is no server of 'evil.example:${port}': expected an address, localhost, or a name of --metrics-hosts\n`,
      ]);
    }
    for (const host of ['ours.de', `localhost:${port}`, '10.1.2.3']) {
      expect((await get(port, '/healthz', { host }))[0]).toBe(200);
    }
  });

  it('refuses the page of another site, and answers its own', async () => {
    const { port } = await start();
    const origin = 'http://evil.example';
    expect(await get(port, '/metrics', { origin })).toEqual([
      403,
      "a page of 'evil.example' may not read this: expected no Origin header\n",
    ]);
    const host = `localhost:${port}`;
    const own = await get(port, '/healthz', { host, origin: `http://${host}` });
    expect(own[0]).toBe(200);
  });

  it.each([
    ['missing', 401],
    ['wrong', 401],
    ['other-role', 403],
    ['blocked', 429],
    ['ok', 200],
  ] as const)(
    'lets a login that is %s end with %i',
    async (verdict, status) => {
      const heard: (string | undefined)[][] = [];
      const { port } = await start(undefined, undefined, {
        login: (...header) => {
          heard.push(header);
          return verdict;
        },
        routes: { '/sd': () => ({ status: 200, body: '[]' }) },
      });
      const authorization = 'Bearer t';
      expect((await get(port, '/metrics', { authorization }))[0]).toBe(status);
      expect(heard).toEqual([['Bearer t', '127.0.0.1']]);
      expect((await get(port, '/sd', { authorization }))[0]).toBe(status);
      expect(heard.splice(1)).toHaveLength(1);
      // whether it lives is for everybody
      expect((await get(port, '/healthz', {}))[0]).toBe(200);
      expect((await get(port, '/readyz', {}))[0]).toBe(200);
      expect(heard).toHaveLength(1);
    },
  );
});
