/**
 * Everything that a test of `muster launch` needs: three hosts with sshd, a
 * small data set, and launches whose every process is known.
 */
import { join } from 'node:path';
import { readdir } from 'node:fs/promises';
import { expect } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { MusterProcess } from '../cluster/muster-process.js';
import { RunFiles } from '../cluster/run-files.js';
import type { Summary } from '../cluster/run-files.js';
import { SlowLine } from '../cluster/slow-line.js';
import { GLOBAL_BATCH, Workbench } from '../cluster/workbench.js';
import { LAUNCHER, Network } from './network.js';
import { SshHosts } from './ssh-hosts.js';

/** The hosts. */
export const HOSTS = ['a', 'b', 'c'] as const;
/** One of {@link HOSTS}. */
export type HostName = (typeof HOSTS)[number];
/** Passes over the small data set: 90 steps. */
export const LAUNCH_EPOCHS = 6;
/** Silence after which a host is lost, in these tests. Milliseconds. */
export const TIMEOUT_MS = 4000;

/** How long processes have to be gone: silence, an orderly end, and slack. */
const GONE_MS = 20_000;

/** See the head of this file. */
export class LaunchBench implements AsyncDisposable {
  readonly bench: Workbench;
  readonly network: Network;
  readonly ssh: SshHosts;
  /** Of all hosts: slow from a launch until its good end is waited for. */
  readonly line: SlowLine;

  private constructor(
    bench: Workbench,
    network: Network,
    ssh: SshHosts,
    line: SlowLine,
  ) {
    this.bench = bench;
    this.network = network;
    this.ssh = ssh;
    this.line = line;
  }

  /** Makes it, with sshd on every host. */
  static async create(): Promise<LaunchBench> {
    const bench = await Workbench.create();
    const network = Network.create(HOSTS);
    const folder = join(bench.path, 'ssh');
    const line = SlowLine.begin(bench.path);
    const ssh = await SshHosts.create(network, HOSTS, folder, line.env);
    const made = new LaunchBench(bench, network, ssh, line);
    for (const host of HOSTS) await ssh.start(host);
    return made;
  }

  /** The same training on this machine, undisturbed. */
  async local(): Promise<Summary> {
    await using run = this.bench.train({ workers: 1, epochs: LAUNCH_EPOCHS });
    return await run.summary();
  }

  /** Starts a launch: its own flags, and those of train beside the usual. */
  launch(
    flags: readonly string[],
    trainFlags: readonly string[] = this.training(),
  ): Launched {
    this.line.again();
    const command = MusterProcess.start(
      [
        ...['launch', '--ssh-config', this.ssh.config],
        ...['--node', process.execPath],
        ...['--host-timeout-ms', String(TIMEOUT_MS), ...flags],
        ...['--', 'train', '--json', '--backend', 'wasm'],
        ...['--data', this.bench.data, '--out', this.bench.out, ...trainFlags],
      ],
      { prefix: this.network.on(LAUNCHER), cwd: this.bench.path },
    );
    return new Launched(command, this);
  }

  /** Waits until no process of ours is left on hosts; sshd may be. */
  async expectNothingLeft(hosts: readonly HostName[] = HOSTS): Promise<void> {
    let left: string[] = [];
    await eventually(
      'the end of every process on every host',
      async () => {
        const all = await Promise.all(
          hosts.map((host) => this.ssh.processes(host)),
        );
        left = all.flat();
        return left.length === 0;
      },
      GONE_MS,
      () => `: ${left.join(', ')}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ssh[Symbol.asyncDispose]();
    this.network[Symbol.dispose]();
    await this.bench[Symbol.asyncDispose]();
  }

  /** Settings of a training of so many epochs. */
  training(epochs = LAUNCH_EPOCHS): string[] {
    return [
      ...['--epochs', String(epochs), '--micro-batches', '4'],
      ...['--global-batch', String(GLOBAL_BATCH)],
    ];
  }
}

/** One launch; disposing of it ends its processes, on this machine. */
export class Launched implements AsyncDisposable {
  readonly command: MusterProcess;
  readonly #bench: LaunchBench;

  constructor(command: MusterProcess, bench: LaunchBench) {
    this.command = command;
    this.#bench = bench;
  }

  /** Waits for a line of what it shows. */
  shown(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray> {
    return this.command.waitFor(
      String(pattern),
      () => pattern.exec(this.command.stderr) ?? undefined,
      deadlineMs,
    );
  }

  /** Waits until the run has a folder, shared by all hosts, and gives it. */
  async files(): Promise<RunFiles> {
    const [, id = ''] = await this.shown(/^\[\w+\/server\] run ([\w-]+):/m);
    return new RunFiles(join(this.#bench.bench.out, id));
  }

  /** Waits until a step is applied. */
  async reached(step: number): Promise<void> {
    const files = await this.files();
    await this.command.waitFor(`step ${step}`, async () =>
      (await files.steps()).some((one) => one >= step),
    );
  }

  /** Waits until a worker computes: `b-0` is the first one of host b. */
  async works(worker: string): Promise<void> {
    const [host = '', number = ''] = worker.split('-');
    const line = String.raw`^\[${host}/worker-${number}\] working`;
    await this.shown(new RegExp(line, 'm'));
  }

  /** Waits for the end with this exit code, and gives what was printed. */
  async summary(expectedCode = 0): Promise<Summary> {
    if (expectedCode === 0) this.#bench.line.end();
    const exit = await this.command.exit();
    expect(exit.code, exit.stderr).toBe(expectedCode);
    return JSON.parse(exit.stdout) as Summary;
  }

  /** Waits for an end that is a failure, and gives what it said. */
  async failure(): Promise<string> {
    const exit = await this.command.exit();
    expect(exit.code, exit.stderr).not.toBe(0);
    return exit.stderr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command[Symbol.asyncDispose]();
    await this.#bench.expectNothingLeft();
  }
}

/** Names of what lies in a folder; none where there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
