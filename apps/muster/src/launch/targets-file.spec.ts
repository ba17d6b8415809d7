import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScrapedProcess } from '@muster/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TargetsFile } from './targets-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-targets-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A process that listens on this host, connected from this address. */
function process(
  worker: string,
  host: string,
  address: string | null,
): ScrapedProcess {
  const labels = { job: 'muster-worker', worker };
  return { labels, metricsUrl: `http://${host}:9464`, address };
}

/** A file of this name, with what is noted, and how it is read. */
async function begin(name: string, address: string) {
  const path = join(folder, name);
  const notes: string[] = [];
  const onNote = (text: string) => notes.push(text);
  const file = await TargetsFile.begin({ path, address, onNote });
  const read = async (): Promise<unknown> =>
    JSON.parse(await readFile(path, 'utf8'));
  return { file, path, notes, read };
}

describe('TargetsFile', () => {
  it('begins and ends with an empty list', async () => {
    const { file, read, notes } = await begin('a.json', '10.0.0.1');
    expect(await read()).toEqual([]);
    file.write([process('w', '10.0.0.2', '10.0.0.2')]);
    await file.end();
    expect(await read()).toEqual([]);
    expect(notes).toEqual([]);
    // nothing is left beside it
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it('holds where each process is reached', async () => {
    const { file, read } = await begin('b.json', '10.0.0.1');
    file.write([
      process('other', '0.0.0.0', '10.0.0.2'),
      process('first', '0.0.0.0', null),
    ]);
    await expect.poll(read).toEqual([
      {
        targets: ['10.0.0.2:9464'],
        labels: { job: 'muster-worker', worker: 'other' },
      },
      {
        targets: ['10.0.0.1:9464'],
        labels: { job: 'muster-worker', worker: 'first' },
      },
    ]);
  });

  it('leaves out whom only its own machine reaches, and says so once', async () => {
    const { file, path, read, notes } = await begin('c.json', '10.0.0.1');
    const far = process('far', '127.0.0.1', '10.0.0.2');
    const processes = [far, process('near', '0.0.0.0', null)];
    file.write(processes);
    file.write(processes);
    await expect.poll(read).toMatchObject([{ labels: { worker: 'near' } }]);
    expect(notes).toEqual([
      `1 of 2 processes serve metrics to their own machine only and are not in ${path}: add --metrics-listen 0.0.0.0:0 after --, and --metrics-token-file`,
    ]);
  });

  it('has loopback addresses where the launch is to this machine', async () => {
    const { file, read } = await begin('d.json', '127.0.0.1');
    file.write([process('w', '127.0.0.1', null)]);
    await expect.poll(read).toMatchObject([{ targets: ['127.0.0.1:9464'] }]);
  });

  it('is refused before anything begins where it cannot be written', async () => {
    await expect(begin('none/e.json', '10.0.0.1')).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringMatching(
        /^who serves metrics cannot be written: ENOENT.*\(--prometheus-targets\)$/,
      ) as string,
    });
  });

  it('tells of a later failure, and goes on', async () => {
    const { file, path, notes } = await begin('f.json', '10.0.0.1');
    await rm(path);
    await mkdir(join(path, 'in-the-way'), { recursive: true });
    await file.end();
    expect(notes).toMatchObject([
      expect.stringMatching(/could not be written: \w+.*--prometheus-targets/),
    ]);
  });
});
