/**
 * The parameter server's edge: carries the brain's effects out (connections,
 * checkpoints, files, metrics) and hands events in, one at a time. No decision
 * is taken here.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Coordinator, ParameterShard } from '@muster/cluster';
import type {
  CheckpointReason,
  CoordinatorEffect,
  CoordinatorEvent,
  RunEnd,
} from '@muster/cluster';
import { encodeFrame, MusterError } from '@muster/protocol';
import type { RunResult, ServerReport } from '@muster/protocol';
import { createLogger } from '@muster/telemetry';
import type { Logger } from '@muster/telemetry';
import { listen } from '@muster/transport';
import type { Connection, Listener } from '@muster/transport';
import { CheckpointQueue } from './checkpoint-queue.js';
import type { ServerConfig } from './config.js';
import { MetricsFile } from './metrics-file.js';
import { restore, snapshotOf, writeSnapshot } from './run-state.js';
import type { RunState, Snapshot } from './run-state.js';
import { RunTelemetry } from './run-telemetry.js';

/** How often time is handed to the brain: a fraction of a task's time. */
const TICK_MS = 20;
/** How long workers have to say goodbye. */
const GOODBYE_MS = 2000;

/** One parameter server; `start` once, then wait for `closed`. */
export class ParameterServer {
  readonly #config: ServerConfig;
  readonly #tell: (report: ServerReport) => void;
  readonly #log: Logger;
  readonly #connections = new Map<number, Connection>();
  #nextConnection = 1;
  #state: RunState | undefined;
  #coordinator: Coordinator | undefined;
  #shard: ParameterShard | undefined;
  #listener: Listener | undefined;
  #telemetry: RunTelemetry | undefined;
  #checkpoints: CheckpointQueue<Snapshot> | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #isEnding = false;
  #resolveClosed: (end: RunEnd) => void = () => undefined;

  /** Resolves with how the run ended; every file is written then. */
  readonly closed = new Promise<RunEnd>((resolve) => {
    this.#resolveClosed = resolve;
  });

  /** @param tell hears what a launcher wants to know. */
  constructor(config: ServerConfig, tell: (report: ServerReport) => void) {
    this.#config = config;
    this.#tell = tell;
    const { PS_LOG_FILE: file } = config;
    this.#log = createLogger({
      name: 'parameter-server',
      level: config.PS_LOG_LEVEL,
      destination: file === undefined ? 'stderr' : { file },
    });
  }

  /**
   * Restores the newest whole checkpoint and begins to listen.
   * @throws MusterError `ERR_RUN_NOT_FOUND`, `ERR_CHECKPOINT_MISMATCH`,
   *   `ERR_PORT_IN_USE`, `ERR_CONFIG`.
   */
  async start(): Promise<void> {
    const config = this.#config;
    const state = await restore(config.PS_RUN);
    this.#state = state;
    for (const text of state.notices) this.#notice(text);
    const file = join(config.PS_RUN, 'metrics.jsonl');
    const metricsFile = await MetricsFile.open(file, state.start.version);
    this.#shard = new ParameterShard(state.run, state.start);
    this.#coordinator = new Coordinator(state.run, this.#shard, state.ledger, {
      leaseMs: config.PS_LEASE_MS,
      heartbeatMs: config.PS_HEARTBEAT_MS,
      checkpointEverySteps: config.PS_CHECKPOINT_EVERY,
      stragglerFactor: config.PS_STRAGGLER_FACTOR,
    });
    this.#telemetry = await RunTelemetry.start({
      config,
      run: state.run,
      coordinator: this.#coordinator,
      shard: this.#shard,
      file: metricsFile,
      log: this.#log,
      tell: this.#tell,
    });
    this.#checkpoints = new CheckpointQueue(
      (snapshot) => writeSnapshot(config.PS_RUN, state.run, snapshot),
      (outcome) => this.#telemetry?.checkpointDone(outcome),
    );
    await this.#listen();
    this.#apply(this.#coordinator.start(performance.now()));
    this.#ticker = setInterval(() => this.#handle({ type: 'tick' }), TICK_MS);
  }

  /** Asks for a checkpoint and an orderly end. Idempotent. */
  drain(): void {
    if (this.#coordinator === undefined) {
      this.#resolveClosed({ outcome: 'drained' });
    } else this.#handle({ type: 'drain' });
  }

  /** Frees what is held. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#ticker);
    await this.#listener?.close();
    await this.#checkpoints?.idle();
    await this.#telemetry?.close();
    this.#log.close();
  }

  async #listen(): Promise<void> {
    const { PS_HOST: host, PS_PORT: port, PS_TOKEN_FILE: file } = this.#config;
    const numParameters = this.#state?.run.model.numParameters ?? 0;
    this.#listener = await listen({
      host,
      port,
      token: file === undefined ? undefined : await readToken(file),
      maxPayloadBytes: numParameters * Float32Array.BYTES_PER_ELEMENT,
      onConnection: (connection) => this.#onConnection(connection),
      onRefused: (error, remote) => this.#onRefused(error, remote),
    });
    const { url } = this.#listener;
    const metricsUrl = this.#telemetry?.metricsUrl ?? null;
    const version = this.#shard?.version ?? 0;
    this.#log.info('listening', { url, metricsUrl, version });
    this.#tell({ type: 'listening', url, metricsUrl, version });
  }

  #onConnection(connection: Connection) {
    const id = this.#nextConnection++;
    this.#connections.set(id, connection);
    this.#handle({ type: 'connected', connection: id });
    return {
      onPacket: (packet: Parameters<Connection['send']>[0]) => {
        this.#handle({ type: 'packet', connection: id, packet });
      },
      onClosed: (error: MusterError | undefined) => {
        this.#connections.delete(id);
        this.#telemetry?.connectionClosed(connection, error);
        this.#handle({ type: 'disconnected', connection: id });
      },
    };
  }

  #onRefused(error: MusterError, remote: string): void {
    this.#telemetry?.connectionRefused(error, remote);
  }

  // ---- events in, effects out ---------------------------------------------

  #handle(event: CoordinatorEvent): void {
    if (this.#coordinator === undefined) return;
    const start = performance.now();
    const effects = this.#coordinator.handle(event, start);
    this.#telemetry?.handled(event, effects, performance.now() - start);
    this.#apply(effects);
  }

  #apply(effects: readonly CoordinatorEffect[]): void {
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: CoordinatorEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#connections.get(effect.connection)?.send(effect.packet);
      case 'broadcast':
        return this.#broadcast(effect);
      case 'close':
        return this.#close(effect);
      case 'checkpoint':
        return this.#checkpoint(effect.reason);
      case 'report':
        return this.#telemetry?.report(effect.report);
      case 'end':
        return void this.#end(effect.end);
      default: {
        const never: never = effect;
        throw new MusterError('ERR_INTERNAL', JSON.stringify(never));
      }
    }
  }

  #broadcast(effect: Extract<CoordinatorEffect, { type: 'broadcast' }>): void {
    if (effect.connections.length === 0) return;
    const frame = encodeFrame(effect.packet);
    for (const id of effect.connections) {
      this.#connections.get(id)?.sendEncoded(frame);
    }
  }

  #close(effect: Extract<CoordinatorEffect, { type: 'close' }>): void {
    const { connection, code, message } = effect;
    this.#log.warn('connection-closed', { code, message });
    this.#connections.get(connection)?.fail(new MusterError(code, message));
  }

  #checkpoint(reason: CheckpointReason): void {
    if (!this.#shard || !this.#coordinator || !this.#checkpoints) return;
    const { ledger } = this.#coordinator;
    this.#checkpoints.offer(snapshotOf(this.#shard, ledger, reason));
  }

  #notice(text: string): void {
    this.#log.warn('notice', { text });
    this.#tell({ type: 'notice', text });
  }

  // ---- the end ------------------------------------------------------------

  async #end(end: RunEnd): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    clearInterval(this.#ticker);
    await this.#checkpoints?.idle();
    await this.#goodbyes();
    this.#log.info('ended', { ...end });
    if (end.outcome === 'failed') {
      const { code, message } = end;
      this.#tell({ type: 'failed', code, message });
    } else {
      this.#tell({
        type: 'ended',
        outcome: end.outcome,
        result: this.#result(),
      });
    }
    this.#resolveClosed(end);
  }

  /** Waits until the workers have left, for a short while. */
  async #goodbyes(): Promise<void> {
    const all = [...this.#connections.values()].map(({ closed }) => closed);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, GOODBYE_MS);
    });
    await Promise.race([Promise.all(all), late]);
    clearTimeout(timer);
  }

  #result(): RunResult {
    const { coordinator, shard, state } = {
      coordinator: this.#coordinator,
      shard: this.#shard,
      state: this.#state,
    };
    if (!coordinator || !shard || !state) {
      throw new MusterError('ERR_INTERNAL', 'a run ended before it began');
    }
    const { ledger } = coordinator;
    const thisLifeMs = ledger.trainMs - state.ledger.trainMs;
    const thisLife = ledger.examplesApplied - state.ledger.examplesApplied;
    const { examplesApplied, examplesDuplicate, reproducible } = ledger;
    return {
      steps: shard.version,
      parametersSha256: sha256Of(shard.parameters),
      ...{ examplesApplied, examplesDuplicate, reproducible },
      backend: ledger.backend,
      numerics: ledger.numerics,
      history: ledger.history,
      trainSeconds: ledger.trainMs / 1000,
      imagesPerSecond: thisLifeMs > 0 ? (thisLife * 1000) / thisLifeMs : 0,
    };
  }
}

function sha256Of({ buffer, byteOffset, byteLength }: Float32Array): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    const message = `the token file ${file} cannot be read (--token-file)`;
    throw new MusterError('ERR_CONFIG', message, { cause });
  }
}
