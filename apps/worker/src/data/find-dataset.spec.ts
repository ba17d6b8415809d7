import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDataset, syntheticDataset, writeDataset } from '@muster/data';
import { MusterError } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';
import { cacheFolderOf } from './cache-folder.js';
import { findDataset } from './find-dataset.js';
import type { DataSources } from './find-dataset.js';

const SIZE = { numTrain: 6, numTest: 3, rows: 4, columns: 4, numClasses: 2 };
const SET = syntheticDataset({ seed: 1, ...SIZE });
const OTHER = syntheticDataset({ seed: 2, ...SIZE });

let folder: string;
let downloads: number;
let notices: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-find-'));
  downloads = 0;
  notices = [];
});
afterEach(() => rm(folder, { recursive: true }));

const cacheOf = () => join(folder, 'cache');

/** What of a run's definition is looked at. */
function runOn(fingerprint: string): RunDefinition {
  const dataset = { name: 'small', fingerprint };
  return { runId: 'run-1', dataset } as unknown as RunDefinition;
}

function find(sources: Partial<DataSources>, fingerprint = SET.fingerprint) {
  return findDataset(runOn(fingerprint), {
    directory: undefined,
    cache: cacheOf(),
    download: async () => {
      downloads++;
      // as the real one, it leaves alone what is there
      const there = await readdir(cacheOf()).catch(() => []);
      if (there.length === 0) await writeDataset(cacheOf(), SET);
    },
    onNotice: (text) => void notices.push(text),
    ...sources,
  });
}

async function damage(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

describe('findDataset', () => {
  it('takes local files that fit', async () => {
    const directory = join(folder, 'own');
    await writeDataset(directory, SET);
    expect(await find({ directory })).toHaveProperty('directory', directory);
    expect(downloads).toBe(0);
  });

  it('takes the MNIST package where the run is on MNIST', async () => {
    const { fingerprint, directory } = await loadDataset();
    const found = await find({}, fingerprint);
    expect(found.directory).toBe(directory);
    expect(downloads).toBe(0);
  });

  it('takes the cache before it asks a server', async () => {
    await writeDataset(cacheOf(), SET);
    expect(await find({})).toHaveProperty('directory', cacheOf());
    expect(downloads).toBe(0);
  });

  it.each([
    ['are other data', OTHER],
    ['are not there', undefined],
  ])('downloads when local files %s, and says so', async (_, local) => {
    const directory = join(folder, 'own');
    if (local) await writeDataset(directory, local);
    const found = await find({ directory });
    expect(found).toMatchObject({
      directory: cacheOf(),
      fingerprint: SET.fingerprint,
    });
    expect(downloads).toBe(1);
    expect(notices).toEqual([expect.stringContaining(directory)]);
  });

  it('downloads without local files, and says nothing', async () => {
    await find({});
    expect([downloads, notices]).toEqual([1, []]);
  });

  it('gets all again when the cache is damaged', async () => {
    await writeDataset(cacheOf(), SET);
    await damage(join(cacheOf(), 'train-images-idx3-ubyte'));
    const found = await find({});
    expect(found.fingerprint).toBe(SET.fingerprint);
    expect(downloads).toBe(2);
    expect(notices).toEqual([
      expect.stringMatching(/^the cached data are damaged: /),
    ]);
  });

  it("refuses, and keeps nothing, when what comes is not the run's", async () => {
    const download = () => writeDataset(cacheOf(), OTHER);
    await expect(find({ download })).rejects.toMatchObject({
      code: 'ERR_DATASET_CORRUPT',
      message: expect.stringMatching(
        /^what the server gives out is not the run's data: .*fingerprint/,
      ) as string,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says what is wrong with the local files when no server has any', async () => {
    const directory = join(folder, 'own');
    await writeDataset(directory, OTHER);
    const none = new MusterError('ERR_DATASET_MISMATCH', 'none here');
    const download = () => Promise.reject(none);
    await expect(find({ directory, download })).rejects.toMatchObject({
      code: 'ERR_DATASET_MISMATCH',
      message: `the data in ${directory} has fingerprint ${OTHER.fingerprint.slice(0, 12)}, run run-1 trains on 'small' ${SET.fingerprint.slice(0, 12)} (--data); and from a server: none here`,
    });
  });

  it('hands on why a download has failed', async () => {
    const lost = new MusterError('ERR_SERVER_UNREACHABLE', 'gone');
    const download = () => Promise.reject(lost);
    await expect(find({ download })).rejects.toBe(lost);
  });
});

describe('cacheFolderOf', () => {
  it.each([
    ['/c', {}, '/c/data/f00'],
    [undefined, { XDG_CACHE_HOME: '/x' }, '/x/muster/data/f00'],
  ])('is %j with %j', (asked, env, expected) => {
    expect(cacheFolderOf(asked, 'f00', env)).toBe(expected);
  });

  it.each([{}, { XDG_CACHE_HOME: '' }])('is at home with %j', (env) => {
    expect(cacheFolderOf(undefined, 'f00', env)).toMatch(
      /\/\.cache\/muster\/data\/f00$/,
    );
  });
});
