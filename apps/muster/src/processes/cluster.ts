/**
 * The processes of one run on this machine: one parameter server and any
 * number of workers, started together and ended together.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MusterError } from '@muster/protocol';
import type { RunResult, ServerReport } from '@muster/protocol';
import { Child } from './child.js';
import { WORKER_THREADS } from './worker-threads.js';

/** What a cluster is started with. */
export interface ClusterOptions {
  /** The run's folder. */
  readonly folder: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Holds the token; nobody has to show one when it is undefined. */
  readonly tokenFile: string | undefined;
  readonly numWorkers: number;
  readonly backend: 'auto' | 'tensorflow' | 'wasm';
  readonly data: string | undefined;
  readonly checkpointEvery: number;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly stragglerFactor: number;
  readonly logLevel: string;
  readonly metrics: boolean;
  /** Where metrics are served; only the server takes the port. */
  readonly metricsListen: { readonly host: string; readonly port: number };
  /** Hears of everything but the end. */
  readonly onReport: (report: ServerReport) => void;
  /** Hears of each process that is started. */
  readonly onStart?: (name: string, pid: number) => void;
}

/** How a run on this machine ended. */
export interface ClusterEnd {
  readonly outcome: 'finished' | 'drained';
  readonly result: RunResult;
}

/** How long a process has to end by itself after SIGTERM. */
const GRACE_MS = 10_000;
/** How long a server has to say that its run ended when no worker is left. */
const LAST_WORD_MS = 3000;

/** See the head of this file. `start` once, then wait for `ended`. */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #workers: Child[] = [];
  #server: Child | undefined;
  #settled = false;
  #isListening = false;
  #isDraining = false;
  #resolve: (end: ClusterEnd) => void = () => undefined;
  #reject: (error: MusterError) => void = () => undefined;

  /**
   * Resolves when the run has ended and its server has said so; rejects with
   * the earliest cause when it failed. Processes may still be ending.
   */
  readonly ended = new Promise<ClusterEnd>((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });

  constructor(options: ClusterOptions) {
    this.#options = options;
    // whoever starts a cluster awaits `ended`; `start` may fail before
    this.ended.catch(() => undefined);
  }

  /** Starts the server; the workers follow when it listens. */
  start(): void {
    const { folder } = this.#options;
    this.#server = Child.start({
      name: 'server',
      program: '@muster/parameter-server',
      env: this.#serverEnvironment(),
      outputFile: join(folder, 'logs', 'server.out'),
      onReport: (report) => this.#onReport(report as ServerReport),
    });
    this.#options.onStart?.('server', this.#server.pid ?? -1);
    void this.#watchServer(this.#server);
  }

  /** Process ids by name, of those that run. */
  get pids(): ReadonlyMap<string, number> {
    return new Map(
      this.#children.flatMap(({ name, isRunning, pid }) =>
        isRunning && pid !== undefined ? [[name, pid]] : [],
      ),
    );
  }

  /** Asks for a checkpoint and an orderly end; `ended` tells when. */
  drain(): void {
    this.#isDraining = true;
    // before it listens, the server would die of the signal: see #listening
    if (this.#isListening) this.#server?.signal('SIGTERM');
  }

  /** Ends every process at once, with force. */
  kill(): void {
    this.#settled = true;
    for (const child of this.#children) child.signal('SIGKILL');
  }

  /** Ends every process, with force after a while. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop(GRACE_MS)));
    await this.#server?.stop(GRACE_MS);
  }

  /** Waits until every process has ended by itself, then with force. */
  async settled(): Promise<void> {
    const all = this.#children;
    // the server has waited for goodbyes: who is left has not even joined
    for (const worker of this.#workers) worker.signal('SIGTERM');
    const timer = setTimeout(() => void this.close(), GRACE_MS);
    await Promise.all(all.map(({ ended }) => ended));
    clearTimeout(timer);
  }

  #onReport(report: ServerReport): void {
    switch (report.type) {
      case 'listening':
        this.#listening(report.url);
        return this.#options.onReport(report);
      case 'ended': {
        const { outcome, result } = report;
        this.#settled = true;
        return this.#resolve({ outcome, result });
      }
      case 'failed':
        return this.#fail(new MusterError(report.code, report.message));
      case 'progress':
      case 'epoch':
      case 'notice':
        return this.#options.onReport(report);
      default: {
        const never: never = report;
        throw new MusterError('ERR_INTERNAL', JSON.stringify(never));
      }
    }
  }

  get #children(): Child[] {
    return this.#server ? [...this.#workers, this.#server] : this.#workers;
  }

  #listening(url: string): void {
    this.#isListening = true;
    if (this.#isDraining) this.drain();
    else this.#startWorkers(url);
  }

  #startWorkers(url: string): void {
    for (let i = 0; i < this.#options.numWorkers; i++) {
      const worker = this.#startWorker(`worker-${i}`, url);
      this.#workers.push(worker);
      this.#options.onStart?.(worker.name, worker.pid ?? -1);
      void this.#watchWorker(worker);
    }
  }

  #startWorker(name: string, url: string): Child {
    const { folder } = this.#options;
    return Child.start({
      name,
      program: '@muster/worker',
      env: this.#workerEnvironment(name, url),
      outputFile: join(folder, 'logs', `${name}.out`),
    });
  }

  async #watchServer(server: Child): Promise<void> {
    const { code, signal } = await server.ended;
    if (this.#settled) return;
    const how = signal ?? `exit code ${code}`;
    const last = await server.lastLine();
    this.#fail(
      new MusterError(
        'ERR_PROCESS_FAILED',
        `the parameter server ended unexpectedly (${how})${last === undefined ? '' : `: ${last}`}; see logs/ in ${this.#options.folder}, go on with --resume`,
      ),
    );
  }

  async #watchWorker(worker: Child): Promise<void> {
    const { code, signal } = await worker.ended;
    if (this.#settled) return;
    const how = signal ?? `exit code ${code}`;
    const last = (await worker.lastLine()) ?? '';
    const text = `${worker.name} ended (${how})${last && `: ${last}`}`;
    if (code !== 0) this.#options.onReport({ type: 'notice', text });
    if (this.#workers.some(({ isRunning }) => isRunning)) return;
    await pause(LAST_WORD_MS, undefined, { ref: false });
    const message = `every worker of the run has ended, the last one: ${text}; see logs/ in ${this.#options.folder}`;
    this.#fail(new MusterError('ERR_NO_WORKERS', message));
  }

  #fail(error: MusterError): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#reject(error);
  }

  #serverEnvironment(): Record<string, string> {
    const { folder, host, port, tokenFile, logLevel, metrics } = this.#options;
    const { checkpointEvery, leaseMs, heartbeatMs, metricsListen } =
      this.#options;
    return {
      PS_RUN: folder,
      PS_HOST: host,
      PS_PORT: String(port),
      ...(tokenFile !== undefined && { PS_TOKEN_FILE: tokenFile }),
      PS_CHECKPOINT_EVERY: String(checkpointEvery),
      PS_LEASE_MS: String(leaseMs),
      PS_HEARTBEAT_MS: String(heartbeatMs),
      PS_STRAGGLER_FACTOR: String(this.#options.stragglerFactor),
      PS_LOG_LEVEL: logLevel,
      PS_LOG_FILE: join(folder, 'logs', 'server.log'),
      PS_METRICS: String(metrics),
      PS_METRICS_HOST: metricsListen.host,
      PS_METRICS_PORT: String(metricsListen.port),
    };
  }

  #workerEnvironment(name: string, url: string): Record<string, string> {
    const { folder, tokenFile, backend, data, logLevel } = this.#options;
    return {
      ...WORKER_THREADS,
      WORKER_SERVER: url,
      WORKER_ID: name,
      ...(tokenFile !== undefined && { WORKER_TOKEN_FILE: tokenFile }),
      WORKER_BACKEND: backend,
      ...(data !== undefined && { WORKER_DATA: data }),
      WORKER_LOG_LEVEL: logLevel,
      WORKER_LOG_FILE: join(folder, 'logs', `${name}.log`),
      WORKER_METRICS: String(this.#options.metrics),
      WORKER_METRICS_HOST: this.#options.metricsListen.host,
    };
  }
}
