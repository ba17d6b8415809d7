/**
 * A real training on this machine, in processes as a person starts them; or
 * its servers alone, with workers that only push zeros.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROCESS_FLAGS, PROCESS_MEMORY } from '../process-settings.js';
import { processMs, readTimes } from './process-times.js';
import type { ProcessTimes } from './process-times.js';

/** What is run: each worker is to have one task a step. */
export interface TrainingShape {
  readonly numWorkers: number;
  readonly numServers: number;
  readonly leafImages: number;
  readonly leavesPerWorker: number;
  /** Whether its workers do not compute; they are one process then. */
  readonly areIdle: boolean;
}

const COMMAND = fileURLToPath(
  new URL('../../../../apps/muster/dist/main.js', import.meta.url),
);
const IDLE_WORKERS = fileURLToPath(
  new URL('contenders/idle-workers.js', import.meta.url),
);
/** Longer than anybody watches. */
const EPOCHS = 200;

/** See the head of this file. Nothing is left of it once it is disposed. */
export class RealCluster implements AsyncDisposable {
  /** Of server 0. */
  readonly metricsUrl: string;
  /** Where server 0 listens; host and port. */
  readonly address: string;
  /** File of the token that workers show. */
  readonly tokenFile: string;
  readonly #folder: string;
  readonly #launcher: ChildProcess;
  readonly #closed: Promise<unknown>;
  #idle: ChildProcess | undefined;
  #stderr = '';

  private constructor(at: Place, words: readonly string[]) {
    this.#folder = at.out;
    this.metricsUrl = `http://${at.metrics}/metrics`;
    this.address = at.listen;
    this.tokenFile = at.token;
    this.#launcher = spawn(process.execPath, [COMMAND, ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#closed = once(this.#launcher, 'close');
    this.#launcher.stderr?.on('data', (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-2000);
    });
  }

  /**
   * Starts it; its processes may not be there yet.
   * @param flags further words of the command.
   */
  static async start(
    shape: TrainingShape,
    flags: readonly string[] = [],
  ): Promise<RealCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'muster-scale-'));
    const token = join(folder, 'token');
    await writeFile(token, randomBytes(24).toString('hex'), { mode: 0o600 });
    const [listen, metrics] = [await freeAddress(), await freeAddress()];
    const at = { out: folder, token, listen, metrics };
    const cluster = new RealCluster(at, [...wordsOf(shape, at), ...flags]);
    const { areIdle, numWorkers } = shape;
    if (areIdle) cluster.#idle = startIdle(`ws://${listen}`, numWorkers, token);
    return cluster;
  }

  /** @throws Error with what it said, once it has ended. */
  check(): void {
    if (this.#launcher.exitCode === null) return;
    throw new Error(`the training has ended\n${this.#stderr}`);
  }

  /** What its processes have used. */
  async times(): Promise<ProcessTimes> {
    const times = await readTimes(this.#launcher.pid ?? -1);
    if (this.#idle?.pid === undefined) return times;
    const workers = new Map([['idle', await processMs(this.#idle.pid)]]);
    return { ...times, workers };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#launcher.kill('SIGTERM');
    this.#idle?.kill('SIGKILL');
    await this.#closed;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Workers that push zeros, in one process. */
function startIdle(url: string, numWorkers: number, token: string) {
  const words = [IDLE_WORKERS, url, String(numWorkers), token];
  const env = { ...process.env, ...PROCESS_MEMORY };
  const args = [...PROCESS_FLAGS, ...words];
  return spawn(process.execPath, args, { stdio: 'ignore', env });
}

/** Its folder and token file, and where it listens. */
type Place = Readonly<Record<'out' | 'token' | 'listen' | 'metrics', string>>;

/** The command's words. Copies of tasks are off: they are not simulated. */
function wordsOf(shape: TrainingShape, at: Place): string[] {
  const { numWorkers, numServers, leafImages, leavesPerWorker } = shape;
  const leaves = numWorkers * leavesPerWorker;
  const options = {
    ...{ out: at.out, 'token-file': at.token },
    ...{ listen: at.listen, 'metrics-listen': at.metrics },
    ...{ seed: 7, epochs: EPOCHS, servers: numServers },
    ...{ 'global-batch': leaves * leafImages, 'micro-batches': leaves },
    ...{ 'straggler-factor': 0, 'checkpoint-every': 0 },
    ...(!shape.areIdle && { workers: numWorkers }),
  };
  const words = Object.entries(options).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  return [shape.areIdle ? 'server' : 'train', ...words];
}

/** Host and port on loopback, free a moment ago. */
export async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}
