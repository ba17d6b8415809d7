/**
 * What `muster worker` says when it may not, or cannot, take part; and what a
 * server says to peers of another version or with another network.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticDataset, writeDataset } from '@muster/data';
import { PROTOCOL_VERSION } from '@muster/protocol';
import type { Message, MusterError } from '@muster/protocol';
import { dial } from '@muster/transport';
import { WebSocket } from 'ws';
import { failOnLeftovers, muster } from './muster-process.js';
import { expectPlainError } from './plain-error.js';
import type { Training } from './training.js';
import { Workbench } from './workbench.js';

failOnLeftovers();

let bench: Workbench;
let server: Training;
let url: string;
let token: string;

beforeAll(async () => {
  bench = await Workbench.create();
  // a worker whose own data do not fit would get the run's otherwise
  server = bench.serve({ flags: ['--data-bytes-per-second', '0'] });
  url = await server.url();
  token = (await (await server.files()).text('token')).trim();
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** Runs a worker that fails; `flags` win over what would be right. */
function worker(flags: Readonly<Record<string, string | undefined>>) {
  const right = { '--server': url, '--backend': 'wasm', '--data': bench.data };
  const words = Object.entries({ ...right, ...flags }).flatMap(
    ([flag, value]) => (value === undefined ? [] : [flag, value]),
  );
  return muster(['worker', ...words]);
}

/** What comes of a `join` with these fields instead of the right ones. */
async function join(fields: Partial<Extract<Message, { type: 'join' }>>) {
  const messages: Message[] = [];
  const connection = await dial({
    url,
    token,
    handlers: { onPacket: ({ message }) => messages.push(message) },
  });
  connection.send({
    message: {
      type: 'join',
      protocol: PROTOCOL_VERSION,
      workerId: 'other',
      numerics: 'a'.repeat(64),
      backend: 'wasm',
      ...fields,
    },
  });
  const error: MusterError | undefined = await connection.closed;
  return { messages, error };
}

describe('muster worker', () => {
  it('says that its token is missing', async () => {
    expectPlainError(await worker({}), {
      exitCode: 1,
      code: 'ERR_UNAUTHORIZED',
      message: /token missing.*--token-file/,
    });
  });

  it('says that its token is wrong, and shows none', async () => {
    const file = await bench.write('wrong-token', 'not-the-secret\n');
    const exit = await worker({ '--token-file': file });
    expectPlainError(exit, {
      exitCode: 1,
      code: 'ERR_UNAUTHORIZED',
      message: /token wrong.*--token-file/,
    });
    expect(exit.stderr).not.toContain('not-the-secret');
    expect(exit.stderr).not.toContain(token);
  });

  it.each([
    ['is not there', 'no-token', undefined, /no-token cannot be read/],
    ['is empty', 'empty-token', '', /token not usable: expected 1 to 1024/],
    ['has two words', 'words', 'a b', /token not usable: expected 1 to 1024/],
  ])('says that its token file %s', async (_, name, content, message) => {
    const path = `${bench.path}/${name}`;
    if (content !== undefined) await bench.write(name, content);
    expectPlainError(await worker({ '--token-file': path }), {
      exitCode: 2,
      code: 'ERR_CONFIG',
      message,
    });
  });

  it('says that its data are not those of the run', async () => {
    const size = { rows: 14, columns: 14, numClasses: 4 };
    const other = { seed: 2, numTrain: 600, numTest: 200, ...size };
    await writeDataset(`${bench.path}/other`, syntheticDataset(other));
    const { path } = await server.files();
    const exit = await worker({
      '--token-file': `${path}/token`,
      '--data': `${bench.path}/other`,
    });
    expectPlainError(exit, {
      exitCode: 2,
      code: 'ERR_DATASET_MISMATCH',
      message:
        /\/other has fingerprint \w+, run \S+ trains on 'data' \w+ \(--data\); and from a server: .*--data-bytes-per-second 0/,
    });
  });

  it('says that it needs an address', async () => {
    expectPlainError(await worker({ '--server': undefined }), {
      exitCode: 2,
      code: 'ERR_CONFIG',
      message: /--server.*ws:\/\/HOST:PORT/i,
    });
  });

  it('says that nobody listens at the address', async () => {
    // A minute is the default: the process itself takes a shorter one.
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const env = {
      WORKER_SERVER: `ws://127.0.0.1:${port}`,
      WORKER_BACKEND: 'wasm',
      WORKER_CONNECT_TIMEOUT_MS: '300',
    };
    const exit = await muster([], { entry: 'worker/dist/main.js', env });
    expectPlainError(exit, {
      exitCode: 1,
      code: 'ERR_SERVER_UNREACHABLE',
      message: new RegExp(
        `no parameter server at ws://127.0.0.1:${port}.*ECONNREFUSED.*--server`,
      ),
    });
  });

  it('says that the server speaks another protocol version', async () => {
    const next = `muster.${PROTOCOL_VERSION + 1}`;
    const said = `other protocol version: this server speaks '${next}'`;
    const body = JSON.stringify({
      code: 'ERR_PROTOCOL_VERSION',
      message: said,
    });
    const newer = createServer().on('upgrade', (_, socket) => {
      const length = `Content-Length: ${body.length}`;
      socket.end(`HTTP/1.1 426 Upgrade Required\r\n${length}\r\n\r\n${body}`);
    });
    await once(newer.listen(0, '127.0.0.1'), 'listening');
    const { port } = newer.address() as AddressInfo;
    const exit = await worker({ '--server': `ws://127.0.0.1:${port}` });
    newer.close();
    expectPlainError(exit, {
      exitCode: 1,
      code: 'ERR_PROTOCOL_VERSION',
      message: new RegExp(
        `${said}.*this side speaks 'muster.${PROTOCOL_VERSION}'`,
      ),
    });
  });
});

describe('a server', () => {
  it('refuses a peer that offers another version only', async () => {
    const headers = { Authorization: `Bearer ${token}` };
    const other = `muster.${PROTOCOL_VERSION + 1}`;
    const socket = new WebSocket(`${url}/muster`, [other], { headers });
    socket.on('error', () => undefined);
    const { statusCode } = await new Promise<IncomingMessage>((resolve) => {
      socket.once('unexpected-response', (_, response) => resolve(response));
    });
    socket.terminate();
    expect(statusCode).toBe(426);
  });

  it('refuses a join of another protocol version', async () => {
    const { messages, error } = await join({ protocol: PROTOCOL_VERSION + 1 });
    expect(messages).toMatchObject([
      {
        type: 'refused',
        code: 'ERR_PROTOCOL_VERSION',
        message: `other speaks protocol version ${PROTOCOL_VERSION + 1}, this server ${PROTOCOL_VERSION}: run the same Muster on both machines`,
      },
    ]);
    expect(error?.code).toBe('ERR_PROTOCOL_VERSION');
  });

  it('refuses a join with another network', async () => {
    const { messages, error } = await join({ model: 'f'.repeat(64) });
    expect(messages).toMatchObject([
      {
        type: 'refused',
        code: 'ERR_MODEL_MISMATCH',
        message: expect.stringMatching(
          /^other holds network f{12}, run \S+ trains [0-9a-f]{12}$/,
        ) as string,
      },
    ]);
    expect(error?.code).toBe('ERR_MODEL_MISMATCH');
  });

  it('has told of all this in its log, without a token, and goes on', async () => {
    const files = await server.files();
    const log = await files.log('server');
    const codes = log.map(({ code }) => code).filter((code) => code);
    expect(new Set(codes)).toEqual(
      new Set([
        'ERR_UNAUTHORIZED',
        'ERR_PROTOCOL_VERSION',
        'ERR_MODEL_MISMATCH',
        'ERR_DATASET_MISMATCH', // of its data nothing was given out
      ]),
    );
    expect(JSON.stringify(log)).not.toContain(token);
    expect(await server.metrics()).toContain('muster_step 0');
  });
});
