/**
 * What runs on every host of a launch, at the other end of ssh: starts what
 * it is told to, tells what becomes of it, and ends all of it when it is told
 * to, when its input ends, or when nothing is heard any more: a connection
 * may be cut without either end being told.
 */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { performance } from 'node:perf_hooks';
import { toMusterError } from '@muster/protocol';
import { tlsEnvironment } from '../processes/environments.js';
import { AgentProcesses } from './agent-processes.js';
import type { StartAgentChild } from './agent-processes.js';
import { bindHost } from './bind-host.js';
import { lineOf, orderSchema, readLine } from './orders.js';
import type { News, Order } from './orders.js';
import { SecretFiles } from './secret-files.js';
import type { TlsPaths } from './secret-files.js';

/** How long processes have to end by themselves: a checkpoint takes its time. */
const GRACE_MS = 10_000;
/** For the first order. */
const FIRST_TIMEOUT_MS = 60_000;

/** What an agent is made with. */
export interface AgentOptions {
  /** Orders come in here. */
  readonly input: Readable;
  /** News go out here. */
  readonly output: Writable;
  /** Starts a process; a test gives another way. */
  readonly startChild?: StartAgentChild;
}

/** See the head of this file; `run` once. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #processes: AgentProcesses;
  readonly #secrets = new SecretFiles();
  readonly #timers: NodeJS.Timeout[] = [];
  #timeoutMs = FIRST_TIMEOUT_MS;
  #heardAtMs = performance.now();
  #stopping: Promise<void> | undefined;
  #resolve: () => void = () => undefined;
  readonly #ended = new Promise<void>((resolve) => {
    this.#resolve = resolve;
  });

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#processes = new AgentProcesses(
      {
        onStarted: (process, pid) =>
          this.#tell({ type: 'started', process, pid }),
        onLine: (process, text) => this.#tell({ type: 'line', process, text }),
        onReport: (report) => this.#report(report),
        onNotice: (text) => this.#tell({ type: 'notice', text }),
        onEnded: ({ name: process, end, lastLine }) =>
          this.#tell({
            ...{ type: 'ended', process, ...end },
            ...(lastLine !== undefined && { lastLine }),
          }),
        onFailed: ({ code, message }) =>
          this.#tell({ type: 'failed', process: 'worker', code, message }),
      },
      options.startChild,
    );
  }

  /** Works until everything has ended, whoever asked for it. */
  async run(): Promise<void> {
    const { input, output } = this.#options;
    output.on('error', () => this.stop('nobody reads what is told'));
    input.on('error', () => this.stop('the launcher is gone'));
    const lines = createInterface({ input, crlfDelay: Infinity });
    lines.on('line', (line) => this.#hear(line));
    lines.on('close', () => this.stop('the launcher is gone'));
    this.#every(500, () => this.#watch());
    this.#tell({ type: 'hello', node: process.version });
    await this.#ended;
    for (const timer of this.#timers) clearInterval(timer);
    lines.close();
    input.destroy();
  }

  /** Ends everything. Idempotent. */
  stop(reason: string, graceMs = GRACE_MS): void {
    this.#stopping ??= this.#stop(reason, graceMs);
  }

  async #stop(reason: string, graceMs: number): Promise<void> {
    await this.#processes.stop(graceMs);
    await this.#secrets.remove();
    this.#tell({ type: 'stopped', reason });
    this.#resolve();
  }

  #hear(line: string): void {
    this.#heardAtMs = performance.now();
    const order = readLine(orderSchema, line);
    if (order === undefined) {
      return this.stop('an order could not be read: other versions of Muster');
    }
    this.#carryOut(order).catch((error: unknown) => {
      const { code, message } = toMusterError(error);
      this.#tell({ type: 'failed', process: 'agent', code, message });
      this.stop(message);
    });
  }

  async #carryOut(order: Order): Promise<void> {
    switch (order.type) {
      case 'begin':
        this.#timeoutMs = order.timeoutMs;
        this.#every(order.heartbeatMs, () => this.#tell({ type: 'heartbeat' }));
        return this.#secrets.write(order);
      case 'server':
        return this.#startServer(order);
      case 'workers': {
        const { token, workerTls } = await this.#secrets.paths();
        if (this.#stopping !== undefined) return;
        const env = {
          ...order.env,
          WORKER_TOKEN_FILE: token,
          ...tlsEnvironment('WORKER', workerTls),
        };
        return this.#processes.startWorkers(
          order.names,
          env,
          order.maxRestarts,
        );
      }
      case 'heartbeat':
        return;
      case 'signal':
        return this.#processes.signalServer(order.signal);
      case 'stop':
        if (order.atOnce) this.#processes.killAll();
        return this.stop('told to');
    }
  }

  async #startServer(order: Extract<Order, { type: 'server' }>): Promise<void> {
    const { host, port } = order.listen ?? {
      host: await bindHost(order.address),
      port: 0,
    };
    const { token, serverTls } = await this.#secrets.paths();
    if (this.#stopping !== undefined) return;
    const there = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const words = ['--listen', there, '--token-file', token];
    words.push(...tlsWords(serverTls));
    this.#processes.startServer([...order.args, ...words]);
  }

  #report(report: unknown): void {
    if (typeof report !== 'object' || report === null) return;
    if (!('type' in report) || typeof report.type !== 'string') return;
    this.#tell({ type: 'report', report: { ...report, type: report.type } });
  }

  #watch(): void {
    const silentMs = performance.now() - this.#heardAtMs;
    if (silentMs <= this.#timeoutMs) return;
    this.stop(`nothing heard of the launcher for ${this.#timeoutMs} ms`);
  }

  #tell(news: News): void {
    if (!this.#options.output.destroyed)
      this.#options.output.write(lineOf(news));
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms));
  }
}

function tlsWords(paths: TlsPaths | undefined): string[] {
  if (paths === undefined) return [];
  const { cert, key, ca } = paths;
  return ['--tls-cert', cert, '--tls-key', key, '--tls-ca', ca];
}
