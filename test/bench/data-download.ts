/**
 * What it costs a server to give MNIST to four at once: megabytes a second to
 * clients that only read and to new workers with an empty cache each, and the
 * server's resident memory before and at the most.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import {
  DATA_MANIFEST_PATH,
  dataChunkPath,
  parseDataManifest,
} from '@muster/protocol';
import { HttpSession } from '@muster/transport';
import { COMMAND } from './run-training.js';

const NUM_READERS = 4;
const SAMPLE_MS = 20;
const MIB_PER_KIB = 1 / 1024;
/** Bytes a second: the default, and none that matters. */
const RATES = ['100000000', '1000000000000'] as const;

/** Runs it and gives a row for each rate. */
export async function benchDataDownload(tell: (line: string) => void) {
  const rows = [];
  for (const rate of RATES) {
    const row = await measure(rate);
    tell(JSON.stringify(row));
    rows.push(row);
  }
  return rows;
}

async function measure(rate: string) {
  const folder = await mkdtemp(join(tmpdir(), 'muster-bench-'));
  const children: ChildProcess[] = [];
  try {
    const words = ['--out', folder, '--listen', '127.0.0.1:0'];
    const server = start(children, [
      ...['server', ...words, '--data-bytes-per-second', rate],
    ]);
    const url = await found(
      server.stdout,
      (line) => /^server at (ws:[^\s,]+)/.exec(line)?.[1],
    );
    const pid = await childOf(server.pid ?? -1);
    const before = await residentMib(pid);
    const [run = ''] = await readdir(folder);
    const tokenFile = join(folder, run, 'token');
    const token = (await readFile(tokenFile, 'utf8')).trim();
    // downloads alone, twice: what the first leaves, the second may use again
    const first = await sampled(pid, () => readByMany(url, token));
    const second = await sampled(pid, () => readByMany(url, token));
    const downloads = await Promise.all(
      Array.from({ length: NUM_READERS }, async (_, i) => {
        const home = join(folder, `home-${i}`);
        // a folder without data: MNIST out of the packages would fit
        await mkdir(home);
        const worker = start(children, [
          ...['worker', '--server', url, '--token-file', tokenFile],
          ...['--data', home, '--cache-dir', join(home, 'cache')],
          ...['--backend', 'wasm', '--metrics', 'off'],
        ]);
        return downloaded(worker);
      }),
    );
    const bytes = downloads.reduce((sum, one) => sum + one.bytes, 0);
    const beginMs = Math.min(...downloads.map(({ beginMs: one }) => one));
    const endMs = Math.max(...downloads.map(({ endMs: one }) => one));
    return {
      'limit, MB/s': Number(rate) / 1e6,
      'four readers, MB/s': perSecond(first.bytes, first.seconds),
      'again, MB/s': perSecond(second.bytes, second.seconds),
      'four workers, MB/s': perSecond(bytes, (endMs - beginMs) / 1000),
      'server before, MiB': before.toFixed(0),
      'at most, MiB': first.most.toFixed(0),
      'again at most, MiB': second.most.toFixed(0),
    };
  } finally {
    const ended = children.map(
      (child) => new Promise((resolve) => child.once('close', resolve)),
    );
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(ended);
    await rm(folder, { recursive: true, force: true });
  }
}

function start(children: ChildProcess[], words: readonly string[]) {
  const child = spawn(process.execPath, [COMMAND, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

/** Reads lines, to the end; gives what `take` first makes of one. */
function found<T>(
  stream: NodeJS.ReadableStream,
  take: (line: string) => T | undefined,
): Promise<T> {
  const lines = createInterface(stream);
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const result = take(line);
      if (result !== undefined) resolve(result);
    });
    lines.once('close', () => reject(new Error('a process has ended early')));
  });
}

/** When a worker began to download, when it had all, and how much it was. */
function downloaded(worker: ReturnType<typeof start>) {
  let beginMs = 0;
  return found(worker.stderr, (line) => {
    const { event, time, bytes } = parsed(line);
    const atMs = Date.parse(String(time));
    if (event === 'data-download') beginMs = atMs;
    return event === 'data-downloaded'
      ? { beginMs, endMs: atMs, bytes: Number(bytes) }
      : undefined;
  });
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

/** The server is the launcher's one child. */
async function childOf(launcher: number): Promise<number> {
  const path = `/proc/${launcher}/task/${launcher}/children`;
  return Number((await readFile(path, 'utf8')).trim().split(' ')[0]);
}

/** Four clients read all chunks and keep none; gives the bytes. */
async function readByMany(url: string, token: string): Promise<number> {
  const all = await Promise.all(
    Array.from({ length: NUM_READERS }, () => readAll(url, token)),
  );
  return all.reduce((sum, bytes) => sum + bytes, 0);
}

async function readAll(url: string, token: string): Promise<number> {
  using session = new HttpSession({ url, token });
  const manifest = await textOf((await session.get(DATA_MANIFEST_PATH)).body);
  let bytes = 0;
  for (const { chunks } of parseDataManifest(manifest).files) {
    for (const hash of chunks) {
      const { body } = await session.get(dataChunkPath(hash));
      for await (const piece of body) bytes += piece.byteLength;
    }
  }
  return bytes;
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** How long something takes, and the most resident memory meanwhile. */
async function sampled(pid: number, read: () => Promise<number>) {
  const startMs = performance.now();
  let most = 0;
  const reading = read();
  const isOver = reading.then(() => true);
  do {
    most = Math.max(most, await residentMib(pid));
  } while (!(await Promise.race([isOver, pause(SAMPLE_MS, false)])));
  const seconds = (performance.now() - startMs) / 1000;
  return { bytes: await reading, seconds, most };
}

function perSecond(bytes: number, seconds: number): string {
  return (bytes / 1e6 / seconds).toFixed(0);
}

async function residentMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * MIB_PER_KIB;
}
