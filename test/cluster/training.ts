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

/** A run that was started; disposing of it ends all its processes. */
export class Training implements AsyncDisposable {
  readonly command: MusterProcess;
  readonly #out: string;

  /** @param out the folder of all runs, as `args` say it too. */
  constructor(out: string, args: readonly string[], options?: StartOptions) {
    this.#out = out;
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

  /** Waits for a process of the run and gives its id: `server`, `worker-0`. */
  async pidOf(name: string): Promise<number> {
    const found = await this.command.waitFor(`process ${name}`, async () => {
      const all = await this.command.processes();
      return all.find((one) => one.name === name);
    });
    return found.pid;
  }

  /**
   * Sends a signal to processes of the run, to all at one moment.
   * @returns that moment. Epoch milliseconds.
   */
  async signal(
    signal: NodeJS.Signals,
    ...names: readonly string[]
  ): Promise<number> {
    const pids = await Promise.all(names.map((name) => this.pidOf(name)));
    const atMs = Date.now();
    for (const pid of pids) signalTo(pid, signal);
    return atMs;
  }

  /** Waits for the end with this exit code, and gives what was printed. */
  async summary(expectedCode = 0, deadlineMs?: number): Promise<Summary> {
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
