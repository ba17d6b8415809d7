/**
 * A launcher for specs that trains nothing: real processes that do nothing,
 * restarted when they die, one connection through each route, a step every
 * few milliseconds, and the log lines of processes that come back.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Launcher, Run, Summary, TrainOptions } from './launcher.js';
import { Client, SocketServer } from './sockets.js';

/** How long a step takes, milliseconds. */
const STEP_MS = 10;
const IDLE = ['-e', 'setInterval(() => 0, 1e6)'];

/** See the head of this file. */
export class FakeLauncher implements Launcher {
  /** Each name once per start, in that order. */
  readonly starts: string[] = [];
  readonly #numSteps: number;
  #numRuns = 0;

  /** @param numSteps of each run. */
  constructor(numSteps: number) {
    this.#numSteps = numSteps;
  }

  async createRun({ out }: { readonly out: string }): Promise<Run> {
    const path = join(out, `run-${this.#numRuns++}`);
    await mkdir(join(path, 'logs'), { recursive: true });
    return { folder: { path, token: join(path, 'token') } };
  }

  async trainRun(options: TrainOptions): Promise<{ summary: Summary }> {
    const { numWorkers, numServers, onReport } = options;
    await using server = await SocketServer.echo();
    await using troupe = new Troupe(options, this.starts);
    for (let i = 0; i < numServers; i++) troupe.start(`server-${i}`);
    for (let i = 0; i < numWorkers; i++) troupe.start(`worker-${i}`);
    const url = `ws://127.0.0.1:${server.port}`;
    const routed = await options.route?.('server-0', url);
    using client = await Client.connect(Number(new URL(routed ?? url).port));
    for (let step = 1; step <= this.#numSteps; step++) {
      onReport?.({ type: 'progress', step, totalSteps: this.#numSteps });
      await pause(STEP_MS);
    }
    onReport?.({ type: 'epoch' });
    const parametersSha256 = client.socket.closed ? 'cut' : 'whole';
    return { summary: { ...SUMMARY, parametersSha256 } };
  }
}

const SUMMARY = {
  outcome: 'finished',
  reproducible: true,
  steps: 1,
  examplesApplied: 1,
} as const;

/** The processes of one run. */
class Troupe implements AsyncDisposable {
  readonly #options: TrainOptions;
  readonly #starts: string[];
  readonly #children = new Map<string, ChildProcess>();
  #isOver = false;

  constructor(options: TrainOptions, starts: string[]) {
    this.#options = options;
    this.#starts = starts;
  }

  start(name: string): void {
    const child = spawn(process.execPath, IDLE, { stdio: 'ignore' });
    this.#children.set(name, child);
    this.#starts.push(name);
    this.#options.onStart?.(name, child.pid ?? -1);
    void this.#log(name, 'process-started', 'working');
    child.once('exit', () => {
      if (!this.#isOver) this.start(name);
      if (name.startsWith('server-')) {
        void this.#log('server-0', 'training-resumed');
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(
      [...this.#children.values()].map((child) => {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        return ended;
      }),
    );
  }

  async #log(name: string, ...events: string[]): Promise<void> {
    const time = new Date().toISOString();
    const lines = events.map((event) => JSON.stringify({ time, event }));
    const { path } = this.#options.run.folder;
    const file = join(path, 'logs', `${name}.log`);
    await appendFile(file, `${lines.join('\n')}\n`);
  }
}
