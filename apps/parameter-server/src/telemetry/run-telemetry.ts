/**
 * What the server tells about its run, and to whom: metrics, log lines,
 * `metrics.jsonl`, and the launcher's progress.
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
  createCoordinatorMetrics,
  createRegistry,
  createServerMetrics,
} from '@muster/telemetry';
import type {
  Counted,
  HealthServer,
  Logger,
  ServerMetrics,
} from '@muster/telemetry';
import type { Connection, Login } from '@muster/transport';
import type { CheckpointOutcome } from '../checkpoint-queue.js';
import type { ServerConfig } from '../config.js';
import type { Snapshot } from '../run-state.js';
import { LauncherWords } from './launcher-words.js';
import type { LineFile } from './metrics-file.js';
import { serveMetrics } from './metrics-page.js';
import { PhaseTotals } from './phase-totals.js';
import type { DroppedSteps } from './rewound-lines.js';
import { RunLog } from './run-log.js';
import { RunMeter } from './run-meter.js';
import { ServerMeter } from './server-meter.js';
import { ServiceDiscovery } from './service-discovery.js';
import { StepFigures } from './step-figures.js';
import { epochLine, stepLine } from './step-lines.js';

/** What telemetry looks at. */
export interface RunTelemetryOptions {
  readonly config: ServerConfig;
  readonly run: RunDefinition;
  readonly machine: ServerMachine;
  readonly file: LineFile;
  readonly log: Logger;
  readonly tell: (report: ServerReport) => void;
  /** Judges who asks for metrics; without it anybody may. */
  readonly login: Login | undefined;
  /** `host:port` or `unix` of a connection that is there. */
  readonly remoteOf: (connection: number) => string | undefined;
  /** Connections that are there. */
  readonly connections: () => Iterable<Counted>;
}

/** Observes one run; decides nothing. */
export class RunTelemetry {
  readonly #options: RunTelemetryOptions;
  readonly #registry = createRegistry();
  readonly #metrics: ServerMetrics;
  readonly #server: ServerMeter;
  /** Where this server leads. */
  #run: RunMeter | undefined;
  readonly #log: RunLog;
  readonly #words: LauncherWords;
  readonly #steps: StepFigures;
  readonly #discovery: ServiceDiscovery;
  readonly #phaseTotals = new PhaseTotals();
  readonly #plan: Plan;
  #health: HealthServer | undefined;
  /** Where others reach this server, once it listens. */
  url = '';
  /** The account when training first went on in this process. */
  firstLedger: LedgerState | undefined;

  private constructor(options: RunTelemetryOptions) {
    const { run, log, tell, machine, connections, remoteOf } = options;
    this.#options = options;
    this.#plan = new Plan(run);
    this.#metrics = createServerMetrics(this.#registry);
    this.#server = new ServerMeter(this.#metrics, machine, connections);
    this.#log = new RunLog(log);
    const totalSteps = this.#plan.totalVersions;
    this.#words = new LauncherWords({ run, totalSteps, tell });
    this.#steps = new StepFigures(this.#plan);
    this.#discovery = new ServiceDiscovery({
      ...{ runId: run.runId, remoteOf, log, tell },
      targets: () => machine.coordinator?.scrapeTargets,
    });
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
    this.#server.handled(event, effects, tookMs);
    if (event.type !== 'packet') return;
    const { message } = event.packet;
    if (message.type !== 'state') return;
    this.#log.following(message.version, message.term);
  }

  /** Hears of what the brain reports. */
  report(report: RunReport): void {
    const nowMs = performance.now();
    this.#log.report(report);
    this.#runMeter?.report(report, nowMs);
    this.#words.report(report);
    this.#discovery.report(report);
    switch (report.type) {
      case 'step-applied':
        return this.#stepApplied(report, nowMs);
      case 'pushed':
        this.#metrics.observePhasesMs(report.phases);
        return this.#phaseTotals.add(report);
      case 'worker-refused':
        return this.#metrics.countRefusedConnection(report.code);
      case 'evaluated':
        this.#appendPhases(report.result.version);
        return this.#options.file.append(epochLine(report, Date.now()));
      case 'took-over':
        return this.#words.promoted(this.url);
      case 'training-resumed':
        return this.#resumed(report);
      default:
        return;
    }
  }

  /** Hears of a checkpoint that is down, or failed. */
  checkpointDone(outcome: CheckpointOutcome<Snapshot>): void {
    this.#log.checkpointDone(outcome);
    this.#server.checkpointDone(outcome, Date.now());
    this.#words.checkpointDone(outcome);
  }

  /** Hears of a connection that was refused before it was one. */
  connectionRefused(error: MusterError, remote: string): void {
    this.#metrics.countRefusedConnection(error.code);
    this.#log.connectionRefused(error, remote, performance.now());
  }

  /** Hears of a connection that ended. */
  connectionClosed(connection: Connection, error?: MusterError): void {
    this.#server.connectionClosed(connection);
    this.#log.connectionClosed(connection, error);
  }

  /** Hears of a piece of a data file that was sent. */
  dataSent(numBytes: number): void {
    this.#metrics.countDataSent(numBytes);
  }

  /** Writes what is left and stops serving. */
  async close(): Promise<void> {
    this.#appendPhases(this.#options.machine.shard?.version ?? 0);
    await this.#options.file.close();
    await this.#health?.close();
  }

  /** What is shown of the run, from when this server leads it. */
  get #runMeter(): RunMeter | undefined {
    const { machine, config } = this.#options;
    if (machine.coordinator === undefined) return this.#run;
    if (this.#run === undefined) this.#metrics.showWorkerPhases();
    this.#run ??= new RunMeter({
      metrics: createCoordinatorMetrics(this.#registry),
      watched: () => {
        const { coordinator, ledger } = machine;
        return coordinator && { coordinator, ledger };
      },
      totalSteps: this.#plan.totalVersions,
      workersExpected: config.PS_EXPECTED_WORKERS,
    });
    return this.#run;
  }

  async #serve(): Promise<void> {
    const refresh = () => this.#refresh();
    this.#health = await serveMetrics(this.#options, this.#registry, {
      refresh,
      discovery: this.#discovery,
    });
  }

  #refresh(): void {
    this.#server.refresh();
    this.#runMeter?.refresh(performance.now());
  }

  #setInfo(): void {
    const { run } = this.#options;
    const { runId, seed } = run;
    const consistency = run.consistency.name;
    const { totalVersions: totalSteps } = this.#plan;
    const length = { totalSteps, epochs: run.epochs };
    const optimizer = run.optimizer.name;
    this.#metrics.setBuild({ version: '0.1.0', protocol: PROTOCOL_VERSION });
    this.#metrics.setRun({ runId, consistency, optimizer, seed, ...length });
  }

  #stepApplied(
    report: Extract<RunReport, { type: 'step-applied' }>,
    nowMs: number,
  ): void {
    const { file, machine } = this.#options;
    const figures = this.#steps.add(report, nowMs);
    const workers = machine.coordinator?.memberCounts.active ?? 0;
    this.#run?.stepApplied(figures, nowMs);
    file.append(stepLine(figures, workers, Date.now()));
    this.#words.progress(figures, workers, machine.ledger, nowMs);
  }

  /** Where the workers' time went since the last time. */
  #appendPhases(step: number): void {
    const workers = this.#phaseTotals.take();
    if (workers === undefined) return;
    this.#options.file.append({
      ...{ step, type: 'phases', atMs: Date.now(), workers },
    });
  }

  #resumed(report: Extract<RunReport, { type: 'training-resumed' }>): void {
    const { version, seconds } = report;
    const { file, machine } = this.#options;
    const isFirst = this.firstLedger === undefined;
    this.firstLedger ??= machine.ledger;
    const { length: numEpochs } = machine.ledger.history;
    const dropped = file.rewind({ version, atMs: Date.now(), numEpochs });
    if (isFirst) this.#tookUp(dropped, seconds > 0);
    this.#steps.resume();
    // the beginning is told by `listening`
    if (!isFirst || seconds > 0) this.#words.resumed(report);
  }

  /** What a server that was lost had told of is done again. */
  #tookUp(dropped: DroppedSteps | undefined, isTakeOver: boolean): void {
    if (dropped === undefined) return;
    const lostAtMs = performance.now() - (Date.now() - dropped.lastAtMs);
    this.#run?.tookUp(dropped.count, isTakeOver ? undefined : lostAtMs);
  }
}
