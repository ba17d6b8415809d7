/**
 * What the server tells about its run: metrics, log lines, `metrics.jsonl`,
 * and the launcher's progress.
 */
import { performance } from 'node:perf_hooks';
import { Plan } from '@muster/cluster';
import type {
  LedgerState,
  RunReport,
  ServerEffect,
  ServerEvent,
  ServerMachine,
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
import type { Connection, Login } from '@muster/transport';
import type { CheckpointOutcome } from './checkpoint-queue.js';
import type { ServerConfig } from './config.js';
import { LogBudget } from './log-budget.js';
import type { MetricsFile } from './metrics-file.js';
import type { Snapshot } from './run-state.js';
import { Throughput } from './throughput.js';

/** The launcher hears of progress this often. */
const PROGRESS_MS = 200;
/** Lines a second about those who were turned away. */
const REFUSED_LINES_PER_SECOND = 10;

/** What telemetry looks at. */
export interface RunTelemetryOptions {
  readonly config: ServerConfig;
  readonly run: RunDefinition;
  readonly machine: ServerMachine;
  readonly file: MetricsFile;
  readonly log: Logger;
  readonly tell: (report: ServerReport) => void;
  /** Judges who asks for metrics; without it anybody may. */
  readonly login: Login | undefined;
}

/** Observes one run; decides nothing. */
export class RunTelemetry {
  readonly #options: RunTelemetryOptions;
  readonly #metrics: ServerMetrics;
  readonly #registry = createRegistry();
  readonly #throughput = new Throughput();
  readonly #plan: Plan;
  readonly #refusedLines = new LogBudget(REFUSED_LINES_PER_SECOND);
  #health: HealthServer | undefined;
  #lastStepMs: number | undefined;
  #lastProgressMs = -Infinity;
  /** Where others reach this server, once it listens. */
  url = '';
  /** The account when training first went on in this process. */
  firstLedger: LedgerState | undefined;

  private constructor(options: RunTelemetryOptions) {
    this.#options = options;
    this.#plan = new Plan(options.run);
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
    event: ServerEvent,
    effects: readonly ServerEffect[],
    tookMs: number,
  ): void {
    if (event.type === 'tick') {
      const { coordinator } = this.#options.machine;
      if (coordinator) this.#metrics.setWorkers(coordinator.memberCounts);
      return;
    }
    if (event.type !== 'packet') return;
    const { message, payload } = event.packet;
    if (message.type === 'state') {
      const { version, term } = message;
      return this.#options.log.info('following', { version, term });
    }
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
      case 'server-joined':
      case 'standby-joined':
        return log.info(report.type, { ...report });
      case 'server-lost':
        return this.#serverLost(report);
      case 'promoting':
        return log.warn('promoting', { ...report });
      case 'took-over':
        return this.#tookOver(report.shard);
      case 'training-resumed':
        return this.#resumed(report);
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
    if (outcome.outcome === 'skipped') {
      return this.#options.log.debug('checkpoint-skipped', { version, reason });
    }
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
    const line = this.#refusedLines.take(performance.now());
    if (line === undefined) return;
    const fields = { code, message, remote, ...line };
    this.#options.log.warn('connection-refused', fields);
  }

  /** Hears of a connection that ended. */
  connectionClosed(connection: Connection, error?: MusterError): void {
    this.#metrics.countSent(connection.bytesSent);
    if (error === undefined) return;
    const { code, message } = error;
    const { remote } = connection;
    this.#options.log.warn('connection-ended', { code, message, remote });
  }

  /** Hears of a piece of a data file that was sent. */
  dataSent(numBytes: number): void {
    this.#metrics.countDataSent(numBytes);
  }

  /** Writes what is left and stops serving. */
  async close(): Promise<void> {
    await this.#options.file.close();
    await this.#health?.close();
  }

  async #serve(): Promise<void> {
    const { config, machine, log, login } = this.#options;
    this.#health = await startHealthServer({
      host: config.PS_METRICS_HOST,
      port: config.PS_METRICS_PORT,
      hosts: config.PS_METRICS_HOSTS,
      ...(login && { login }),
      registry: this.#registry,
      ready: () => {
        const phase = machine.coordinator?.phase ?? machine.role;
        return { ready: phase !== 'ended', reason: phase };
      },
      log,
    });
  }

  #setInfo(): void {
    const { run } = this.#options;
    const { runId, seed } = run;
    const consistency = run.consistency.name;
    const totalSteps = this.#plan.totalVersions;
    const optimizer = run.optimizer.name;
    this.#metrics.setBuild({ version: '0.1.0', protocol: PROTOCOL_VERSION });
    this.#metrics.setRun({ runId, consistency, optimizer, seed, totalSteps });
    this.#metrics.setReproducible(true);
  }

  #stepApplied({
    applied,
    version,
    gradientNorm,
  }: Extract<RunReport, { type: 'step-applied' }>): void {
    const { file, machine } = this.#options;
    const nowMs = performance.now();
    const { count, lossSum, correct, learningRate } = applied;
    const epoch = this.#plan.epochOf(version - 1) + 1;
    const loss = lossSum / count;
    const accuracy = correct / count;
    const durationMs =
      this.#lastStepMs === undefined ? undefined : nowMs - this.#lastStepMs;
    this.#lastStepMs = nowMs;
    this.#throughput.add(count, nowMs);
    this.#metrics.stepApplied({
      ...{ version, epoch, numImages: count, loss },
      ...{ accuracyRatio: accuracy, learningRate, gradientNorm, durationMs },
    });
    file.append({
      ...{ step: version, epoch, loss, accuracy, learningRate, gradientNorm },
      imagesPerSecond: Math.round(this.#throughput.perSecond()),
      workers: machine.coordinator?.memberCounts.active ?? 0,
    });
    this.#tellProgress(version, epoch, nowMs);
  }

  #tellProgress(step: number, epoch: number, nowMs: number): void {
    const { machine, run, tell } = this.#options;
    const totalSteps = this.#plan.totalVersions;
    if (nowMs - this.#lastProgressMs < PROGRESS_MS && step < totalSteps) return;
    this.#lastProgressMs = nowMs;
    const { epochTotals, owed } = machine.ledger;
    // the step that ends an epoch has closed its totals already
    const totals = epochTotals.count > 0 ? epochTotals : owed?.totals;
    const { count = 1, lossSum = 0, correct = 0 } = totals ?? {};
    tell({
      type: 'progress',
      ...{ step, totalSteps, epoch, epochs: run.epochs },
      loss: lossSum / count,
      accuracy: correct / count,
      imagesPerSecond: this.#throughput.perSecond(),
      workers: machine.coordinator?.memberCounts.active ?? 0,
    });
  }

  #pushed(report: Extract<RunReport, { type: 'pushed' }>): void {
    this.#metrics.countPush(report.outcome);
    this.#metrics.observePhasesMs(report.phases);
    if (report.outcome === 'accepted') return;
    const { workerId, outcome, step, message } = report;
    this.#options.log.debug('push', { workerId, outcome, step, message });
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

  #serverLost(report: Extract<RunReport, { type: 'server-lost' }>): void {
    this.#options.log.warn('server-lost', { ...report });
    const text = `server ${report.shard} is away (${report.message}); training waits for it`;
    this.#options.tell({ type: 'notice', text });
  }

  #tookOver(shard: number): void {
    const { log, tell } = this.#options;
    log.warn('took-over', { shard });
    tell({ type: 'promoted', url: this.url });
  }

  #resumed(report: Extract<RunReport, { type: 'training-resumed' }>): void {
    const { version, from, seconds } = report;
    const { file, log, machine, tell } = this.#options;
    log.info('training-resumed', { version, from, seconds });
    const isFirst = this.firstLedger === undefined;
    this.firstLedger ??= machine.ledger;
    file.rewind(version);
    this.#lastStepMs = undefined;
    this.#metrics.setStep(version);
    this.#metrics.setReproducible(machine.ledger.reproducible);
    // the beginning is told by `listening`
    if (!isFirst || seconds > 0) {
      tell({ type: 'resumed', version, from, seconds });
    }
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
