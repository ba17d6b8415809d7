/**
 * One process of the cluster, started and watched by the launcher: its output
 * goes to a file, its reports come over a pipe, and it ends when told, or
 * when the launcher is gone.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { openSync, closeSync, fstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { LauncherOrder } from '@muster/protocol';
import {
  MEMORY_SETTINGS,
  NODE_FLAGS,
  SERVER_MEMORY_SETTINGS,
  SERVER_NODE_FLAGS,
} from './node-flags.js';

/** How a process is started. */
export interface ChildOptions {
  /** Shown to people: `server-1`, `worker-0`. */
  readonly name: string;
  /** Package whose `./main` is run. */
  readonly program: '@muster/parameter-server' | '@muster/worker';
  /** Settings; nothing of ours but these reaches the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes standard output and standard error. */
  readonly outputFile: string;
  /** Hears each report of the process. */
  readonly onReport?: (report: unknown) => void;
}

/** How a process ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running (or ended) process, as its cluster sees it. */
export interface ChildHandle {
  readonly name: string;
  /** Process id; undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Whether it has not ended yet. */
  readonly isRunning: boolean;
  /**
   * Resolves when the process has ended and its last report is heard; never
   * rejects.
   */
  readonly ended: Promise<ChildEnd>;
  /** Tells a server something; nothing when it has ended. */
  send(order: LauncherOrder): void;
  /** Sends a signal; nothing when it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL when it has not ended `graceMs` later. */
  stop(graceMs: number): Promise<ChildEnd>;
  /** The last line that it wrote to its output, if there is one. */
  lastLine(): Promise<string | undefined>;
}

/** A process of this machine. */
export class Child implements ChildHandle {
  readonly name: string;
  readonly ended: Promise<ChildEnd>;
  readonly #process: ChildProcess;
  readonly #outputFile: string;
  /** Bytes that earlier lives of the same name have left in the file. */
  readonly #outputStart: number;

  private constructor(
    { name, outputFile }: ChildOptions,
    process: ChildProcess,
    outputStart: number,
  ) {
    this.name = name;
    this.#process = process;
    this.#outputFile = outputFile;
    this.#outputStart = outputStart;
    this.ended = new Promise((resolve) => {
      // 'exit' can come before the last message has been read, 'close' cannot
      process.once('close', (code, signal) => resolve({ code, signal }));
      process.on('error', () => {
        if (process.pid === undefined) resolve({ code: null, signal: null });
      });
    });
  }

  /** Starts a process. */
  static start(options: ChildOptions): Child {
    const entry = fileURLToPath(import.meta.resolve(`${options.program}/main`));
    const isServer = options.program === '@muster/parameter-server';
    const flags = isServer ? SERVER_NODE_FLAGS : NODE_FLAGS;
    const memory = isServer ? SERVER_MEMORY_SETTINGS : MEMORY_SETTINGS;
    const output = openSync(options.outputFile, 'a');
    const { size } = fstatSync(output);
    const child = fork(entry, [], {
      env: childEnvironment(options.env, memory),
      stdio: ['ignore', output, output, 'ipc'],
      execArgv: [...flags],
    });
    closeSync(output);
    if (options.onReport) child.on('message', options.onReport);
    return new Child(options, child, size);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    const { exitCode, signalCode, pid } = this.#process;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  send(order: LauncherOrder): void {
    // the channel may close meanwhile: then the process is about to end
    if (this.#process.connected) this.#process.send(order, () => undefined);
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#process.kill(signal);
  }

  async stop(graceMs: number): Promise<ChildEnd> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  async lastLine(): Promise<string | undefined> {
    const bytes = await readFile(this.#outputFile).catch(() => Buffer.of());
    const text = bytes.subarray(this.#outputStart).toString('utf8');
    return text.trim().split('\n').at(-1) || undefined;
  }
}

/**
 * The parent's environment without settings of ours, and those of a child.
 * What of our own addons to use is no setting: it concerns every process.
 */
export function childEnvironment(
  settings: Readonly<Record<string, string>>,
  memory = MEMORY_SETTINGS,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      /^MUSTER_(KERNELS|SHARED_MEMORY)$/.test(name) ||
      !/^(PS_|WORKER_|REPLAY_|MUSTER_)/.test(name),
  );
  return {
    ...memory,
    ...Object.fromEntries(inherited),
    ...settings,
  };
}
