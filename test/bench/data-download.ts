/**
 * What it costs a server to give MNIST to four new workers at once, each with
 * an empty cache of its own: seconds, megabytes a second, and the server's
 * resident memory before, at the most and after.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { COMMAND } from './run-training.js';

const NUM_WORKERS = 4;
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
    const token = join(folder, run, 'token');
    const sampling = new AbortController();
    const most = sample(pid, sampling.signal);
    const downloads = await Promise.all(
      Array.from({ length: NUM_WORKERS }, async (_, i) => {
        const home = join(folder, `home-${i}`);
        // a folder without data: MNIST out of the packages would fit
        await mkdir(home);
        const worker = start(children, [
          ...['worker', '--server', url, '--token-file', token],
          ...['--data', home, '--cache-dir', join(home, 'cache')],
          ...['--backend', 'wasm', '--metrics', 'off'],
        ]);
        return downloaded(worker);
      }),
    );
    sampling.abort();
    const bytes = downloads.reduce((sum, one) => sum + one.bytes, 0);
    const beginMs = Math.min(...downloads.map(({ beginMs: one }) => one));
    const endMs = Math.max(...downloads.map(({ endMs: one }) => one));
    return {
      'limit, MB/s': Number(rate) / 1e6,
      workers: NUM_WORKERS,
      'sent, MB': (bytes / 1e6).toFixed(1),
      seconds: ((endMs - beginMs) / 1000).toFixed(2),
      'MB/s': (bytes / 1e3 / (endMs - beginMs)).toFixed(0),
      'server before, MiB': before.toFixed(0),
      'server at most, MiB': (await most).toFixed(0),
      'server after, MiB': (await residentMib(pid)).toFixed(0),
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

/** The most resident memory until the signal. */
async function sample(pid: number, signal: AbortSignal): Promise<number> {
  let most = 0;
  while (!signal.aborted) {
    most = Math.max(most, await residentMib(pid));
    await pause(SAMPLE_MS);
  }
  return most;
}

async function residentMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * MIB_PER_KIB;
}
