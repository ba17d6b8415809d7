/**
 * The parameter server's edge: carries the brain's effects out (connections,
 * checkpoints, files, metrics) and hands events in, one at a time. No decision
 * is taken here.
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { ServerMachine } from '@muster/cluster';
import type { RunEnd, ServerEffect, ServerEvent } from '@muster/cluster';
import { kernels } from '@muster/optimizer';
import {
  encodeFrame,
  MusterError,
  shardRanges,
  tellableMetricsUrl,
} from '@muster/protocol';
import type {
  LauncherOrder,
  RunDefinition,
  ServerReport,
} from '@muster/protocol';
import { createLogger, hostFacts } from '@muster/telemetry';
import type { Logger } from '@muster/telemetry';
import { readAccess } from './access.js';
import type { Access } from './access.js';
import type { ServerConfig } from './config.js';
import { PageKeeper } from './feed/page-keeper.js';
import { PageQuestions } from './feed/page-questions.js';
import { lateGuest } from './late-guests.js';
import { readRunDefinition } from './run-folder.js';
import { resultOf } from './run-result.js';
import { findVersions } from './run-state.js';
import type { ShardFiles } from './run-state.js';
import { openDoor } from './server-door.js';
import type { ServerDoor } from './server-door.js';
import { ShardDisk } from './shard-disk.js';
import { MetricsFile, both } from './telemetry/metrics-file.js';
import { RunTelemetry } from './telemetry/run-telemetry.js';
import { TensorBoard } from './telemetry/tensorboard.js';

/** How often time is handed to the brain: a fraction of a task's time. */
const TICK_MS = 20;
/** How long workers have to say goodbye. */
const GOODBYE_MS = 2000;

/** How the process was reached by its launcher, if it has one. */
export interface Launcher {
  /** Says something to it. */
  readonly tell: (report: ServerReport) => void;
  /** Resolves with the next thing that it says. */
  readonly heard: () => Promise<LauncherOrder>;
}

/** One parameter server; `start` once, then wait for `closed`. */
export class ParameterServer {
  readonly #config: ServerConfig;
  readonly #launcher: Launcher;
  readonly #log: Logger;
  #machine: ServerMachine | undefined;
  #door: ServerDoor | undefined;
  #telemetry: RunTelemetry | undefined;
  #tensorboard: TensorBoard | undefined;
  #disk: ShardDisk | undefined;
  #page: PageKeeper | undefined;
  readonly #questions = new PageQuestions((event) => this.#handle(event));
  #ticker: NodeJS.Timeout | undefined;
  #isEnding = false;
  #isReplaced = false;
  #isToldToEnd = false;
  /** How the run has ended, while the process stays nevertheless. */
  #stayedAfter: RunEnd | undefined;
  #resolveClosed: (end: RunEnd) => void = () => undefined;

  /**
   * Resolves with how the run ended; every file is written then. Where the
   * process stays after the end, not before `drain`.
   */
  readonly closed = new Promise<RunEnd>((resolve) => {
    this.#resolveClosed = resolve;
  });

  constructor(config: ServerConfig, launcher: Launcher) {
    this.#config = config;
    this.#launcher = launcher;
    const { PS_LOG_FILE: file, PS_SHARD: shard } = config;
    this.#log = createLogger({
      name: 'parameter-server',
      level: config.PS_LOG_LEVEL,
      destination: file === undefined ? 'stderr' : { file },
      bindings: { server: shard },
    });
    this.#log.info('process-started', {
      ...{ role: config.PS_ROLE, pid: process.pid, ...hostFacts() },
      kernels: kernels.name,
    });
  }

  /**
   * Looks what there is to start from, listens, and joins the cluster.
   * @throws MusterError `ERR_RUN_NOT_FOUND`, `ERR_CHECKPOINT_MISMATCH`,
   *   `ERR_PORT_IN_USE`, `ERR_CONFIG`, `ERR_TLS`.
   */
  async start(): Promise<void> {
    const config = this.#config;
    const run = await readRunDefinition(config.PS_RUN);
    this.#log.bind({ runId: run.runId });
    const ranges = shardRanges(run.model.numParameters, config.PS_SHARDS);
    const range = ranges[config.PS_SHARD] ?? { begin: 0, end: 0 };
    const place = { shard: config.PS_SHARD, numShards: config.PS_SHARDS };
    const files = { folder: config.PS_RUN, run, ...place, ...range };
    const isStandby = config.PS_ROLE === 'standby';
    const found = isStandby ? undefined : await findVersions(files);
    for (const text of found?.notices ?? []) this.#notice(text);
    const machine = new ServerMachine(run, {
      shard: place.shard,
      ranges,
      role: config.PS_ROLE,
      term: Date.now(),
      leaseMs: config.PS_LEASE_MS,
      heartbeatMs: config.PS_HEARTBEAT_MS,
      checkpointEverySteps: config.PS_CHECKPOINT_EVERY,
      stragglerFactor: config.PS_STRAGGLER_FACTOR,
    });
    this.#machine = machine;
    const access = await readAccess(config);
    for (const text of access.warnings) this.#notice(text);
    await this.#observe(files, machine, access);
    this.#disk = new ShardDisk({
      ...{ files, machine },
      handle: (event) => this.#handle(event),
      notice: (text) => this.#notice(text),
      snapshotTaken: (snapshot) => this.#tensorboard?.snapshot(snapshot),
      checkpointDone: (outcome) => {
        this.#telemetry?.checkpointDone(outcome);
        this.#page?.checkpointDone(outcome);
      },
    });
    const versions = found?.versions ?? [];
    const numElements = range.end - range.begin;
    await this.#open(access, run, numElements);
    const url = await this.#advertise(versions[0]);
    const metricsUrl = tellableMetricsUrl(this.#telemetry?.metricsUrl);
    const nowMs = performance.now();
    this.#apply(machine.start(url, versions, nowMs, metricsUrl));
    this.#ticker = setInterval(() => this.#handle({ type: 'tick' }), TICK_MS);
  }

  /** Logs what kept it from starting. */
  failed({ code, message }: MusterError): void {
    this.#log.error('failed', { code, message });
  }

  /** Asks for a checkpoint and an orderly end. Idempotent. */
  drain(): void {
    this.#isToldToEnd = true;
    if (this.#stayedAfter) this.#resolveClosed(this.#stayedAfter);
    else if (this.#machine === undefined) {
      this.#resolveClosed({ outcome: 'drained' });
    } else this.#handle({ type: 'drain' });
  }

  /** Frees what is held. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#ticker);
    this.#door?.connections.stop();
    await this.#door?.close();
    await this.#page?.close();
    if (!this.#isReplaced) await this.#disk?.close();
    await this.#telemetry?.close();
    this.#log.close();
  }

  async #observe(
    files: ShardFiles,
    machine: ServerMachine,
    access: Access,
  ): Promise<void> {
    const { folder, run } = files;
    const lost = (reason: string) =>
      this.#notice(`events for TensorBoard are being lost: ${reason}`);
    if (this.#config.PS_TENSORBOARD) {
      this.#tensorboard = new TensorBoard(files, lost);
    }
    const metrics = new MetricsFile(join(folder, 'metrics.jsonl'));
    this.#telemetry = await RunTelemetry.start({
      config: this.#config,
      ...{ run, machine, login: access.login },
      file: both(metrics, this.#tensorboard),
      log: this.#log,
      tell: this.#launcher.tell,
      remoteOf: (id) => this.#door?.connections.get(id)?.remote,
      connections: () => this.#door?.connections.all ?? [],
    });
    const { tell } = this.#launcher;
    const parts = { config: this.#config, run, machine, access };
    this.#page = new PageKeeper({
      ...{ ...parts, log: this.#log, tell },
      ask: (image) => this.#questions.ask(image),
    });
    await this.#page.start();
  }

  async #open(
    access: Access,
    run: RunDefinition,
    numElements: number,
  ): Promise<void> {
    this.#door = await openDoor({
      ...{ config: this.#config, access, run, numElements, log: this.#log },
      handle: (event) => this.#handle(event),
      instead: (connection) =>
        this.#stayedAfter && lateGuest(connection, run.runId),
      onClosed: (connection, error) =>
        this.#telemetry?.connectionClosed(connection, error),
      onRefused: (error, remote) =>
        this.#telemetry?.connectionRefused(error, remote),
      onDataSent: (numBytes) => this.#telemetry?.dataSent(numBytes),
    });
  }

  /** Gives the address that others are told. */
  async #advertise(version = 0): Promise<string> {
    const url = this.#door?.url ?? '';
    const metricsUrl = this.#telemetry?.metricsUrl ?? null;
    const { PS_SHARD: shard, PS_ROLE: role } = this.#config;
    const { PS_ADVERTISE: how } = this.#config;
    const own = how === 'own' || how === 'ask' ? url : how;
    const place = { url, advertised: own, metricsUrl };
    this.#log.info('listening', { ...place, shard, role });
    const order = how === 'ask' ? this.#launcher.heard() : undefined;
    this.#launcher.tell({ type: 'listening', url, metricsUrl, version });
    const advertised = (await order)?.url ?? own;
    if (this.#telemetry) this.#telemetry.url = advertised;
    return advertised;
  }

  // ---- events in, effects out ---------------------------------------------

  #handle(event: ServerEvent): void {
    if (this.#machine === undefined) return;
    const start = performance.now();
    const effects = this.#machine.handle(event, start);
    this.#telemetry?.handled(event, effects, performance.now() - start);
    this.#apply(effects);
  }

  #apply(effects: readonly ServerEffect[]): void {
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: ServerEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#door?.connections
          .get(effect.connection)
          ?.send(effect.packet);
      case 'broadcast':
        return this.#broadcast(effect);
      case 'close':
        return this.#close(effect);
      case 'terminate':
        return this.#door?.connections.get(effect.connection)?.terminate();
      case 'dial':
        return void this.#door?.connections.dial(effect.link);
      case 'restore':
        return void this.#disk?.restore(effect);
      case 'list-checkpoints':
        return void this.#disk?.list();
      case 'checkpoint':
        return this.#disk?.checkpoint(effect);
      case 'order':
        return this.#disk?.order(effect);
      case 'report':
        this.#telemetry?.report(effect.report);
        return this.#page?.report(effect.report);
      case 'classified':
      case 'not-classified':
        return this.#questions.answered(effect);
      case 'end':
        return void this.#end(effect.end);
      default: {
        const never: never = effect;
        throw new MusterError('ERR_INTERNAL', JSON.stringify(never));
      }
    }
  }

  #broadcast(effect: Extract<ServerEffect, { type: 'broadcast' }>): void {
    if (effect.connections.length === 0) return;
    const frame = encodeFrame(effect.packet);
    for (const id of effect.connections) {
      this.#door?.connections.get(id)?.sendEncoded(frame);
    }
  }

  #close(effect: Extract<ServerEffect, { type: 'close' }>): void {
    const { connection, code, message } = effect;
    this.#log.warn('connection-closed', { code, message });
    this.#door?.connections
      .get(connection)
      ?.fail(new MusterError(code, message));
  }

  #notice(text: string): void {
    this.#log.warn('notice', { message: text });
    this.#launcher.tell({ type: 'notice', text });
  }

  // ---- the end ------------------------------------------------------------

  async #end(end: RunEnd): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    clearInterval(this.#ticker);
    this.#page?.ended();
    // whoever was replaced writes nothing more: another one does
    this.#isReplaced = end.outcome === 'replaced';
    if (!this.#isReplaced) {
      await this.#disk?.idle();
      await this.#goodbyes();
    }
    const level = end.outcome === 'failed' ? 'error' : 'info';
    const step = this.#machine?.shard?.version;
    this.#log[level]('ended', { ...end, step });
    this.#tellEnd(end);
    const stays = this.#config.PS_AFTER_END === 'stay' && !this.#isToldToEnd;
    if (stays && end.outcome === 'finished') this.#stayedAfter = end;
    else this.#resolveClosed(end);
  }

  /** Only the coordinator knows what the run came to. */
  #tellEnd(end: RunEnd): void {
    const { tell } = this.#launcher;
    if (end.outcome === 'failed') {
      const { code, message } = end;
      return tell({ type: 'failed', code, message });
    }
    const machine = this.#machine;
    if (!machine?.coordinator || end.outcome === 'replaced') return;
    const { outcome } = end;
    const firstLedger = this.#telemetry?.firstLedger;
    tell({ type: 'ended', outcome, result: resultOf(machine, firstLedger) });
  }

  /** Waits until the others have left, for a short while. */
  async #goodbyes(): Promise<void> {
    this.#door?.connections.stop();
    const all = this.#door?.connections.all.map(({ closed }) => closed) ?? [];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, GOODBYE_MS);
    });
    const isCoordinator = this.#machine?.coordinator !== undefined;
    if (isCoordinator) await Promise.race([Promise.all(all), late]);
    clearTimeout(timer);
  }
}
