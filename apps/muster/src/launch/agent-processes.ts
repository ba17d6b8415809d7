/**
 * The processes of one host: its servers, if it has them, and its workers,
 * which are started again when they are lost.
 */
import { fileURLToPath } from 'node:url';
import type { MusterError } from '@muster/protocol';
import { workerUnusable } from '../processes/failures.js';
import type { LostProcess } from '../processes/failures.js';
import { NODE_FLAGS } from '../processes/node-flags.js';
import { Supervisor } from '../processes/supervisor.js';
import { verdictOn } from '../processes/verdict.js';
import { AgentChild } from './agent-child.js';
import type { AgentChildOptions } from './agent-child.js';

/** The name of the process that starts the servers. */
export const SERVER = 'server';

/** Who hears of them. */
export interface ProcessListener {
  readonly onStarted: (name: string, pid: number) => void;
  readonly onLine: (name: string, text: string) => void;
  /** Of the servers. */
  readonly onReport: (report: unknown) => void;
  readonly onNotice: (text: string) => void;
  /** It has ended and is not started again. */
  readonly onEnded: (lost: LostProcess) => void;
  /** It cannot work here. */
  readonly onFailed: (error: MusterError) => void;
}

/** How a process is started; a test gives another way. */
export type StartAgentChild = (options: AgentChildOptions) => AgentChild;

/** See the head of this file. */
export class AgentProcesses {
  readonly #listener: ProcessListener;
  readonly #startChild: StartAgentChild;
  #server: AgentChild | undefined;
  #workers: Supervisor | undefined;
  readonly #workerNames: string[] = [];
  /** Every life of every process. */
  readonly #children = new Set<AgentChild>();
  #isEnding = false;

  constructor(
    listener: ProcessListener,
    startChild: StartAgentChild = (options) => AgentChild.start(options),
  ) {
    this.#listener = listener;
    this.#startChild = startChild;
  }

  /** Starts the servers, by the words of a command. */
  startServer(args: readonly string[]): void {
    const child = this.#start({
      name: SERVER,
      entry: fileURLToPath(new URL('../main.js', import.meta.url)),
      args,
      env: {},
      nodeFlags: [],
      // what it shows to people comes as reports too
      isOutputHeard: false,
      onReport: (report) => this.#listener.onReport(report),
    });
    this.#server = child;
    this.#listener.onStarted(SERVER, child.pid ?? -1);
    void this.#watchServer(child);
  }

  /** Starts workers, each with its name and the settings of all. */
  startWorkers(
    names: readonly string[],
    env: Readonly<Record<string, string>>,
    maxRestarts: number,
  ): void {
    const { onStarted, onNotice, onFailed, onEnded } = this.#listener;
    const workers = new Supervisor({
      ...{ folder: 'the run', maxRestarts },
      startChild: ({ name }) => this.#startWorker(name, env),
      hooks: {
        launch: (name) => ({
          ...{ name, program: '@muster/worker', env: {}, outputFile: '' },
        }),
        onEnded: () => undefined,
        judge: (lost) => judgeWorker(lost, maxRestarts),
        onLeft: onEnded,
        errorOf: (lost) => workerUnusable(lost, 'the run'),
        ...{ onFailed, onNotice },
        onStart: onStarted,
      },
    });
    this.#workers = workers;
    this.#workerNames.push(...names);
    for (const name of names) workers.start(name);
  }

  /** Hands a signal on to the servers. */
  signalServer(signal: NodeJS.Signals): void {
    this.#server?.signal(signal);
  }

  /**
   * Ends all: the servers with a last checkpoint; with force after `graceMs`.
   * Idempotent.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isEnding = true;
    await Promise.all([
      this.#server?.stop(graceMs),
      this.#workers?.stop(graceMs, this.#workerNames),
    ]);
    // what a process that was killed has started may still be there
    this.killAll();
  }

  /** Ends all at once. */
  killAll(): void {
    this.#isEnding = true;
    this.#workers?.end();
    for (const child of this.#children) child.killGroup();
  }

  #startWorker(
    name: string,
    env: Readonly<Record<string, string>>,
  ): AgentChild {
    return this.#start({
      name,
      entry: fileURLToPath(import.meta.resolve('@muster/worker/main')),
      args: [],
      env: { ...env, WORKER_ID: name },
      nodeFlags: NODE_FLAGS,
      isOutputHeard: true,
    });
  }

  #start(options: Omit<AgentChildOptions, 'onLine'>): AgentChild {
    const child = this.#startChild({
      ...options,
      onLine: (text) => this.#listener.onLine(options.name, text),
    });
    this.#children.add(child);
    return child;
  }

  async #watchServer(child: AgentChild): Promise<void> {
    const end = await child.ended;
    const lastLine = await child.lastLine();
    if (!this.#isEnding || end.signal === null) {
      this.#listener.onEnded({ name: SERVER, end, lastLine });
    }
  }
}

function judgeWorker({ end }: LostProcess, maxRestarts: number) {
  return verdictOn({
    kind: 'worker',
    code: end.code,
    wasCoordinator: false,
    hasLeader: true,
    isDraining: false,
    maxRestarts,
    hasWaited: false,
  });
}
