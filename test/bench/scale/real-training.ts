/**
 * A real training on this machine, looked at for some seconds from outside,
 * when all of its workers work and no evaluation is out.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readTimes } from './process-times.js';
import type { ProcessTimes } from './process-times.js';

const COMMAND = fileURLToPath(
  new URL('../../../../apps/muster/dist/main.js', import.meta.url),
);
const TRAINING_IMAGES = 60_000;
/** How long it is looked at, within one epoch. */
const WINDOW_MS = 5000;
const LEAST_WINDOW_MS = 2000;
/** Share of an epoch before whose end it is not looked at any more. */
const LAST_STEPS = 0.05;
/** From the last worker's coming, or from an epoch's begin. */
const SETTLING_MS = 1500;
const POLL_MS = 200;
const PATIENCE_MS = 120_000;

/** What is run: each worker is to have one task a step. */
export interface TrainingShape {
  readonly numWorkers: number;
  readonly numServers: number;
  readonly leafImages: number;
  readonly leavesPerWorker: number;
}

/** Means over the window. Milliseconds a step. */
export interface TrainingFigures {
  readonly imagesPerSecond: number;
  readonly stepMs: number;
  /** Processor time of server 0. */
  readonly serverMs: number;
  /** Processor time of a worker, the mean of all. */
  readonly workerMs: number;
  /** Cores that other programs kept busy. */
  readonly numBusyElsewhere: number;
}

/** What is known at one time. */
interface Look {
  readonly atMs: number;
  readonly page: string;
  readonly times: ProcessTimes;
}

/** Trains until enough was seen. */
export async function watchTraining(
  shape: TrainingShape,
): Promise<TrainingFigures> {
  const out = await mkdtemp(join(tmpdir(), 'muster-scale-'));
  const port = await freePort();
  const child = spawn(process.execPath, argumentsOf(shape, out, port), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = once(child, 'close');
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  try {
    return await watch(child, `http://127.0.0.1:${port}/metrics`, shape);
  } catch (cause) {
    throw new Error(`a training could not be watched\n${said}`, { cause });
  } finally {
    child.kill('SIGTERM');
    await closed;
    await rm(out, { recursive: true, force: true });
  }
}

function argumentsOf(
  { numWorkers, numServers, leafImages, leavesPerWorker }: TrainingShape,
  out: string,
  port: number,
): string[] {
  const leaves = numWorkers * leavesPerWorker;
  const words = {
    ...{ out, seed: 7, epochs: 100, workers: numWorkers, servers: numServers },
    ...{ 'global-batch': leaves * leafImages, 'micro-batches': leaves },
    'metrics-listen': `127.0.0.1:${port}`,
    // no copies of tasks: they are not simulated
    ...{ 'straggler-factor': 0, 'checkpoint-every': 0 },
  };
  const options = Object.entries(words).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  return [COMMAND, 'train', ...options];
}

async function watch(
  child: ChildProcess,
  url: string,
  shape: TrainingShape,
): Promise<TrainingFigures> {
  const { numWorkers, leafImages, leavesPerWorker } = shape;
  const stepImages = numWorkers * leafImages * leavesPerWorker;
  const stepsPerEpoch = Math.ceil(TRAINING_IMAGES / stepImages);
  const deadlineMs = performance.now() + PATIENCE_MS;
  const look = async (): Promise<Look> => {
    if (child.exitCode !== null) throw new Error('the training has ended');
    if (performance.now() > deadlineMs) throw new Error('it takes too long');
    await pause(POLL_MS);
    const response = await fetch(url).catch(() => undefined);
    const page = (await response?.text()) ?? '';
    return {
      ...{ page, atMs: performance.now() },
      times: await readTimes(child.pid ?? -1),
    };
  };
  const until = async (holds: (one: Look) => boolean): Promise<Look> => {
    let one = await look();
    while (!holds(one)) one = await look();
    return one;
  };
  const stepsOf = ({ page }: Look): number => valueOf(page, 'muster_step');
  const active = 'muster_workers{state="active"}';
  await until(({ page }) => valueOf(page, active) === numWorkers);
  for (;;) {
    await pause(SETTLING_MS);
    const first = await look();
    const endOfEpoch =
      Math.ceil(stepsOf(first) / stepsPerEpoch) * stepsPerEpoch;
    const last = await until(
      (one) =>
        one.atMs - first.atMs >= WINDOW_MS ||
        stepsOf(one) >= endOfEpoch - LAST_STEPS * stepsPerEpoch,
    );
    if (last.atMs - first.atMs >= LEAST_WINDOW_MS)
      return figuresOf(first, last);
    await until((one) => stepsOf(one) > endOfEpoch);
  }
}

function figuresOf(first: Look, last: Look): TrainingFigures {
  const change = (name: string): number =>
    valueOf(last.page, name) - valueOf(first.page, name);
  const steps = change('muster_step_duration_seconds_count');
  const durationMs = 1000 * change('muster_step_duration_seconds_sum');
  const workers = [...last.times.workers].map(
    ([name, ms]) => ms - (first.times.workers.get(name) ?? 0),
  );
  const servers = last.times.servers.map(
    (ms, i) => ms - (first.times.servers[i] ?? 0),
  );
  const oursMs = [...workers, ...servers].reduce((sum, ms) => sum + ms, 0);
  const workersMs = workers.reduce((sum, ms) => sum + ms, 0);
  const elapsedMs = last.atMs - first.atMs;
  const machineMs = last.times.machineMs - first.times.machineMs;
  return {
    imagesPerSecond: (1000 * change('muster_images_total')) / durationMs,
    stepMs: durationMs / steps,
    serverMs: (servers[0] ?? NaN) / steps,
    workerMs: workersMs / workers.length / steps,
    numBusyElsewhere: Math.max(0, machineMs - oursMs) / elapsedMs,
  };
}

/** A sample of a page in the text format of Prometheus. */
function valueOf(page: string, series: string): number {
  const line = page.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? NaN : Number(line.slice(series.length + 1));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
