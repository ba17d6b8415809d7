/**
 * Holds the processes of a cluster: starts them by name, watches them, starts
 * them again, and ends them. What an end means, others say.
 */
import { performance } from 'node:perf_hooks';
import { toMusterError } from '@muster/protocol';
import type { MusterError } from '@muster/protocol';
import { Child } from './child.js';
import type { ChildHandle, ChildOptions } from './child.js';
import { lostText, restartText, tooManyRestarts } from './failures.js';
import type { LostProcess } from './failures.js';
import type { Exit, LauncherLog } from './launcher-log.js';
import { RestartPolicy } from './restart-policy.js';
import type { Verdict } from './verdict.js';

/** Who knows what the processes are, and what comes of their ends. */
export interface SupervisorHooks {
  /** How a process is started now; asked at every start. */
  readonly launch: (name: string) => ChildOptions;
  /** A process has ended; told at once, before anything comes of it. */
  readonly onEnded: (name: string) => unknown;
  /** What its end means; asked again after `wait`. */
  readonly judge: (lost: LostProcess, hasWaited: boolean) => Verdict;
  /** The run goes on without it. */
  readonly onLeft: (lost: LostProcess) => void;
  /** The error that its end is to the run. */
  readonly errorOf: (lost: LostProcess) => MusterError;
  readonly onFailed: (error: MusterError) => void;
  readonly onNotice: (text: string) => void;
  readonly onStart: (name: string, pid: number) => void;
}

/** What a supervisor is made with. */
export interface SupervisorOptions {
  readonly folder: string;
  readonly maxRestarts: number;
  readonly hooks: SupervisorHooks;
  /** Where starts and ends are told, if anywhere. */
  readonly log?: LauncherLog | undefined;
  /** Starts a process; a test gives another. */
  readonly startChild?: (options: ChildOptions) => ChildHandle;
}

/** How long the coordinator has to tell of the run's end. */
export const LAST_WORD_MS = 3000;

/** See the head of this file. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #policy: RestartPolicy;
  /** The newest life of each process, in the order of the first starts. */
  readonly #children = new Map<string, ChildHandle>();
  /** Those that wait to be started again, or to be judged. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #numRestarts = 0;
  #isOver = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#policy = new RestartPolicy(options.maxRestarts);
  }

  /** Processes that were started again. */
  get numRestarts(): number {
    return this.#numRestarts;
  }

  /** Process ids by name, of those that run. */
  get pids(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#children.values()].flatMap(({ name, isRunning, pid }) =>
        isRunning && pid !== undefined ? [[name, pid]] : [],
      ),
    );
  }

  /** The newest life of a process, if it was ever started. */
  child(name: string): ChildHandle | undefined {
    return this.#children.get(name);
  }

  /** Whether a process runs, or is to be started again. */
  isThere(name: string): boolean {
    return this.child(name)?.isRunning === true || this.#timers.has(name);
  }

  /** Starts a process, unless everything is ending. */
  start(name: string): void {
    if (this.#isOver) return;
    const { hooks, startChild = startProcess } = this.#options;
    try {
      const child = startChild(hooks.launch(name));
      this.#children.set(name, child);
      void this.#watch(child, performance.now());
      this.#options.log?.launched(name, child.pid ?? -1);
      hooks.onStart(name, child.pid ?? -1);
    } catch (error) {
      hooks.onFailed(toMusterError(error));
    }
  }

  /** From now on ends mean nothing, and nothing is started. Idempotent. */
  end(): void {
    this.#isOver = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Sends a signal to processes, as far as they run. */
  signal(signal: NodeJS.Signals, names: Iterable<string>): void {
    for (const name of names) this.child(name)?.signal(signal);
  }

  /** Ends processes, with force after a while. Idempotent. */
  async stop(graceMs: number, names: Iterable<string>): Promise<void> {
    this.end();
    const chosen = [...names].flatMap((name) => this.child(name) ?? []);
    await Promise.all(chosen.map((child) => child.stop(graceMs)));
  }

  /** Waits until every process has ended. */
  async allEnded(): Promise<void> {
    await Promise.all([...this.#children.values()].map(({ ended }) => ended));
  }

  async #watch(child: ChildHandle, startMs: number): Promise<void> {
    const { name } = child;
    const end = await child.ended;
    const livedMs = performance.now() - startMs;
    if (this.#isOver) {
      const lost = { name, end, lastLine: undefined };
      return this.#exited({ ...lost, livedMs, verdict: 'expected' });
    }
    this.#options.hooks.onEnded(name);
    const lastLine = await child.lastLine();
    this.#conclude({ name, end, lastLine }, livedMs, false);
  }

  #conclude(lost: LostProcess, livedMs: number, hasWaited: boolean): void {
    if (this.#isOver) return;
    const { hooks } = this.#options;
    const verdict = hooks.judge(lost, hasWaited);
    if (verdict !== 'restart') this.#exited({ ...lost, livedMs, verdict });
    switch (verdict) {
      case 'wait':
        return this.#later(lost.name, LAST_WORD_MS, () =>
          this.#conclude(lost, livedMs, true),
        );
      case 'leave':
        if (lost.end.code !== 0) hooks.onNotice(lostText(lost));
        return hooks.onLeft(lost);
      case 'fail':
        return hooks.onFailed(hooks.errorOf(lost));
      case 'restart':
        return this.#restart(lost, livedMs);
      default: {
        const never: never = verdict;
        throw new TypeError(never);
      }
    }
  }

  #restart(lost: LostProcess, livedMs: number): void {
    const { hooks, maxRestarts, folder } = this.#options;
    const { name } = lost;
    const text = lostText(lost);
    const nowMs = performance.now();
    const decision = this.#policy.decide({ name, text, livedMs, nowMs });
    if (!decision.isAllowed) {
      const { earliest } = decision;
      const of = { maxRestarts, earliest, folder };
      this.#exited({ ...lost, livedMs, verdict: 'fail' });
      return hooks.onFailed(tooManyRestarts(lost, of));
    }
    this.#numRestarts += 1;
    const { delayMs } = decision;
    this.#exited({ ...lost, livedMs, verdict: 'restart', delayMs });
    hooks.onNotice(restartText(lost, delayMs));
    this.#later(name, delayMs, () => this.start(name));
  }

  #exited(exit: Exit): void {
    this.#options.log?.exited(exit);
  }

  #later(name: string, delayMs: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      work();
    }, delayMs);
    this.#timers.set(name, timer);
  }
}

function startProcess(options: ChildOptions): ChildHandle {
  return Child.start(options);
}
