/**
 * The hosts of a run while it goes on: agents are connected, told what to
 * start, and replaced when they are lost; the run ends with its server, or
 * with what makes it impossible, and then everything is ended everywhere.
 */
import { performance } from 'node:perf_hooks';
import { MusterError } from '@muster/protocol';
import type { ErrorCode, ServerReport } from '@muster/protocol';
import { FailureHistory } from '../processes/failure-history.js';
import { withCause } from '../processes/run-failure.js';
import { SERVER } from './agent-processes.js';
import type { FleetOptions, RunReport } from './fleet-options.js';
import { HostRoster } from './host-roster.js';
import type { Host } from './hosts.js';
import type { News } from './orders.js';
import type { AgentEnd, AgentHandle } from './remote-agent.js';

/** How a run ended. */
export interface FleetEnd {
  /** Of `muster server`: 0, or 130 and 143 when it was asked to stop. */
  readonly code: number;
  /** The run's folder at the host of the servers. */
  readonly folder: string | undefined;
}

/** How long all may take to end: a checkpoint, and the way there. */
const STOP_MS = 20_000;
/** The same, at once. */
const KILL_MS = 5000;

/** See the head of this file. `start` once, then wait for `ended`. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #agents = new Map<Host, AgentHandle>();
  readonly #roster: HostRoster;
  readonly #failures: FailureHistory;
  readonly #over = new AbortController();
  #url: string | undefined;
  #folder: string | undefined;
  #isStopping = false;
  #resolve: (end: FleetEnd) => void = () => undefined;
  #reject: (error: MusterError) => void = () => undefined;

  /** Resolves with the run's end; rejects with a failure and its cause. */
  readonly ended = new Promise<FleetEnd>((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#roster = new HostRoster(options.serverHost, options.maxHosts);
    this.#failures = new FailureHistory(options.sameCauseMs);
    this.ended.catch(() => undefined);
  }

  /** The run's folder at the host of the servers, once it is known. */
  get folder(): string | undefined {
    return this.#folder;
  }

  /** Connects the hosts; those of the list that are not there follow. */
  start(): void {
    const { serverHost, ready, later } = this.#options;
    this.#join(serverHost);
    for (const host of ready) if (host !== serverHost) this.#join(host);
    for (const host of later) void this.#await(host);
  }

  /** Asks for a checkpoint and an orderly end; `ended` tells when. */
  drain(signal: 'SIGINT' | 'SIGTERM'): void {
    this.#isStopping = true;
    const server = this.#agents.get(this.#options.serverHost);
    if (this.#url !== undefined && server !== undefined) {
      return server.send({ type: 'signal', signal });
    }
    // nothing has begun that could be kept
    this.#finish(() =>
      this.#resolve({
        code: signal === 'SIGINT' ? 130 : 143,
        folder: undefined,
      }),
    );
  }

  /** Ends everything on every host and waits for it. Idempotent. */
  async close(atOnce = false): Promise<void> {
    this.#over.abort();
    const agents = [...this.#agents.values()];
    const withinMs = atOnce ? KILL_MS : STOP_MS;
    await Promise.all(agents.map((agent) => agent.stop(atOnce, withinMs)));
  }

  // ---- hosts come and go --------------------------------------------------

  #join(host: Host): void {
    const { serverHost, orders, edges } = this.#options;
    if (!this.#roster.join(host)) {
      return this.#note(`${host.name} stands by (--nnodes)`);
    }
    const agent = edges.connect(host, {
      onNews: (news) => this.#hear(host, news),
      onStray: (text) => edges.onLine(host, undefined, text),
    });
    this.#agents.set(host, agent);
    agent.send(orders.begin(host));
    if (host === serverHost) agent.send(orders.server);
    this.#startWorkers(host);
    void agent.ended.then((end) => this.#lost(host, end));
  }

  #startWorkers(host: Host): void {
    if (this.#url === undefined || host.slots === 0) return;
    const order = this.#options.orders.workers(host, this.#url);
    this.#agents.get(host)?.send(order);
  }

  /** Asks a host until it is ready, then takes it in. */
  async #await(host: Host): Promise<void> {
    this.#roster.await(host);
    const { signal } = this.#over;
    const isReady = await this.#options.edges.prepare(host, signal);
    this.#roster.awaited(host);
    if (signal.aborted) return;
    if (isReady) {
      this.#failures.works(host.name);
      this.#note(`${host.name} is there`);
      this.#join(host);
    } else this.#requireWorkers();
  }

  #lost(host: Host, { reason }: AgentEnd): void {
    this.#agents.delete(host);
    this.#roster.leave(host);
    if (this.#over.signal.aborted) return;
    const text = `host ${host.name} is lost: ${reason}`;
    if (host === this.#options.serverHost) {
      return this.#fail(
        host,
        'ERR_CONNECTION_LOST',
        `${text}; the servers ran there`,
      );
    }
    this.#remember(host, 'ERR_CONNECTION_LOST', text);
    this.#note(`${text}; training goes on without it`, true);
    void this.#await(host);
    const spare = this.#roster.takeSpare();
    if (spare !== undefined) this.#join(spare);
  }

  /** Without anybody who computes, and nobody to come, a run never ends. */
  #requireWorkers(): void {
    if (this.#roster.hasWorkers || this.#isStopping) return;
    const text = 'no host is left that has workers';
    this.#fail(this.#options.serverHost, 'ERR_NO_WORKERS', text);
  }

  // ---- what hosts tell ----------------------------------------------------

  #hear(host: Host, news: News): void {
    const { onLine, onStarted } = this.#options.edges;
    switch (news.type) {
      case 'hello':
      case 'heartbeat':
      case 'stopped':
        return;
      case 'started':
        return onStarted(host, news.process, news.pid);
      case 'line':
        return onLine(host, news.process, news.text);
      case 'notice':
        return onLine(host, undefined, news.text);
      case 'report':
        // told by the server of the same version, which the hosts run
        return this.#report(host, news.report as ServerReport | RunReport);
      case 'ended':
        return this.#processEnded(host, news);
      case 'failed':
        return this.#processFailed(host, news);
    }
  }

  #report(host: Host, report: ServerReport | RunReport): void {
    if (report.type === 'run') {
      this.#folder = report.folder;
      this.#options.edges.onRun(report);
      return this.#options.edges.onLine(host, SERVER, report.text);
    }
    if (report.type === 'listening') {
      const url = this.#options.orders.reachable(report.url);
      this.#options.edges.onReport(host, { ...report, url });
      const isFirst = this.#url === undefined;
      this.#url = url;
      if (isFirst)
        this.#roster.active.forEach((one) => this.#startWorkers(one));
      return;
    }
    if (report.type === 'failed') {
      this.#remember(host, report.code, `${SERVER}: ${report.message}`);
    }
    this.#options.edges.onReport(host, report);
  }

  #processEnded(host: Host, news: Extract<News, { type: 'ended' }>): void {
    const { process, code, signal, lastLine } = news;
    const how = signal ?? `exit code ${code ?? '?'}`;
    if (process !== SERVER) {
      return this.#options.edges.onLine(host, process, `ended (${how})`);
    }
    const wasDrained = code === 130 || code === 143;
    if (code === 0 || wasDrained) {
      const folder = this.#folder;
      return this.#finish(() => this.#resolve({ code, folder }));
    }
    const said = lastLine === undefined ? '' : `: ${lastLine}`;
    const text = `the server on ${host.name} ended (${how})${said}`;
    this.#fail(host, code === 2 ? 'ERR_CONFIG' : 'ERR_PROCESS_FAILED', text);
  }

  #processFailed(host: Host, news: Extract<News, { type: 'failed' }>): void {
    const { code, message } = news;
    const text = `${host.name}: ${message}`;
    const { isElastic, serverHost } = this.#options;
    if (!isElastic || host === serverHost) return this.#fail(host, code, text);
    this.#remember(host, code, text);
    this.#note(`${text}; training goes on without it`, true);
  }

  // ---- the end ------------------------------------------------------------

  #remember(host: Host, code: ErrorCode, message: string): void {
    const atMs = performance.now();
    this.#failures.add({ who: host.name, code, message, atMs });
  }

  #fail(host: Host, code: ErrorCode, message: string): void {
    this.#remember(host, code, message);
    const end = new MusterError(code, message);
    const error = withCause(end, this.#failures.chain);
    this.#finish(() => this.#reject(error));
  }

  #finish(say: () => void): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    say();
  }

  #note(text: string, isBad = false): void {
    this.#options.edges.onNote(text, isBad);
  }
}
