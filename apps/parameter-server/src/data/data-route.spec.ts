import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { createServer, request as ask } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDataset, syntheticDataset, writeDataset } from '@muster/data';
import { dataChunkPath, parseDataManifest } from '@muster/protocol';
import type { MusterError } from '@muster/protocol';
import { DataRoute } from './data-route.js';
import type { DataRouteOptions } from './data-route.js';

const SET = syntheticDataset({
  seed: 1,
  numTrain: 40,
  numTest: 10,
  rows: 8,
  columns: 8,
  numClasses: 3,
});
/** Header and 40 pictures of 64 pixels. */
const TRAIN_IMAGES_BYTES = 16 + 40 * 64;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-route-'));
  await writeDataset(folder, SET);
});
afterEach(() => rm(folder, { recursive: true }));

/** A route behind a port, and what it told. */
async function serve(options: Partial<DataRouteOptions> = {}) {
  const told = { sent: 0, refused: [] as MusterError[] };
  const route = new DataRoute({
    directory: folder,
    fingerprint: SET.fingerprint,
    bytesPerSecond: 1e9,
    onSent: (numBytes) => (told.sent += numBytes),
    onRefused: (error) => void told.refused.push(error),
    ...options,
  });
  const server = createServer(route.answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const dispose = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  const numConnections = () =>
    new Promise<number>((resolve) => {
      server.getConnections((_, count) => resolve(count));
    });
  return { url, told, numConnections, [Symbol.asyncDispose]: dispose };
}

async function manifestAt(url: string) {
  const response = await fetch(`${url}/data/manifest`);
  expect(response.status).toBe(200);
  return parseDataManifest(await response.text());
}

/** The address of the one chunk of the training images. */
async function trainImagesAt(url: string): Promise<string> {
  const { files } = await manifestAt(url);
  return `${url}${dataChunkPath(files[0]?.chunks[0] ?? '')}`;
}

describe('DataRoute', () => {
  it('gives every file of its manifest, each chunk by its hash', async () => {
    await using server = await serve();
    const { files, ...rest } = await manifestAt(server.url);
    expect(rest).toEqual({
      fingerprint: SET.fingerprint,
      chunkBytes: 4 * 1024 * 1024,
    });
    const whole = createHash('sha256');
    let sent = 0;
    for (const { bytes, chunks } of files) {
      const [hash = ''] = chunks;
      const response = await fetch(`${server.url}${dataChunkPath(hash)}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('etag')).toBe(`"${hash}"`);
      expect(response.headers.get('content-length')).toBe(String(bytes));
      expect(response.headers.get('accept-ranges')).toBe('bytes');
      const body = new Uint8Array(await response.arrayBuffer());
      expect(createHash('sha256').update(body).digest('hex')).toBe(hash);
      whole.update(body);
      sent += bytes;
    }
    expect(whole.digest('hex')).toBe(SET.fingerprint);
    expect(server.told).toEqual({ sent, refused: [] });
  });

  it.each([
    ['bytes=2000-', 2000, TRAIN_IMAGES_BYTES],
    ['bytes=10-19', 10, 20],
    ['bytes=-6', TRAIN_IMAGES_BYTES - 6, TRAIN_IMAGES_BYTES],
  ])('gives the range %s', async (range, begin, end) => {
    await using server = await serve();
    const url = await trainImagesAt(server.url);
    const response = await fetch(url, { headers: { Range: range } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(
      `bytes ${begin}-${end - 1}/${TRAIN_IMAGES_BYTES}`,
    );
    const file = await readFile(join(folder, 'train-images-idx3-ubyte'));
    expect(Buffer.from(await response.arrayBuffer())).toEqual(
      file.subarray(begin, end),
    );
    expect(server.told.sent).toBe(end - begin);
  });

  it('refuses a range behind the end', async () => {
    await using server = await serve();
    const url = await trainImagesAt(server.url);
    const headers = { Range: `bytes=${TRAIN_IMAGES_BYTES}-` };
    const response = await fetch(url, { headers });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(
      `bytes */${TRAIN_IMAGES_BYTES}`,
    );
  });

  it('answers HEAD without a body', async () => {
    await using server = await serve();
    const url = await trainImagesAt(server.url);
    for (const one of [url, `${server.url}/data/manifest`]) {
      const response = await fetch(one, { method: 'HEAD' });
      expect(response.status).toBe(200);
      expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
      expect(await response.text()).toBe('');
    }
    expect(server.told.sent).toBe(0);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])(
    'refuses %s',
    async (method) => {
      await using server = await serve();
      const url = `${server.url}/data/manifest`;
      const response = await fetch(url, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, HEAD');
    },
  );

  it.each([
    '/data/',
    `/data/${'0'.repeat(64)}`,
    '/data/manifest/',
    '/data/../../../../etc/passwd',
    '/data/..%2F..%2F..%2Fetc%2Fpasswd',
    '/data/train-images-idx3-ubyte',
    '/etc/passwd',
  ])('has nothing at %s', async (path) => {
    await using server = await serve();
    // fetch would tidy the path up first
    const asked = ask(`${server.url}/`, { path });
    asked.end();
    const [response] = (await once(asked, 'response')) as [
      { statusCode: number; resume(): void },
    ];
    response.resume();
    expect(response.statusCode).toBe(404);
    expect(server.told.sent).toBe(0);
  });

  it("has nothing when its folder's data are not the run's", async () => {
    await using server = await serve({ fingerprint: 'f'.repeat(64) });
    const response = await fetch(`${server.url}/data/manifest`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      code: 'ERR_DATASET_MISMATCH',
      message: `the server's own data have fingerprint ${SET.fingerprint.slice(0, 12)}, its run trains on ffffffffffff (--data)`,
    });
    expect(server.told.refused).toHaveLength(1);
  });

  it('has nothing when its folder is gone, and all when it is back', async () => {
    await using server = await serve();
    await rm(folder, { recursive: true });
    const response = await fetch(`${server.url}/data/manifest`);
    expect(response.status).toBe(404);
    expect(await response.json()).toHaveProperty(
      'message',
      expect.stringMatching(/^the server's own data cannot be read: .*ENOENT/),
    );
    await writeDataset(folder, SET);
    await manifestAt(server.url);
  });

  it('gives nothing out when it is told not to', async () => {
    await using server = await serve({ bytesPerSecond: 0 });
    const response = await fetch(`${server.url}/data/manifest`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('--data-bytes-per-second 0');
  });

  it('cuts an answer whose file has become shorter', async () => {
    await using server = await serve();
    const url = await trainImagesAt(server.url);
    await truncate(join(folder, 'train-images-idx3-ubyte'), 100);
    const response = await fetch(url);
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  it('keeps to its rate over all who download', async () => {
    // 6 times 2576 bytes at 30,000 bytes a second are half a second.
    await using server = await serve({ bytesPerSecond: 30_000 });
    const url = await trainImagesAt(server.url);
    const startMs = performance.now();
    await Promise.all(
      Array.from({ length: 6 }, async () => (await fetch(url)).arrayBuffer()),
    );
    const seconds = (performance.now() - startMs) / 1000;
    expect(server.told.sent).toBe(6 * TRAIN_IMAGES_BYTES);
    // 50 ms are given in advance, and the last piece is not waited for
    expect(seconds).toBeGreaterThan((6 * TRAIN_IMAGES_BYTES) / 30_000 - 0.1);
  });

  it('cuts off a reader that reads nothing', async () => {
    await using server = await serve({
      ...{ directory: undefined, maxSilenceMs: 300 },
      fingerprint: (await loadDataset()).fingerprint,
    });
    const url = await trainImagesAt(server.url);
    const { hostname, port, pathname } = new URL(url);
    // 20 answers of 4 MiB one behind the other: no socket's buffer holds them
    const request = `GET ${pathname} HTTP/1.1\r\nHost: h\r\n\r\n`.repeat(20);
    const reader = connect(Number(port), hostname).pause();
    reader.write(request);
    await expect.poll(() => server.told.sent).toBeGreaterThan(0);
    const isThere = { timeout: 10_000 };
    await expect.poll(() => server.numConnections(), isThere).toBe(0);
    expect(server.told.sent).toBeLessThan(20 * 4 * 1024 * 1024);
    reader.destroy();
  });

  it('tells who comes while 64 download to come again', async () => {
    // a rate at which nobody is done while this test looks
    await using server = await serve({ bytesPerSecond: 64 });
    const url = await trainImagesAt(server.url);
    const abort = new AbortController();
    const { signal } = abort;
    const all = await Promise.all(
      Array.from({ length: 64 }, () => fetch(url, { signal })),
    );
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    const late = await fetch(url);
    expect(late.status).toBe(503);
    expect(late.headers.get('retry-after')).toBe('1');
    expect(await late.json()).toMatchObject({ code: 'ERR_SERVER_UNREACHABLE' });
    abort.abort();
    // who has left makes place
    const again = async (): Promise<number> => {
      const { status } = await fetch(url, { method: 'HEAD' });
      return status === 503 ? again() : status;
    };
    expect(await again()).toBe(200);
  });
});
