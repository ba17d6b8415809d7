/**
 * One `muster train` or `muster server` and what a test does to it.
 */
import { join } from 'node:path';
import { expect } from 'vitest';
import { MusterProcess } from './muster-process.js';
import type { Exit, StartOptions } from './muster-process.js';
import { signalTo } from './process-table.js';
import { RunFiles, timeOf } from './run-files.js';
import type { Line, Summary } from './run-files.js';
import type { SlowLine } from './slow-line.js';

/** A run that was started; disposing of it ends all its processes. */
export class Training implements AsyncDisposable {
  readonly command: MusterProcess;
  readonly #out: string;
  readonly #line: SlowLine | undefined;

  /**
   * @param out the folder of all runs, as `args` say it too.
   * @param line of its workers; ended here.
   */
  constructor(
    out: string,
    args: readonly string[],
    options?: StartOptions,
    line?: SlowLine,
  ) {
    this.#out = out;
    this.#line = line;
    this.command = MusterProcess.start(args, options);
  }

  /** Waits until the run has a folder, and gives it. */
  async files(): Promise<RunFiles> {
    const id = await this.command.waitFor('the name of the run', () => {
      const { stdout, stderr } = this.command;
      return /^run ([\w-]+):/m.exec(stdout + stderr)?.[1];
    });
    return new RunFiles(join(this.#out, id));
  }

  /** Waits until the server listens, and gives its address. */
  url(): Promise<string> {
    return this.command.waitFor('the address of the server', () => {
      const { stdout, stderr } = this.command;
      return /^server at (wss?:\S+?),? /m.exec(stdout + stderr)?.[1];
    });
  }

  /** Waits until the server serves metrics; `http://host:port`. */
  metricsUrl(): Promise<string> {
    return this.command.waitFor('the address of metrics', () => {
      const { stdout, stderr } = this.command;
      return /, metrics at (\S+)\/metrics$/m.exec(stdout + stderr)?.[1];
    });
  }

  /** What the server's `/metrics` says at this moment. */
  async metrics(): Promise<string> {
    const url = await this.metricsUrl();
    return (await fetch(`${url}/metrics`)).text();
  }

  /** Waits until a step is applied; gives the newest applied one. */
  async reached(step: number, deadlineMs?: number): Promise<number> {
    const files = await this.files();
    const isReached = async () => {
      const newest = Math.max(0, ...(await files.steps()));
      return newest >= step && newest;
    };
    return this.command.waitFor(`step ${step}`, isReached, deadlineMs);
  }

  /** Waits for a line in a process's log. */
  async logged(
    name: string,
    what: string,
    isIt: (line: Line) => boolean,
  ): Promise<Line> {
    const files = await this.files();
    return this.command.waitFor(`${what} in the log of ${name}`, async () =>
      (await files.log(name)).find(isIt),
    );
  }

  /** Waits for one of a worker's own events in the coordinator's log. */
  heard(
    event: string,
    workerId: string,
    coordinator = 'server',
  ): Promise<Line> {
    return this.event(coordinator, event, { workerId });
  }

  /**
   * Waits until all these workers have joined. Who is there first is stopped
   * until the last one is: the run must not end before.
   */
  async together(
    workers: readonly string[],
    coordinator = 'server',
  ): Promise<void> {
    const arrive = async (worker: string) => {
      await this.heard('worker-joined', worker, coordinator);
      await this.signal('SIGSTOP', worker);
    };
    await Promise.all(workers.map(arrive));
    await this.signal('SIGCONT', ...workers);
  }

  /**
   * Waits for an event in a process's log.
   * @param fields what the line holds, among other things.
   * @param sinceMs the line is not older than this. Epoch milliseconds.
   */
  event(
    name: string,
    event: string,
    fields: Line = {},
    sinceMs = 0,
  ): Promise<Line> {
    const wanted = Object.entries({ ...fields, event });
    return this.logged(
      name,
      `${event} ${JSON.stringify(fields)}`,
      (line) =>
        timeOf(line) >= sinceMs &&
        wanted.every(([key, value]) => line[key] === value),
    );
  }

  /** Waits until a worker that was away is there again, in the same life. */
  async welcomed(
    workerId: string,
    coordinator: string,
    sinceMs: number,
  ): Promise<void> {
    await this.logged(
      coordinator,
      `the return of ${workerId}`,
      (line) =>
        timeOf(line) >= sinceMs &&
        line['workerId'] === workerId &&
        (line['event'] === 'worker-back' || line['returned'] === true),
    );
  }

  /** Waits for processes of the run, such as `server` and `worker-0`. */
  pidsOf(...names: readonly string[]): Promise<number[]> {
    return this.command.waitFor(`processes ${names.join()}`, async () => {
      const all = await this.command.processes();
      const found = names.map((name) => all.find((one) => one.name === name));
      const pids = found.flatMap((one) => one?.pid ?? []);
      return pids.length === names.length && pids;
    });
  }

  /**
   * Sends a signal to processes of the run, to all at one moment.
   * @returns that moment. Epoch milliseconds.
   */
  async signal(
    signal: NodeJS.Signals,
    ...names: readonly string[]
  ): Promise<number> {
    const pids = await this.pidsOf(...names);
    const atMs = Date.now();
    for (const pid of pids) signalTo(pid, signal);
    return atMs;
  }

  /**
   * Waits for the end with this exit code, and gives what was printed. Who is
   * to reach the end has a fast line from now on.
   */
  async summary(expectedCode = 0, deadlineMs?: number): Promise<Summary> {
    if (expectedCode === 0) this.#line?.end();
    const exit = await this.command.exit(deadlineMs);
    expect(exit.code, exit.stderr).toBe(expectedCode);
    return JSON.parse(exit.stdout) as Summary;
  }

  /** Waits for the end. */
  exit(): Promise<Exit> {
    return this.command.exit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command[Symbol.asyncDispose]();
  }
}
