/**
 * The parameter server's edge: carries the brain's effects out (connections,
 * checkpoints, files, metrics) and hands events in, one at a time. No decision
 * is taken here.
 */
import { performance } from 'node:perf_hooks';
import type {
  RunEnd,
  ServerEffect,
  ServerEvent,
  ServerMachine,
} from '@muster/cluster';
import { kernels } from '@muster/optimizer';
import { MusterError, tellableMetricsUrl } from '@muster/protocol';
import { createLogger, hostFacts } from '@muster/telemetry';
import type { Logger } from '@muster/telemetry';
import { readAccess } from './access.js';
import type { Access } from './access.js';
import type { ServerConfig } from './config.js';
import { PageQuestions } from './feed/page-questions.js';
import { lateGuest } from './late-guests.js';
import { advertise } from './launcher.js';
import type { Launcher } from './launcher.js';
import { endReportOf } from './run-result.js';
import { findVersions } from './run-state.js';
import type { ShardFiles } from './run-state.js';
import { createBrain } from './server-brain.js';
import { openDoor } from './server-door.js';
import type { ServerDoor } from './server-door.js';
import { ShardDisk } from './shard-disk.js';
import { Watchers } from './watchers.js';

/** How often time is handed to the brain: a fraction of a task's time. */
const TICK_MS = 20;
/** How long workers have to say goodbye. */
const GOODBYE_MS = 2000;

/** One parameter server; `start` once, then wait for `closed`. */
export class ParameterServer {
  readonly #config: ServerConfig;
  readonly #launcher: Launcher;
  readonly #log: Logger;
  #machine: ServerMachine | undefined;
  #door: ServerDoor | undefined;
  #watchers: Watchers | undefined;
  #disk: ShardDisk | undefined;
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
    const { files, machine } = await createBrain(config);
    this.#log.bind({ runId: files.run.runId });
    const isStandby = config.PS_ROLE === 'standby';
    const found = isStandby ? undefined : await findVersions(files);
    for (const text of found?.notices ?? []) this.#notice(text);
    this.#machine = machine;
    const access = await readAccess(config);
    for (const text of access.warnings) this.#notice(text);
    this.#watchers = await this.#watch(files, machine, access);
    this.#disk = new ShardDisk({
      ...{ files, machine },
      handle: (event) => this.#handle(event),
      notice: (text) => this.#notice(text),
      snapshotTaken: (snapshot) => this.#watchers?.snapshotTaken(snapshot),
      checkpointDone: (outcome) => this.#watchers?.checkpointDone(outcome),
    });
    const versions = found?.versions ?? [];
    await this.#open(access, files);
    const { telemetry } = this.#watchers;
    const { metricsUrl } = telemetry;
    const place = { url: this.#door?.url ?? '', version: versions[0] ?? 0 };
    const url = await advertise(
      this.#launcher,
      config,
      { ...place, metricsUrl: metricsUrl ?? null },
      this.#log,
    );
    telemetry.url = url;
    const tellable = tellableMetricsUrl(metricsUrl);
    this.#apply(machine.start(url, versions, performance.now(), tellable));
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
    await this.#watchers?.page.close();
    if (!this.#isReplaced) await this.#disk?.close();
    await this.#watchers?.telemetry.close();
    this.#log.close();
  }

  #watch(
    files: ShardFiles,
    machine: ServerMachine,
    access: Access,
  ): Promise<Watchers> {
    return Watchers.start({
      ...{ config: this.#config, files, machine, access, log: this.#log },
      tell: this.#launcher.tell,
      notice: (text) => this.#notice(text),
      ask: (image) => this.#questions.ask(image),
      connections: () => this.#door?.connections,
    });
  }

  async #open(access: Access, { run, begin, end }: ShardFiles): Promise<void> {
    const numElements = end - begin;
    this.#door = await openDoor({
      ...{ config: this.#config, access, run, numElements, log: this.#log },
      handle: (event) => this.#handle(event),
      instead: (connection) =>
        this.#stayedAfter && lateGuest(connection, run.runId),
      onClosed: (connection, error) =>
        this.#watchers?.telemetry.connectionClosed(connection, error),
      onRefused: (error, remote) =>
        this.#watchers?.telemetry.connectionRefused(error, remote),
      onDataSent: (numBytes) => this.#watchers?.telemetry.dataSent(numBytes),
    });
  }

  // ---- events in, effects out ---------------------------------------------

  #handle(event: ServerEvent): void {
    if (this.#machine === undefined) return;
    const start = performance.now();
    const effects = this.#machine.handle(event, start);
    this.#watchers?.telemetry.handled(
      event,
      effects,
      performance.now() - start,
    );
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
        return this.#door?.connections.broadcast(effect);
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
        return this.#watchers?.report(effect.report);
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
    this.#watchers?.page.ended();
    // whoever was replaced writes nothing more: another one does
    this.#isReplaced = end.outcome === 'replaced';
    if (!this.#isReplaced) {
      await this.#disk?.idle();
      this.#door?.connections.stop();
      const isCoordinator = this.#machine?.coordinator !== undefined;
      const left = isCoordinator && this.#door?.empty(GOODBYE_MS);
      await Promise.all([left, this.#watchers?.page.settled()]);
    }
    const level = end.outcome === 'failed' ? 'error' : 'info';
    const step = this.#machine?.shard?.version;
    this.#log[level]('ended', { ...end, step });
    const firstLedger = this.#watchers?.telemetry.firstLedger;
    const report = endReportOf(this.#machine, end, firstLedger);
    if (report) this.#launcher.tell(report);
    const stays = this.#config.PS_AFTER_END === 'stay' && !this.#isToldToEnd;
    if (stays && end.outcome === 'finished') this.#stayedAfter = end;
    else this.#resolveClosed(end);
  }
}
