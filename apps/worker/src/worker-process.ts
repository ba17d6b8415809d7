/**
 * The worker's edge: carries the brain's effects out (connection, computing,
 * files) and hands events in, one at a time. No decision is taken here.
 */
import { performance } from 'node:perf_hooks';
import { WorkerMachine } from '@muster/cluster';
import type { WorkerEffect, WorkerEnd, WorkerEvent } from '@muster/cluster';
import { startBackend } from '@muster/model';
import type { BackendInfo } from '@muster/model';
import { MusterError, tellableMetricsUrl } from '@muster/protocol';
import type { Packet } from '@muster/protocol';
import { createLogger, hostFacts } from '@muster/telemetry';
import type { Logger } from '@muster/telemetry';
import type { WorkerConfig } from './config.js';
import { TaskRunner } from './task-runner.js';
import { WorkerAccess } from './worker-access.js';
import { WorkerConnections } from './worker-connections.js';
import { WorkerTelemetry } from './worker-telemetry.js';

/** How often time is handed to the brain. */
const TICK_MS = 100;
/** How long the goodbye may take to leave the process. */
const FLUSH_MS = 1000;

/** One worker; `start` once, then wait for `closed`. */
export class WorkerProcess {
  readonly #config: WorkerConfig;
  readonly #log: Logger;
  readonly #telemetry: WorkerTelemetry;
  readonly #connections: WorkerConnections;
  readonly #access: WorkerAccess;
  readonly #tasks: TaskRunner;
  #machine: WorkerMachine | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #wasWorking = false;
  #resolveClosed: (end: WorkerEnd) => void = () => undefined;

  /** Resolves with how the worker ended; its connection is closed then. */
  readonly closed = new Promise<WorkerEnd>((resolve) => {
    this.#resolveClosed = resolve;
  });

  constructor(config: WorkerConfig) {
    this.#config = config;
    const { WORKER_ID: workerId, WORKER_LOG_FILE: file } = config;
    this.#log = createLogger({
      name: 'worker',
      level: config.WORKER_LOG_LEVEL,
      destination: file === undefined ? 'stderr' : { file },
      bindings: { workerId },
    });
    this.#log.info('process-started', { pid: process.pid, ...hostFacts() });
    this.#access = new WorkerAccess(config, this.#log);
    const { readToken, readTls } = this.#access;
    this.#connections = new WorkerConnections({
      urls: config.WORKER_SERVER,
      giveUpAfterMs: config.WORKER_CONNECT_TIMEOUT_MS,
      ...{ readToken, readTls },
      log: this.#log,
      onConnected: (link) => this.#onConnected(link),
      onPacket: (link, packet) => this.#onPacket(link, packet),
      onClosed: (link, error) => this.#onClosed(link, error),
      onEnded: (connection) => this.#telemetry.connectionClosed(connection),
      onGivenUp: ({ code, message }) => {
        void this.#stop({ outcome: 'failed', code, message });
      },
    });
    const connections = () => this.#connections.open;
    this.#telemetry = new WorkerTelemetry(workerId, connections);
    this.#tasks = new TaskRunner({
      ...{ config, access: this.#access, log: this.#log },
      telemetry: this.#telemetry,
      addresses: () => this.#connections.addresses,
      handle: (event) => this.#handle(event),
      send: (link, packet) => this.#send(link, packet),
    });
  }

  /**
   * Loads the backend and begins to look for the server.
   * @throws MusterError `ERR_BACKEND`, `ERR_CONFIG`, `ERR_PORT_IN_USE`.
   */
  async start(): Promise<void> {
    const config = this.#config;
    if (config.WORKER_METRICS) await this.#serveMetrics();
    const info = await startBackend(config.WORKER_BACKEND);
    this.#setInfo(info);
    this.#machine = new WorkerMachine({
      workerId: config.WORKER_ID,
      numerics: info.numerics,
      backend: info.name,
      metricsUrl: tellableMetricsUrl(this.#telemetry.url),
    });
    this.#apply(this.#machine.start(performance.now()));
    this.#ticker = setInterval(() => this.#handle({ type: 'tick' }), TICK_MS);
  }

  /** Logs what kept it from starting. */
  failed({ code, message }: MusterError): void {
    this.#log.error('failed', { code, message });
  }

  /** Asks the worker to hand its work back and say goodbye. Idempotent. */
  drain(): void {
    if (this.#machine === undefined) {
      this.#resolveClosed({ outcome: 'drained' });
    } else this.#handle({ type: 'drain' });
  }

  /** Frees what is held. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#ticker);
    this.#tasks.stop();
    void this.#connections.close();
    await this.#telemetry.close();
    this.#tasks.dispose();
    this.#log.close();
  }

  #setInfo(info: BackendInfo): void {
    const { name, libraryVersion, numerics, reason, threads, kernels } = info;
    this.#log.info('backend', {
      ...{ backend: name, libraryVersion, numerics, reason, threads, kernels },
    });
    this.#telemetry.setBackend(info);
  }

  async #serveMetrics(): Promise<void> {
    const config = this.#config;
    const login = await this.#access.metricsLogin();
    await this.#telemetry.serve({
      host: config.WORKER_METRICS_HOST,
      port: config.WORKER_METRICS_PORT,
      hosts: config.WORKER_METRICS_HOSTS,
      ...(login && { login }),
      ready: () => {
        const state = this.#machine?.state ?? 'loading the backend';
        return { ready: state === 'working', reason: state };
      },
      log: this.#log,
    });
    this.#log.info('metrics', { url: this.#telemetry.url });
  }

  // ---- events in, effects out ---------------------------------------------

  #handle(event: WorkerEvent): void {
    if (this.#machine === undefined) return;
    this.#apply(this.#machine.handle(event, performance.now()));
  }

  #apply(effects: readonly WorkerEffect[]): void {
    for (const effect of effects) this.#carryOut(effect);
    const isWorking = this.#machine?.state === 'working';
    if (isWorking && !this.#wasWorking) {
      this.#log.info('working', { step: this.#machine?.version });
    }
    this.#wasWorking = isWorking;
  }

  #carryOut(effect: WorkerEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#send(effect.link, effect.packet);
      case 'dial':
        this.#telemetry.dialling(effect.link);
        return this.#connections.dial(effect.link, effect.urls);
      case 'terminate':
        return this.#connections.terminate(effect.link);
      case 'prepare':
        return void this.#tasks.prepare(effect);
      case 'compute':
        return void this.#tasks.compute(effect);
      case 'classify':
        return this.#tasks.classify(effect);
      case 'abandon':
        return this.#tasks.abandon();
      case 'stop':
        return void this.#stop(effect.end);
      default: {
        const never: never = effect;
        throw new MusterError('ERR_INTERNAL', JSON.stringify(never));
      }
    }
  }

  #send(link: number, packet: Packet): void {
    const startMs = performance.now();
    this.#connections.send(link, packet);
    this.#telemetry.sent(link, packet, startMs);
  }

  #onConnected(link: number): void {
    this.#telemetry.connected(link);
    this.#handle({ type: 'connected', link });
    const isWorking = this.#machine?.state === 'working';
    // a server is there again; link 0 says so when it has joined again
    if (link > 0 && isWorking) this.#log.info('working', { link });
  }

  #onPacket(link: number, packet: Packet): void {
    const { message } = packet;
    this.#telemetry.received(link, packet);
    if (message.type === 'joined') {
      const { runId, incarnation } = message;
      this.#log.bind({ runId, incarnation });
    }
    if (message.type === 'joined' || message.type === 'shards') {
      this.#connections.told(message.shards[0]?.urls ?? []);
    }
    this.#handle({ type: 'packet', link, packet });
  }

  #onClosed(link: number, error: MusterError | undefined): void {
    // a goodbye is part of every run
    const level = error === undefined ? 'info' : 'warn';
    const { version: step } = this.#machine ?? {};
    this.#log[level]('disconnected', { link, step, reason: error?.message });
    this.#handle({ type: 'disconnected', link });
  }

  // ---- the end ------------------------------------------------------------

  /** Flushes the goodbye, then closes. */
  async #stop(end: WorkerEnd): Promise<void> {
    const level = end.outcome === 'failed' ? 'error' : 'info';
    this.#log[level]('stopped', { ...end, step: this.#machine?.version });
    clearInterval(this.#ticker);
    this.#tasks.stop();
    const closed = this.#connections.close();
    await Promise.race([
      closed,
      new Promise((resolve) => setTimeout(resolve, FLUSH_MS).unref()),
    ]);
    this.#resolveClosed(end);
  }
}
