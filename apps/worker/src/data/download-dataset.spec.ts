import {
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from 'vitest';
import { loadDataset, syntheticDataset, writeDataset } from '@muster/data';
import type { MusterError } from '@muster/protocol';
import { downloadDataset } from './download-dataset.js';
import type { DownloadOptions } from './download-dataset.js';
import { ScriptedDataServer } from './testing.js';

const SET = syntheticDataset({
  seed: 1,
  numTrain: 40,
  numTest: 10,
  rows: 8,
  columns: 8,
  numClasses: 3,
});
/** 2576, 48, 656 and 18 bytes are 6, 1, 2 and 1 chunks. */
const CHUNK_BYTES = 500;
const NUM_CHUNKS = 10;
const NAMES = [
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
];

let data: string;
let cache: string;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'muster-download-'));
  await writeDataset(data, SET);
});
afterAll(() => rm(data, { recursive: true }));
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'muster-cache-'));
});
afterEach(() => rm(cache, { recursive: true }));

const serve = (token?: string) =>
  ScriptedDataServer.start(data, CHUNK_BYTES, token);

/** Downloads, and gives what came and what was tried again. */
async function download(
  servers: readonly { readonly url: string }[],
  options: Partial<DownloadOptions> = {},
) {
  const retries: MusterError[] = [];
  const numBytes = await downloadDataset({
    fingerprint: SET.fingerprint,
    folder: join(cache, 'data'),
    urls: () => servers.map(({ url }) => url),
    readToken: () => Promise.resolve(undefined),
    readTls: () => undefined,
    giveUpAfterMs: 60_000,
    random: () => 0,
    onRetry: (error) => void retries.push(error),
    signal: new AbortController().signal,
    ...options,
  });
  return { numBytes, retries };
}

async function expectWhole(): Promise<void> {
  const folder = join(cache, 'data');
  expect((await loadDataset(folder)).fingerprint).toBe(SET.fingerprint);
  expect((await readdir(folder)).sort()).toEqual(NAMES);
}

describe('downloadDataset', () => {
  it('gets each chunk once, into files with their usual names', async () => {
    await using server = await serve();
    const { numBytes, retries } = await download([server]);
    expect(numBytes).toBe(server.numBytes);
    expect(retries).toEqual([]);
    const hashes = server.asked.map(({ hash }) => hash);
    expect(new Set(hashes).size).toBe(NUM_CHUNKS);
    expect(hashes).toHaveLength(NUM_CHUNKS);
    await expectWhole();
  });

  it('asks for nothing that is there', async () => {
    await using server = await serve();
    await download([server]);
    const again = await download([server]);
    expect(again.numBytes).toBe(0);
    expect(server.asked).toHaveLength(NUM_CHUNKS);
  });

  it('goes on within a chunk after a cut, and counts no byte twice', async () => {
    await using server = await serve();
    server.faults.push(undefined, { type: 'cut', afterBytes: 123 });
    const { numBytes, retries } = await download([server]);
    expect(retries.map(({ code }) => code)).toEqual(['ERR_CONNECTION_LOST']);
    expect(server.asked[2]).toEqual({ ...server.asked[1], begin: 123 });
    expect(server.asked).toHaveLength(NUM_CHUNKS + 1);
    expect(server.numSent).toBe(server.numBytes);
    expect(numBytes).toBe(server.numBytes);
    await expectWhole();
  });

  it('goes on after any number of cuts', async () => {
    await using server = await serve();
    server.always = { type: 'cut', afterBytes: 100 };
    // every chunk but the two short ones is cut at 100, 200, ... bytes, and
    // where the rest is 100 or less the cut comes at its end
    const { numBytes } = await download([server]);
    expect(numBytes).toBe(server.numBytes);
    await expectWhole();
  });

  it('goes on from the chunks on the disk after it was ended', async () => {
    await using server = await serve();
    const abort = new AbortController();
    // five chunks come, the sixth request ends it
    let left = 7;
    server.onRequest = () => {
      if (--left === 0) abort.abort(new Error('stopped'));
      return left === 0;
    };
    const ended = download([server], { signal: abort.signal });
    await expect(ended).rejects.toThrow('stopped');
    server.onRequest = undefined;
    const before = server.numSent;
    expect(before).toBe(5 * CHUNK_BYTES);
    const { numBytes } = await download([server]);
    expect(numBytes).toBe(server.numBytes - before);
    expect(server.asked).toHaveLength(NUM_CHUNKS);
    await expectWhole();
  });

  it('begins a chunk again at a server that knows no ranges', async () => {
    await using server = await serve();
    server.faults.push(
      { type: 'cut', afterBytes: 200 },
      { type: 'ignore-range' },
    );
    const { numBytes } = await download([server]);
    expect(numBytes).toBe(server.numBytes + 200);
    await expectWhole();
  });

  it('gets a chunk again that is damaged on the disk', async () => {
    await using server = await serve();
    server.always = { type: 'status', status: 500 };
    const ended = download([server], { giveUpAfterMs: 0 });
    await expect(ended).rejects.toMatchObject({
      code: 'ERR_SERVER_UNREACHABLE',
    });
    const [part = ''] = await readdir(join(cache, 'data'));
    expect(part).toMatch(/^train-images-idx3-ubyte\.[0-9a-f]{8}\.part$/);
    const right = await readFile(join(data, 'train-images-idx3-ubyte'));
    right[700] = (right[700] ?? 0) ^ 1; // in the second of six chunks
    await writeFile(join(cache, 'data', part), right);
    server.always = undefined;
    server.asked.length = 0;
    await download([server]);
    const [images] = server.manifest.files;
    const asked = server.asked.map(({ hash }) => hash);
    expect(asked).toContain(images?.chunks[1]);
    expect(asked).toHaveLength(NUM_CHUNKS - 5);
    await expectWhole();
  });

  it('refuses a wrong byte, and keeps none of its chunk', async () => {
    await using server = await serve();
    server.faults.push(undefined, { type: 'wrong-byte' });
    await expect(download([server])).rejects.toMatchObject({
      code: 'ERR_DATASET_CORRUPT',
      message: expect.stringMatching(
        /^ws:\S+ sent wrong bytes of train-images: expected a chunk with SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}$/,
      ) as string,
    });
    const [part = ''] = await readdir(join(cache, 'data'));
    const { size } = await stat(join(cache, 'data', part));
    expect(size).toBe(CHUNK_BYTES);
  });

  it('gets from another server what one has wrong', async () => {
    await using bad = await serve();
    await using good = await serve();
    bad.always = { type: 'wrong-byte' };
    const { retries } = await download([bad, good]);
    expect(retries.map(({ code }) => code)).toEqual(['ERR_DATASET_CORRUPT']);
    expect(bad.asked).toHaveLength(1);
    await expectWhole();
  });

  it('goes on at another server where the first one broke off', async () => {
    await using first = await serve();
    await using second = await serve();
    first.faults.push(undefined, { type: 'cut', afterBytes: 77 });
    const { numBytes } = await download([first, second]);
    expect(second.asked[0]).toEqual({ ...first.asked[1], begin: 77 });
    expect(numBytes).toBe(first.numBytes);
    await expectWhole();
  });

  it('asks at addresses that it hears of meanwhile', async () => {
    await using gone = await serve();
    await using heir = await serve();
    gone.always = { type: 'status', status: 503 };
    const known = [gone];
    const { retries } = await download(known, {
      onRetry: () => void (known[1] ??= heir),
    });
    expect(retries).toEqual([]);
    expect(heir.asked).toHaveLength(NUM_CHUNKS);
    await expectWhole();
  });

  it('refuses more bytes than a chunk has', async () => {
    await using server = await serve();
    server.always = { type: 'too-long' };
    await expect(download([server])).rejects.toMatchObject({
      code: 'ERR_MALFORMED_MESSAGE',
    });
  });

  it('refuses a data set that is not the run’s', async () => {
    await using server = await serve();
    const fingerprint = 'f'.repeat(64);
    await expect(download([server], { fingerprint })).rejects.toMatchObject({
      code: 'ERR_DATASET_MISMATCH',
      message: `${server.url} gives out data with fingerprint ${SET.fingerprint.slice(0, 12)}, expected ffffffffffff`,
    });
    expect(server.asked).toEqual([]);
  });

  it('shows its token, and says when that is wrong', async () => {
    await using server = await serve('s3cret');
    await expect(download([server])).rejects.toMatchObject({
      code: 'ERR_UNAUTHORIZED',
    });
    const readToken = () => Promise.resolve('s3cret');
    await download([server], { readToken });
    await expectWhole();
  });

  it('gives up when no byte has come for as long as it was told', async () => {
    await using server = await serve();
    server.always = { type: 'status', status: 503 };
    const ended = download([server], { giveUpAfterMs: 200 });
    await expect(ended).rejects.toMatchObject({
      code: 'ERR_SERVER_UNREACHABLE',
      message: expect.stringMatching(
        /503.*gave up after \d+ ms without data \(--connect-timeout-ms\)$/,
      ) as string,
    });
  });

  it('says that the cache cannot be written', async () => {
    await using server = await serve();
    await writeFile(join(cache, 'file'), '');
    const folder = join(cache, 'file', 'data');
    await expect(download([server], { folder })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringMatching(
        /^cannot keep data from the server in \S+: ENOTDIR \(--cache-dir\)$/,
      ) as string,
    });
  });

  it('says that the disk is full', async () => {
    await using server = await serve();
    const folder = join(cache, 'data');
    server.always = { type: 'status', status: 500 };
    const ended = download([server], { giveUpAfterMs: 0 });
    await expect(ended).rejects.toMatchObject({
      code: 'ERR_SERVER_UNREACHABLE',
    });
    // this device takes no byte: every write to it fails with ENOSPC
    const [part = ''] = await readdir(folder);
    await rm(join(folder, part));
    await symlink('/dev/full', join(folder, part));
    server.always = undefined;
    await expect(download([server])).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining(
        `${part}: no space left on the device (--cache-dir)`,
      ) as string,
    });
  });

  it('shares a cache with others who download at the same time', async () => {
    await using server = await serve();
    // four workers that begin each file at another chunk
    const all = await Promise.all(
      [0, 0.25, 0.5, 0.75].map((start) =>
        download([server], { random: () => start }),
      ),
    );
    expect(all.flatMap(({ retries }) => retries)).toEqual([]);
    await expectWhole();
    // nobody needs more than all of it
    const most = Math.max(...all.map(({ numBytes }) => numBytes));
    expect(most).toBeLessThanOrEqual(server.numBytes);
  });
});
