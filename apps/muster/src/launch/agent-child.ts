/**
 * A process that an agent starts: it leads a group of its own, what it writes
 * is read line by line, and it ends when the agent is gone.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { childEnvironment } from '../processes/child.js';
import type { ChildEnd, ChildHandle } from '../processes/child.js';
import { killGroup } from './process-group.js';

/** How it is started. */
export interface AgentChildOptions {
  readonly name: string;
  /** Path of the module that it runs. */
  readonly entry: string;
  readonly args: readonly string[];
  /** Settings; nothing of ours but these reaches the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Flags of Node. */
  readonly nodeFlags: readonly string[];
  /** Whether lines of standard output are heard; those of errors always are. */
  readonly isOutputHeard: boolean;
  readonly onLine: (text: string) => void;
  readonly onReport?: (report: unknown) => void;
}

/** See the head of this file. */
export class AgentChild implements ChildHandle {
  readonly name: string;
  readonly ended: Promise<ChildEnd>;
  readonly #process: ChildProcess;
  #lastLine: string | undefined;

  private constructor(options: AgentChildOptions, process: ChildProcess) {
    this.name = options.name;
    this.#process = process;
    const { onLine, isOutputHeard } = options;
    this.#read(process.stderr, (text) => {
      this.#lastLine = text;
      onLine(text);
    });
    this.#read(process.stdout, isOutputHeard ? onLine : () => undefined);
    this.ended = new Promise((resolve) => {
      process.once('close', (code, signal) => resolve({ code, signal }));
      process.on('error', () => {
        if (process.pid === undefined) resolve({ code: null, signal: null });
      });
    });
  }

  /** Starts a process. */
  static start(options: AgentChildOptions): AgentChild {
    const { entry, args, env, nodeFlags, onReport } = options;
    const child = fork(entry, [...args], {
      env: childEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [...nodeFlags],
      detached: true,
    });
    if (onReport) child.on('message', onReport);
    return new AgentChild(options, child);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    const { exitCode, signalCode, pid } = this.#process;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** Nothing is told to it: its settings came with its start. */
  send(): void {
    return undefined;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#process.kill(signal);
  }

  /** Ends it and all that it has started, at once. */
  killGroup(): void {
    killGroup(this.pid);
  }

  async stop(graceMs: number): Promise<ChildEnd> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.killGroup(), graceMs);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  lastLine(): Promise<string | undefined> {
    return Promise.resolve(this.#lastLine);
  }

  #read(
    stream: NodeJS.ReadableStream | null,
    onLine: (text: string) => void,
  ): void {
    if (stream === null) return;
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
  }
}
