/**
 * A cluster whose processes are scripts: specs start and end them, and say
 * what they report. Used by specs only.
 */
import type { LauncherOrder, ServerReport } from '@muster/protocol';
import type { ChildEnd, ChildHandle, ChildOptions } from './child.js';
import type { ClusterOptions } from './cluster-options.js';
import { Cluster } from './cluster.js';

/** A process that does what a spec says. */
export class ScriptedChild implements ChildHandle {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly ended: Promise<ChildEnd>;
  /** Signals that it was sent while it ran. */
  readonly signals: NodeJS.Signals[] = [];
  readonly orders: LauncherOrder[] = [];
  isRunning = true;
  readonly #report: (report: unknown) => void;
  #end: (end: ChildEnd) => void = () => undefined;
  #lastLine: string | undefined;

  constructor(options: ChildOptions, pid: number) {
    this.name = options.name;
    this.env = options.env;
    this.pid = pid;
    this.#report = options.onReport ?? (() => undefined);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** It ends: killed, or with an exit code and a last line. */
  async die(code?: number, lastLine?: string): Promise<void> {
    this.isRunning = false;
    this.#lastLine = lastLine;
    this.#end({
      code: code ?? null,
      signal: code === undefined ? 'SIGKILL' : null,
    });
    await reactions();
  }

  /** A server tells the launcher something. */
  async report(report: ServerReport): Promise<void> {
    this.#report(report);
    await reactions();
  }

  /** A server listens, at a port that is its process id. */
  listens(): Promise<void> {
    return this.report({
      type: 'listening',
      url: `ws://127.0.0.1:${this.pid}`,
      metricsUrl: `http://127.0.0.1:${this.pid + 1000}`,
      version: 0,
    });
  }

  send(order: LauncherOrder): void {
    this.orders.push(order);
  }
  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.signals.push(signal);
  }
  async stop(): Promise<ChildEnd> {
    if (this.isRunning) {
      this.signal('SIGTERM');
      await this.die(0);
    }
    return this.ended;
  }
  lastLine(): Promise<string | undefined> {
    return Promise.resolve(this.#lastLine);
  }
}

/** A cluster of them, and all that it said. */
export class ScriptedCluster {
  readonly cluster: Cluster;
  /** All lives of all processes. */
  readonly lives: ScriptedChild[] = [];
  readonly reports: ServerReport[] = [];
  /** How it ended: `finished`, `drained`, or the error. */
  outcome: unknown;

  constructor(options: Partial<ClusterOptions> = {}) {
    this.cluster = new Cluster(
      {
        ...DEFAULTS,
        onReport: (report) => this.reports.push(report),
        ...options,
      },
      (child) => this.#start(child),
    );
    this.cluster.ended.then(
      ({ outcome }) => (this.outcome = outcome),
      (error: unknown) => (this.outcome = error),
    );
    this.cluster.start();
  }

  /** Everybody has been started, and every server listens. */
  static async running(
    options: Partial<ClusterOptions> = {},
  ): Promise<ScriptedCluster> {
    const scripted = new ScriptedCluster(options);
    // the list grows while servers come to listen
    for (const child of scripted.lives) {
      if (!child.name.startsWith('worker')) await child.listens();
    }
    return scripted;
  }

  /** The newest life of a process. */
  of(name: string): ScriptedChild {
    const child = this.lives.findLast((life) => life.name === name);
    if (child === undefined) throw new Error(`${name} was not started`);
    return child;
  }

  /** How often a process was started. */
  livesOf(name: string): number {
    return this.lives.filter((life) => life.name === name).length;
  }

  /** The names in the order of the starts. */
  get started(): string[] {
    return this.lives.map(({ name }) => name);
  }

  /** The texts of all notices. */
  get notices(): string[] {
    return this.reports.flatMap((report) =>
      report.type === 'notice' ? [report.text] : [],
    );
  }

  #start(options: ChildOptions): ScriptedChild {
    const child = new ScriptedChild(options, 1 + this.lives.length);
    this.lives.push(child);
    return child;
  }
}

const DEFAULTS: ClusterOptions = {
  folder: '/run',
  host: '127.0.0.1',
  port: 7070,
  tokenFile: '/run/token',
  numWorkers: 2,
  numServers: 1,
  numStandbys: 0,
  maxRestarts: 10,
  backend: 'wasm',
  data: undefined,
  checkpointEvery: 200,
  leaseMs: 5000,
  heartbeatMs: 1000,
  stragglerFactor: 2,
  logLevel: 'info',
  metrics: true,
  metricsListen: { host: '127.0.0.1', port: 9090 },
  onReport: () => undefined,
};

/** Whatever follows without waiting for time has happened. */
async function reactions(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
