/**
 * One process of the cluster, started and watched by the launcher: its output
 * goes to a file, its reports come over a pipe, and it ends when told, or
 * when the launcher is gone.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from './node-flags.js';

/** How a process is started. */
export interface ChildOptions {
  /** Shown to people: `server`, `worker-0`. */
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

/** A running (or ended) process. */
export class Child {
  readonly name: string;
  /** Resolves when the process has ended; never rejects. */
  readonly ended: Promise<ChildEnd>;
  readonly #process: ChildProcess;
  readonly #outputFile: string;

  private constructor(options: ChildOptions, process: ChildProcess) {
    this.name = options.name;
    this.#process = process;
    this.#outputFile = options.outputFile;
    this.ended = new Promise((resolve) => {
      process.once('exit', (code, signal) => resolve({ code, signal }));
      process.once('error', () => resolve({ code: null, signal: null }));
    });
  }

  /** Starts a process. */
  static start(options: ChildOptions): Child {
    const entry = fileURLToPath(import.meta.resolve(`${options.program}/main`));
    const output = openSync(options.outputFile, 'a');
    const child = fork(entry, [], {
      env: childEnvironment(options.env),
      stdio: ['ignore', output, output, 'ipc'],
      execArgv: [...NODE_FLAGS],
    });
    closeSync(output);
    if (options.onReport) child.on('message', options.onReport);
    return new Child(options, child);
  }

  /** Process id; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Whether it has not ended yet. */
  get isRunning(): boolean {
    const { exitCode, signalCode, pid } = this.#process;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** Sends a signal; nothing when it has ended. */
  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#process.kill(signal);
  }

  /** SIGTERM, and SIGKILL when it has not ended `graceMs` later. */
  async stop(graceMs: number): Promise<ChildEnd> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  /** The last line that it wrote to its output, if there is one. */
  async lastLine(): Promise<string | undefined> {
    const text = await readFile(this.#outputFile, 'utf8').catch(() => '');
    return text.trim().split('\n').at(-1) || undefined;
  }
}

/** The parent's environment without settings of ours, and these settings. */
export function childEnvironment(
  settings: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(PS_|WORKER_|MUSTER_)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...settings };
}
