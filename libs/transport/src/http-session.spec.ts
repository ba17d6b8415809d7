import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dial } from './dial.js';
import { HttpSession } from './http-session.js';
import type { HttpAnswer } from './http-session.js';
import { listen } from './listen.js';
import { deadUrl, onFreePort, RecordingServer } from './testing.js';

const TEXT = 'one, two, three';

/** Answers with a text, or a range of it. */
function answerText(request: IncomingMessage, response: ServerResponse): void {
  const begin = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
  const body = TEXT.slice(begin > 0 ? begin : 0);
  response.writeHead(begin > 0 ? 206 : 200, {
    'Content-Length': body.length,
    ...(begin > 0 && { 'Content-Range': `bytes ${begin}-14/15` }),
  });
  response.end(body);
}

async function textOf({ body }: HttpAnswer): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** A plain server that does as it is told. */
function strangeServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) {
  return onFreePort(createServer(answer));
}

describe('a plain request at the door', () => {
  const start = (token?: string) =>
    RecordingServer.start({ token, onRequest: answerText });

  it('is answered below /data/ with the right token', async () => {
    await using server = await start('s3cret');
    using session = new HttpSession({ url: server.url, token: 's3cret' });
    const answer = await session.get('/data/x');
    expect(answer).toMatchObject({ begin: 0, length: 15 });
    expect(await textOf(answer)).toBe(TEXT);
  });

  it('is answered from where it asks, on the same connection', async () => {
    const sockets = new Set<Socket>();
    await using server = await RecordingServer.start({
      onRequest: (request, response) => {
        sockets.add(request.socket);
        answerText(request, response);
      },
    });
    using session = new HttpSession({ url: server.url });
    expect(await textOf(await session.get('/data/x'))).toBe(TEXT);
    const rest = await session.get('/data/x', 5);
    expect(rest).toMatchObject({ begin: 5, length: 10 });
    expect(await textOf(rest)).toBe('two, three');
    expect(sockets.size).toBe(1);
  });

  it.each([
    ['missing', undefined],
    ['wrong', 's3cre'],
  ])('is refused with a token that is %s', async (what, token) => {
    await using server = await start('s3cret');
    using session = new HttpSession({ url: server.url, token });
    await expect(session.get('/data/x')).rejects.toMatchObject({
      code: 'ERR_UNAUTHORIZED',
      message: expect.stringContaining(`token ${what}`) as string,
    });
    expect(await server.refusals.next()).toMatchObject({
      code: 'ERR_UNAUTHORIZED',
    });
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    const url = server.url.replace('ws:', 'http:');
    const response = await fetch(`${url}/data/x`, { headers });
    expect(response.status).toBe(401);
  });

  it('is refused from a web page, token or not', async () => {
    await using server = await start('s3cret');
    const response = await fetch(`http://127.0.0.1:${server.port}/data/x`, {
      headers: { Origin: 'http://localhost', Authorization: 'Bearer s3cret' },
    });
    expect(response.status).toBe(403);
  });

  it.each(['/', '/muster', '/data', '/dat/a', '//data/x'])(
    'is told to upgrade at %s, token or not',
    async (path) => {
      await using server = await start('s3cret');
      for (const headers of [{}, { Authorization: 'Bearer s3cret' }]) {
        const url = `http://127.0.0.1:${server.port}${path}`;
        const response = await fetch(url, { headers });
        expect(response.status).toBe(426);
        expect(response.headers.get('upgrade')).toBe('websocket');
      }
    },
  );

  it('is told to upgrade where nobody answers', async () => {
    await using server = await RecordingServer.start();
    const response = await fetch(`http://127.0.0.1:${server.port}/data/x`);
    expect(response.status).toBe(426);
  });

  it('does not keep a listener from closing', async () => {
    const server = await RecordingServer.start({
      onRequest: (_, response) => void response.writeHead(200).write('...'),
    });
    using session = new HttpSession({ url: server.url });
    const answer = await session.get('/data/x');
    await server.close();
    await expect(textOf(answer)).rejects.toMatchObject({
      code: 'ERR_CONNECTION_LOST',
    });
  });

  it('goes through a unix socket, beside WebSockets', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'muster-'));
    await using listener = await listen({
      path: join(folder, 's'),
      onRequest: answerText,
      onConnection: () => ({ onPacket: () => undefined }),
    });
    const handlers = { onPacket: () => undefined };
    const connection = await dial({ url: listener.url, handlers });
    using session = new HttpSession({ url: listener.url });
    expect(await textOf(await session.get('/data/x'))).toBe(TEXT);
    connection.terminate();
    await rm(folder, { recursive: true });
  });
});

describe('HttpSession', () => {
  it('says that nobody listens', async () => {
    const url = await deadUrl();
    using session = new HttpSession({ url });
    await expect(session.get('/data/x')).rejects.toMatchObject({
      code: 'ERR_SERVER_UNREACHABLE',
      message: `no parameter server at ${url}: ECONNREFUSED (--server)`,
    });
  });

  it('gives the code and the reason of a refusal', async () => {
    const said = { code: 'ERR_DATASET_MISMATCH', message: 'not \u001b[1mhere' };
    await using server = await strangeServer((_, response) => {
      response.writeHead(404).end(JSON.stringify(said));
    });
    using session = new HttpSession({ url: server.url });
    await expect(session.get('/data/x')).rejects.toMatchObject({
      code: 'ERR_DATASET_MISMATCH',
      message: `no /data/x at ${server.url}: not ?[1mhere`,
    });
  });

  it.each(['', 'null', '[]', '{"code":"ERR_OWN"}', '"text"'])(
    'makes do with the body %j of a refusal',
    async (body) => {
      await using server = await strangeServer((_, response) => {
        response.writeHead(500).end(body);
      });
      using session = new HttpSession({ url: server.url });
      await expect(session.get('/data/x')).rejects.toMatchObject({
        code: 'ERR_SERVER_UNREACHABLE',
        message: expect.stringContaining('500, no reason given') as string,
      });
    },
  );

  it.each([
    ['before its answer', false],
    ['within its answer', true],
  ])('gives up on a server that falls silent %s', async (_, begins) => {
    await using server = await strangeServer((_request, response) => {
      if (begins) response.writeHead(200, { 'Content-Length': 9 }).write('1');
    });
    using session = new HttpSession({ url: server.url, timeoutMs: 100 });
    const answer = session.get('/data/x').then(textOf);
    await expect(answer).rejects.toMatchObject({
      code: 'ERR_REQUEST_TIMEOUT',
      message: `no answer from ${server.url} within 100 ms (timeoutMs)`,
    });
  });

  it('says that an answer broke off', async () => {
    await using server = await strangeServer((_, response) => {
      response.writeHead(200, { 'Content-Length': 9 });
      response.write('1', () => response.destroy());
    });
    using session = new HttpSession({ url: server.url });
    await expect(session.get('/data/x').then(textOf)).rejects.toMatchObject({
      code: 'ERR_CONNECTION_LOST',
    });
  });

  it.each([
    ['before its answer', false],
    ['within its answer', true],
  ])('ends with the reason of the signal %s', async (_, begins) => {
    const abort = new AbortController();
    const server = createServer((_request, response) => {
      if (begins) response.writeHead(200).write('1');
      else abort.abort(new Error('enough'));
    });
    await using free = await onFreePort(server);
    const { signal } = abort;
    using session = new HttpSession({ url: free.url, signal });
    const read = async () => {
      const answer = await session.get('/data/x');
      abort.abort(new Error('enough'));
      return textOf(answer);
    };
    await expect(read()).rejects.toThrow('enough');
    await expect(session.get('/data/x')).rejects.toThrow('enough');
  });

  it('ends its connection when it is disposed of', async () => {
    await using server = await strangeServer((_, response) => {
      response.end('1');
    });
    const connected = once(server.server, 'connection');
    using session = new HttpSession({ url: server.url });
    await textOf(await session.get('/data/x'));
    const [socket] = (await connected) as [Socket];
    const closed = once(socket, 'close');
    session[Symbol.dispose]();
    await closed;
  });

  it('refuses a token that no header can carry', () => {
    const make = () => new HttpSession({ url: 'ws://h:1', token: 'a b' });
    expect(make).toThrow(/token not usable/);
  });
});
