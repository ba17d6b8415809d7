/**
 * What the server tells about its run: metrics, log lines, `metrics.jsonl`,
 * and the launcher's progress.
 */
import { performance } from 'node:perf_hooks';
import type {
  Coordinator,
  CoordinatorEffect,
  CoordinatorEvent,
  ParameterShard,
  RunReport,
} from '@muster/cluster';
import { PROTOCOL_VERSION } from '@muster/protocol';
import type {
  MusterError,
  RunDefinition,
  ServerReport,
} from '@muster/protocol';
import {
  createRegistry,
  createServerMetrics,
  startHealthServer,
} from '@muster/telemetry';
import type { HealthServer, Logger, ServerMetrics } from '@muster/telemetry';
import type { Connection } from '@muster/transport';
import type { CheckpointOutcome } from './checkpoint-queue.js';
import type { ServerConfig } from './config.js';
import type { MetricsFile } from './metrics-file.js';
import type { Snapshot } from './run-state.js';
import { Throughput } from './throughput.js';

/** The launcher hears of progress this often. */
const PROGRESS_MS = 200;

/** What telemetry looks at. */
export interface RunTelemetryOptions {
  readonly config: ServerConfig;
  readonly run: RunDefinition;
  readonly coordinator: Coordinator;
  readonly shard: ParameterShard;
  readonly file: MetricsFile;
  readonly log: Logger;
  readonly tell: (report: ServerReport) => void;
}

/** Observes one run; decides nothing. */
export class RunTelemetry {
  readonly #options: RunTelemetryOptions;
  readonly #metrics: ServerMetrics;
  readonly #registry = createRegistry();
  readonly #throughput = new Throughput();
  #health: HealthServer | undefined;
  #lastStepMs: number | undefined;
  #lastProgressMs = -Infinity;

  private constructor(options: RunTelemetryOptions) {
    this.#options = options;
    this.#metrics = createServerMetrics(this.#registry);
  }

  /**
   * Sets what is known from the start, and serves `/metrics` if it is wanted.
   * @throws an error with code `ERR_PORT_IN_USE` or `ERR_CONFIG`.
   */
  static async start(options: RunTelemetryOptions): Promise<RunTelemetry> {
    const telemetry = new RunTelemetry(options);
    telemetry.#setInfo();
    if (options.config.PS_METRICS) await telemetry.#serve();
    return telemetry;
  }

  /** `http://host:port`, when metrics are served. */
  get metricsUrl(): string | null {
    return this.#health?.url ?? null;
  }

  /** Hears of an event and how long the brain took. Milliseconds. */
  handled(
    event: CoordinatorEvent,
    effects: readonly CoordinatorEffect[],
    tookMs: number,
  ): void {
    if (event.type === 'tick') {
      this.#metrics.setWorkers(this.#options.coordinator.memberCounts);
      return;
    }
    if (event.type !== 'packet') return;
    const { message, payload } = event.packet;
    if (message.type !== 'push') return;
    this.#metrics.countReceived(payload?.byteLength ?? 0);
    const isLast = effects.some(
      (one) => one.type === 'report' && one.report.type === 'step-applied',
    );
    this.#metrics.observePhasesMs(isLast ? { apply: tookMs } : { sum: tookMs });
  }

  /** Hears of what the brain reports. */
  report(report: RunReport): void {
    const { log } = this.#options;
    switch (report.type) {
      case 'step-applied':
        return this.#stepApplied(report);
      case 'pushed':
        return this.#pushed(report);
      case 'evaluated':
        return this.#evaluated(report);
      case 'worker-joined':
        this.#metrics.countJoin();
        return log.info('worker-joined', { ...report });
      case 'worker-away':
        return this.#workerAway(report);
      case 'worker-back':
        return log.info('worker-back', { ...report });
      case 'worker-refused':
        this.#metrics.countRefusedConnection(report.code);
        return log.warn('worker-refused', { ...report });
      case 'task-failed':
        this.#metrics.countTaskFailure();
        return log.warn('task-failed', { ...report });
      case 'backup-given':
        this.#metrics.countBackup();
        return log.debug('backup-given', { ...report });
      case 'not-reproducible':
        return this.#notReproducible(report.workerId);
      default: {
        const never: never = report;
        throw new TypeError(`a report was forgotten: ${JSON.stringify(never)}`);
      }
    }
  }

  /** Hears of a checkpoint that is down, or failed. */
  checkpointDone(outcome: CheckpointOutcome<Snapshot>): void {
    const { snapshot } = outcome;
    const { version, reason } = snapshot;
    if (outcome.outcome === 'failed') {
      const { message } = outcome.error;
      this.#metrics.countCheckpointFailure();
      this.#options.log.error('checkpoint-failed', { version, message });
      const text = `no checkpoint at step ${version}: ${message}; training goes on`;
      return this.#options.tell({ type: 'notice', text });
    }
    const { path, seconds } = outcome;
    this.#options.log.info('checkpoint', { version, reason, path, seconds });
    const vectors = [snapshot.parameters, ...Object.values(snapshot.slots)];
    this.#metrics.checkpointWritten({
      durationMs: seconds * 1000,
      numBytes: vectors.reduce((sum, { byteLength }) => sum + byteLength, 0),
      writtenAtMs: Date.now(),
    });
  }

  /** Hears of a connection that was refused before it was one. */
  connectionRefused({ code, message }: MusterError, remote: string): void {
    this.#metrics.countRefusedConnection(code);
    this.#options.log.warn('connection-refused', { code, message, remote });
  }

  /** Hears of a connection that ended. */
  connectionClosed(connection: Connection, error?: MusterError): void {
    this.#metrics.countSent(connection.bytesSent);
    if (error === undefined) return;
    const { code, message } = error;
    const { remote } = connection;
    this.#options.log.warn('connection-ended', { code, message, remote });
  }

  /** Writes what is left and stops serving. */
  async close(): Promise<void> {
    await this.#options.file.close();
    await this.#health?.close();
  }

  async #serve(): Promise<void> {
    const { config, coordinator, log } = this.#options;
    this.#health = await startHealthServer({
      host: config.PS_METRICS_HOST,
      port: config.PS_METRICS_PORT,
      registry: this.#registry,
      ready: () => ({
        ready: coordinator.phase !== 'ended',
        reason: coordinator.phase,
      }),
      log,
    });
  }

  #setInfo(): void {
    const { run, shard, coordinator } = this.#options;
    const { runId, consistency, seed } = run;
    const { totalSteps } = shard.schedule;
    const optimizer = run.optimizer.name;
    this.#metrics.setBuild({ version: '0.1.0', protocol: PROTOCOL_VERSION });
    this.#metrics.setRun({ runId, consistency, optimizer, seed, totalSteps });
    this.#metrics.setStep(shard.version);
    this.#metrics.setReproducible(coordinator.ledger.reproducible);
  }

  #stepApplied({
    applied,
  }: Extract<RunReport, { type: 'step-applied' }>): void {
    const { shard, file } = this.#options;
    const nowMs = performance.now();
    const { step, count, lossSum, correct } = applied;
    const { learningRate, gradientNorm } = applied;
    const epoch = shard.schedule.stepAt(step).epoch + 1;
    const loss = lossSum / count;
    const accuracy = correct / count;
    const durationMs =
      this.#lastStepMs === undefined ? undefined : nowMs - this.#lastStepMs;
    this.#lastStepMs = nowMs;
    this.#throughput.add(count, nowMs);
    this.#metrics.stepApplied({
      ...{ version: step + 1, epoch, numImages: count, loss },
      ...{ accuracyRatio: accuracy, learningRate, gradientNorm, durationMs },
    });
    file.append({
      ...{ step: step + 1, epoch, loss, accuracy, learningRate, gradientNorm },
      imagesPerSecond: Math.round(this.#throughput.perSecond()),
      workers: this.#options.coordinator.memberCounts.active,
    });
    this.#tellProgress(step + 1, epoch, nowMs);
  }

  #tellProgress(step: number, epoch: number, nowMs: number): void {
    const { shard, coordinator, run, tell } = this.#options;
    const { totalSteps } = shard.schedule;
    if (nowMs - this.#lastProgressMs < PROGRESS_MS && step < totalSteps) return;
    this.#lastProgressMs = nowMs;
    const { count, lossSum, correct } = coordinator.ledger.epochTotals;
    tell({
      type: 'progress',
      ...{ step, totalSteps, epoch, epochs: run.epochs },
      loss: lossSum / count,
      accuracy: correct / count,
      imagesPerSecond: this.#throughput.perSecond(),
      workers: coordinator.memberCounts.active,
    });
  }

  #pushed(report: Extract<RunReport, { type: 'pushed' }>): void {
    this.#metrics.countPush(report.outcome);
    this.#metrics.observePhasesMs(report.phases);
    if (report.outcome === 'accepted') return;
    const { workerId, outcome, step, message } = report;
    this.#options.log.warn('push', { workerId, outcome, step, message });
  }

  #evaluated({ result }: Extract<RunReport, { type: 'evaluated' }>): void {
    const { version, epoch, trainMs } = result;
    const { trainLoss, trainAccuracy, testLoss, testAccuracy } = result;
    const train = { trainLoss, trainAccuracy };
    const summary = { epoch, ...train, testLoss, testAccuracy, trainMs };
    this.#metrics.setEvaluation(testLoss, testAccuracy);
    this.#options.log.info('epoch', { version, ...summary });
    this.#options.file.append({ step: version, type: 'epoch', ...summary });
    this.#options.tell({ type: 'epoch', summary });
  }

  #workerAway(report: Extract<RunReport, { type: 'worker-away' }>): void {
    const { workerId, reason, releasedTasks, message } = report;
    this.#metrics.countDeparture(reason);
    this.#metrics.countLeasesExpired(releasedTasks);
    this.#options.log.warn('worker-away', { ...report });
    if (reason === 'left') return;
    const text = `${workerId} is away (${reason}: ${message}); ${releasedTasks} of its tasks go to others`;
    this.#options.tell({ type: 'notice', text });
  }

  #notReproducible(workerId: string): void {
    this.#metrics.setReproducible(false);
    this.#options.log.warn('not-reproducible', { workerId });
    const text = `${workerId} computes with other numerics than the workers before it: the run goes on, but its bits cannot be had again (reproducible: false)`;
    this.#options.tell({ type: 'notice', text });
  }
}
