/**
 * A worker on a new machine: an address, a token, and an empty folder. The
 * network comes with the run, the data from whichever server is there.
 */
import { mkdir, mkdtemp, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadDataset } from '@muster/data';
import { eventually } from './eventually.js';
import { failOnLeftovers, muster, MusterProcess } from './muster-process.js';
import { expectPlainError } from './plain-error.js';
import { outcomeOf } from './run-files.js';
import type { Line } from './run-files.js';
import type { Training } from './training.js';
import { SHORT_LEASE, Workbench } from './workbench.js';

failOnLeftovers();

const EPOCHS = 4;
/** The step at which something happens. */
const SOME_STEP = 12;
/**
 * The small data set: headers, 600 and 200 pictures of 14x14, their labels.
 * At this rate it takes three seconds.
 */
const SMALL_BYTES = 2 * 16 + 800 * 196 + 2 * 8 + 800;
const SLOW = ['--data-bytes-per-second', '50000'];

/** A worker that is told nothing takes the backend that is best here. */
const AUTO = ['--backend', 'auto'];

let bench: Workbench;
let undisturbed: ReturnType<typeof outcomeOf>;

beforeAll(async () => {
  bench = await Workbench.create();
  await using run = bench.train({ epochs: EPOCHS, flags: AUTO });
  undisturbed = outcomeOf(await run.summary());
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose]());

/** A folder with nothing in it, and nothing beside it. */
function emptyFolder(): Promise<string> {
  return mkdtemp(join(bench.path, 'new-machine-'));
}

/** Starts a worker that has nothing but what `flags` say, and its home. */
function newWorker(home: string, flags: Readonly<Record<string, string>>) {
  const words = Object.entries(flags).flat();
  const env = { HOME: home, XDG_CACHE_HOME: '' };
  return MusterProcess.start(['worker', ...words], { env, cwd: home });
}

/** The address and the token of a run. */
async function accessTo(run: Training) {
  const { path } = await run.files();
  const [server = ''] = (await run.url()).split(',');
  return { '--server': server, '--token-file': `${path}/token` };
}

/** Waits for an event in the log of a worker, which is its standard error. */
function told(worker: MusterProcess, event: string): Promise<Line> {
  return worker.waitFor(event, () =>
    worker.stderr
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Line)
      .find((line) => line['event'] === event),
  );
}

/** Bytes of data files that a run's first server has sent. */
async function bytesSent(run: Training): Promise<number> {
  const text = await run.metrics();
  return Number(/^muster_data_sent_bytes_total (\S+)$/m.exec(text)?.[1]);
}

it('joins a running training, and trains on what it was given', async () => {
  const home = await emptyFolder();
  const flags = [...AUTO, ...SHORT_LEASE];
  await using run = bench.train({ epochs: EPOCHS, flags, slow: true });
  await run.reached(SOME_STEP);
  await run.signal('SIGSTOP', 'worker-0');
  await using worker = newWorker(home, await accessTo(run));
  expect(await told(worker, 'data-downloaded')).toMatchObject({
    bytes: SMALL_BYTES,
  });
  const { stderr } = worker;
  const workerId = /"workerId":"([^"]+)"/.exec(stderr)?.[1] ?? '';
  await run.heard('worker-joined', workerId);
  // nobody else computes: these steps are its own
  await run.reached(2 * SOME_STEP);
  await run.signal('SIGCONT', 'worker-0');
  expect(outcomeOf(await run.summary())).toEqual(undisturbed);
  expect((await worker.exit()).code).toBe(0);

  const { fingerprint } = await loadDataset(bench.data);
  const cache = join(home, '.cache', 'muster', 'data');
  expect(await readdir(home)).toEqual(['.cache']);
  expect(await readdir(cache)).toEqual([fingerprint]);
  const cached = await loadDataset(join(cache, fingerprint));
  expect(cached.fingerprint).toBe(fingerprint);
});

it('goes on at the standby when the only server that it was told of dies', async () => {
  const home = await emptyFolder();
  const flags = [...AUTO, ...SHORT_LEASE, ...SLOW];
  await using run = bench.train({
    ...{ epochs: EPOCHS, standby: 1, flags, slow: true },
  });
  await run.reached(SOME_STEP);
  await run.event('standby-0', 'following');
  await run.signal('SIGSTOP', 'worker-0');
  await using worker = newWorker(home, await accessTo(run));
  await told(worker, 'data-download');
  await run.command.waitFor('half of the data', async () => {
    return (await bytesSent(run)) > SMALL_BYTES / 2;
  });
  const atMs = await run.signal('SIGKILL', 'server-0');
  await run.event('standby-0', 'took-over', {}, atMs);
  const downloaded = await told(worker, 'data-downloaded');
  // nothing came twice: it went on within the chunk that was cut
  expect(downloaded['bytes']).toBe(SMALL_BYTES);
  await run.signal('SIGCONT', 'worker-0');
  const summary = await run.summary();
  expect(outcomeOf(summary)).toEqual(undisturbed);
  expect(summary.restarts).toBe(1);
  const exit = await worker.exit();
  expect(exit.code, exit.stderr).toBe(0);
});

it('gets the data over mutual TLS as well', async () => {
  const home = await emptyFolder();
  const made = await muster(['certs', '-H', 'host-a'], { cwd: bench.path });
  expect(made.code, made.stderr).toBe(0);
  const tls = (machine: string) => {
    const folder = join(bench.path, 'certs', machine);
    return {
      '--tls-cert': join(folder, 'tls.crt'),
      '--tls-key': join(folder, 'tls.key'),
      '--tls-ca': join(folder, 'ca.crt'),
    };
  };
  const flags = Object.entries(tls('server')).flat();
  await using server = bench.serve({ epochs: EPOCHS, flags });
  const access = await accessTo(server);
  expect(access['--server']).toMatch(/^wss:/);
  // the bits of the run are those of the backend that a worker takes here
  await using worker = newWorker(home, { ...access, ...tls('host-a') });
  expect(await told(worker, 'data-downloaded')).toMatchObject({
    bytes: SMALL_BYTES,
  });
  expect((await server.exit()).code).toBe(0);
  expect((await worker.exit()).code).toBe(0);
  const summary = await (await server.files()).summary();
  expect(outcomeOf(summary)).toEqual(undisturbed);
});

it('refuses a byte that is wrong, and keeps none of it', async () => {
  await using own = await Workbench.create();
  const home = await emptyFolder();
  await using server = own.serve({ flags: SLOW });
  await using worker = newWorker(home, await accessTo(server));
  await told(worker, 'data-download');
  // the server has hashed its files by now: a disk that fails later
  await eventually('some data', async () => (await bytesSent(server)) > 0);
  await using file = await open(
    join(own.data, 'train-images-idx3-ubyte'),
    'r+',
  );
  const { size } = await file.stat();
  await file.write(Uint8Array.of(1, 2, 3, 4), 0, 4, size - 4);
  expectPlainError(await worker.exit(), {
    exitCode: 2,
    code: 'ERR_DATASET_CORRUPT',
    message: /sent wrong bytes of train-images: expected a chunk with SHA-256/,
  });
  const cache = join(home, '.cache', 'muster', 'data');
  const [fingerprint = ''] = await readdir(cache);
  const [part = '', ...others] = await readdir(join(cache, fingerprint));
  expect(others).toEqual([]);
  expect((await stat(join(cache, fingerprint, part))).size).toBe(0);
});

it('gives nothing without the token, and nothing else with it', async () => {
  await using server = bench.serve();
  const url = (await server.url()).replace('ws:', 'http:');
  const token = (await (await server.files()).text('token')).trim();
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, { headers });
    return { status: response.status, body: await response.text() };
  };
  const right = { Authorization: `Bearer ${token}` };
  const { status, body } = await ask('/data/manifest', right);
  expect(status).toBe(200);
  const { files } = JSON.parse(body) as { files: { chunks: string[] }[] };
  for (const path of ['manifest', ...files.flatMap(({ chunks }) => chunks)]) {
    expect((await ask(`/data/${path}`, right)).status).toBe(200);
    expect((await ask(`/data/${path}`)).status).toBe(401);
    const wrong = { Authorization: `Bearer ${token}x` };
    expect((await ask(`/data/${path}`, wrong)).status).toBe(401);
  }
  for (const path of ['token', 'run.json', '0'.repeat(64), '']) {
    expect((await ask(`/data/${path}`, right)).status).toBe(404);
  }
  const log = JSON.stringify(await (await server.files()).log('server'));
  expect(log).not.toContain(token);
});

it('gets MNIST again but for what is on its disk, after SIGKILL', async () => {
  const home = await emptyFolder();
  const nothing = join(home, 'nothing');
  await mkdir(nothing);
  // 54,950,048 bytes in two seconds or more
  const { directory } = await loadDataset();
  const flags = ['--data', directory, '--data-bytes-per-second', '25000000'];
  await using server = bench.serve({ epochs: 1, flags });
  // without this folder it would find MNIST in the packages
  const access = { ...(await accessTo(server)), '--data': nothing };
  await using first = newWorker(home, access);
  await told(first, 'data-download');
  await first.waitFor('a few chunks', async () => {
    return (await bytesSent(server)) > 20e6;
  });
  for (const { pid } of await first.processes()) process.kill(pid, 'SIGKILL');
  await first.exit();
  await using second = newWorker(home, access);
  const { bytes } = await told(second, 'data-downloaded');
  const total = 54_950_048;
  const chunk = 4 * 1024 * 1024;
  // of the 20 MB, 10 at most were still in the buffers of the sockets
  expect(bytes).toBeLessThanOrEqual(total - 2 * chunk);
  // the server's count agrees: a chunk was lost, and what was in the buffers
  const sent = await bytesSent(server);
  expect(sent).toBeGreaterThanOrEqual(total);
  expect(sent).toBeLessThan(total + chunk + 10e6);
});
