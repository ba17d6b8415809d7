/**
 * Everybody who works on a run: knows who each process is, how it is started,
 * who can be started next, what an end means, and in which order all are
 * ended.
 */
import { join } from 'node:path';
import type { MusterError, ServerReport } from '@muster/protocol';
import type { ChildHandle, ChildOptions } from './child.js';
import type { ClusterOptions } from './cluster-options.js';
import { serverEnvironment, workerEnvironment } from './environments.js';
import { noWorkers, serverLost, workerUnusable } from './failures.js';
import type { LostProcess } from './failures.js';
import { ServerRoles } from './server-roles.js';
import { isCoordinatorKnown, nextToStart } from './start-order.js';
import { LAST_WORD_MS, Supervisor } from './supervisor.js';
import { verdictOn } from './verdict.js';
import type { Verdict } from './verdict.js';

/** How long a process has to end by itself after SIGTERM. */
const GRACE_MS = 10_000;

/** Who hears of the crew. */
export interface CrewListener {
  readonly onReport: (name: string, report: ServerReport) => void;
  readonly onNotice: (text: string) => void;
  readonly onFailed: (error: MusterError) => void;
}

/** How a process is started; a test gives another way. */
export type StartChild = (options: ChildOptions) => ChildHandle;

/** See the head of this file. */
export class Crew {
  readonly #options: ClusterOptions;
  readonly #listener: CrewListener;
  readonly #roles: ServerRoles;
  readonly #workers: readonly string[];
  readonly #processes: Supervisor;
  #isDraining = false;

  constructor(
    options: ClusterOptions,
    listener: CrewListener,
    startChild?: StartChild,
  ) {
    const { numServers, numStandbys, numWorkers, folder } = options;
    this.#options = options;
    this.#listener = listener;
    this.#roles = new ServerRoles(numServers, numStandbys);
    this.#workers = Array.from({ length: numWorkers }, (_, i) => `worker-${i}`);
    this.#processes = new Supervisor({
      ...{ folder, maxRestarts: options.maxRestarts, log: options.log },
      ...(startChild && { startChild }),
      hooks: {
        launch: (name) => this.#launch(name),
        onEnded: (name) => this.#roles.has(name) && this.#roles.ended(name),
        judge: (lost, hasWaited) => this.#judge(lost, hasWaited),
        onLeft: (lost) => this.#onLeft(lost),
        errorOf: (lost) => this.#errorOf(lost),
        onFailed: listener.onFailed,
        onNotice: listener.onNotice,
        onStart: (name, pid) => options.onStart?.(name, pid),
      },
    });
  }

  /** Process ids by name, of those that run. */
  get pids(): ReadonlyMap<string, number> {
    return this.#processes.pids;
  }

  /** How many processes were started again. */
  get numRestarts(): number {
    return this.#processes.numRestarts;
  }

  /** Whether this process is the coordinator, or is to become it. */
  isCoordinator(name: string): boolean {
    return this.#roles.coordinator === name;
  }

  /**
   * Where whoever wants to work has to look, the coordinator first; nothing
   * while that is not known of all who may coordinate.
   */
  get addresses(): readonly string[] | undefined {
    const of = { roles: this.#roles, isDraining: this.#isDraining };
    return isCoordinatorKnown(of) ? this.#roles.coordinatorUrls : undefined;
  }

  /** Starts everybody who can be started now, each once. */
  startNext(): void {
    const names = nextToStart({
      roles: this.#roles,
      workers: this.#workers,
      wasStarted: (name) => this.#processes.child(name) !== undefined,
      isDraining: this.#isDraining,
    });
    for (const name of names) this.#processes.start(name);
  }

  /** A server listens. Waits for the address that others are to use. */
  async listening(
    name: string,
    report: Extract<ServerReport, { type: 'listening' }>,
  ): Promise<void> {
    const { route } = this.#options;
    const child = this.#processes.child(name);
    const url = route ? await route(name, report.url) : report.url;
    const isSame = this.#processes.child(name) === child;
    if (!isSame || child?.isRunning !== true) return;
    if (route) child.send({ type: 'advertise', url });
    const port = portOf(report.url);
    const metricsPort = portOf(report.metricsUrl);
    this.#roles.listening(name, { url, port, metricsPort });
    this.#tellToStop(name);
    this.startNext();
  }

  /** A server serves the live page. */
  servesPage(name: string, url: string): void {
    this.#roles.servesPage(name, portOf(url));
  }

  /** A standby has taken over. */
  promoted(name: string, url: string): void {
    this.#roles.promoted(name, url);
    this.#tellToStop(name);
  }

  /** Asks the coordinator for an orderly end, now or when there is one. */
  drain(): void {
    this.#isDraining = true;
    for (const name of this.#roles.names) this.#tellToStop(name);
    // a start that has begun is finished, as far as the end needs it
    if (this.pids.size > 0) this.startNext();
  }

  /** From now on ends mean nothing and nobody is started. Idempotent. */
  end(): void {
    this.#processes.end();
  }

  /** Ends every process at once, with force. */
  kill(): void {
    this.end();
    this.#processes.signal('SIGKILL', this.pids.keys());
  }

  /**
   * Ends every process, with force after a while: the coordinator while it
   * still has the other servers for a last checkpoint. Idempotent.
   */
  async close(): Promise<void> {
    const { coordinator, names } = this.#roles;
    await this.#processes.stop(GRACE_MS, this.#workers);
    if (coordinator !== undefined) {
      await this.#processes.stop(GRACE_MS, [coordinator]);
    }
    await this.#processes.stop(GRACE_MS, names);
  }

  /** Waits until every process has ended by itself, then with force. */
  async settled(): Promise<void> {
    this.end();
    // the coordinator has waited for goodbyes: who is left has not even joined
    const others = [...this.#workers, ...this.#roles.names].filter(
      (name) => !this.isCoordinator(name),
    );
    this.#processes.signal('SIGTERM', others);
    const timer = setTimeout(() => void this.close(), GRACE_MS);
    await this.#processes.allEnded();
    clearTimeout(timer);
  }

  /** Before it listens, a server would die of the signal. */
  #tellToStop(name: string): void {
    if (!this.#isDraining || !this.#roles.isCoordinating(name)) return;
    this.#processes.signal('SIGTERM', [name]);
  }

  #launch(name: string): ChildOptions {
    const outputFile = join(this.#options.folder, 'logs', `${name}.out`);
    if (this.#roles.has(name)) {
      const part = this.#roles.started(name);
      return {
        ...{ name, outputFile, program: '@muster/parameter-server' },
        env: serverEnvironment(this.#options, name, part),
        onReport: (report) =>
          this.#listener.onReport(name, report as ServerReport),
      };
    }
    const { coordinatorUrls } = this.#roles;
    return {
      ...{ name, outputFile, program: '@muster/worker' },
      env: workerEnvironment(this.#options, name, coordinatorUrls),
    };
  }

  #judge({ name, end }: LostProcess, hasWaited: boolean): Verdict {
    const isServer = this.#roles.has(name);
    return verdictOn({
      kind: isServer ? 'server' : 'worker',
      code: end.code,
      wasCoordinator: isServer && this.#roles.wasCoordinator(name),
      hasLeader: isServer && this.#roles.hasLeader(name),
      isDraining: this.#isDraining,
      maxRestarts: this.#options.maxRestarts,
      hasWaited,
    });
  }

  #errorOf(lost: LostProcess): MusterError {
    const { folder } = this.#options;
    return this.#roles.has(lost.name)
      ? serverLost(lost, folder)
      : workerUnusable(lost, folder);
  }

  /** The run goes on without a process, unless nobody is left to compute. */
  #onLeft(lost: LostProcess): void {
    if (this.#isDraining || !this.#workers.includes(lost.name)) return;
    if (this.#workers.some((name) => this.#processes.isThere(name))) return;
    const error = noWorkers(lost, this.#options.folder);
    setTimeout(() => this.#listener.onFailed(error), LAST_WORD_MS).unref();
  }
}

/** The port of an address, if it has one. */
function portOf(url: string | null): number | undefined {
  const port = url !== null && URL.canParse(url) ? new URL(url).port : '';
  return port === '' ? undefined : Number(port);
}
