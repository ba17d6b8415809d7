/**
 * Who watches a server and decides nothing: metrics and logs, events for
 * TensorBoard, the live page.
 */
import { join } from 'node:path';
import type { RunReport, ServerMachine } from '@muster/cluster';
import type { Classification } from '@muster/dashboard';
import type { ServerReport } from '@muster/protocol';
import type { Logger } from '@muster/telemetry';
import type { Access } from './access.js';
import type { CheckpointOutcome } from './checkpoint-queue.js';
import type { ServerConfig } from './config.js';
import { PageKeeper } from './feed/page-keeper.js';
import type { ShardFiles, Snapshot } from './run-state.js';
import type { ServerDoor } from './server-door.js';
import { MetricsFile, both } from './telemetry/metrics-file.js';
import { RunTelemetry } from './telemetry/run-telemetry.js';
import { TensorBoard } from './telemetry/tensorboard.js';

/** What watchers need of the process around them. */
export interface WatchersOptions {
  readonly config: ServerConfig;
  readonly files: ShardFiles;
  readonly machine: ServerMachine;
  readonly access: Access;
  readonly log: Logger;
  readonly tell: (report: ServerReport) => void;
  /** Something that a person should know. */
  readonly notice: (text: string) => void;
  /** Asks a worker; see `PageQuestions`. */
  readonly ask: (image: Uint8Array) => Promise<Classification>;
  /** Who is connected; nobody before the door is open. */
  readonly connections: () => ServerDoor['connections'] | undefined;
}

/** See the head of this file. */
export class Watchers {
  readonly telemetry: RunTelemetry;
  readonly page: PageKeeper;
  readonly #tensorboard: TensorBoard | undefined;

  private constructor(
    telemetry: RunTelemetry,
    page: PageKeeper,
    tensorboard: TensorBoard | undefined,
  ) {
    this.telemetry = telemetry;
    this.page = page;
    this.#tensorboard = tensorboard;
  }

  /**
   * Opens files, and listens where something is to be served.
   * @throws MusterError `ERR_CONFIG`, `ERR_PORT_IN_USE`.
   */
  static async start(options: WatchersOptions): Promise<Watchers> {
    const { config, files, machine, access, log, tell, ask } = options;
    const { folder, run } = files;
    const losing = (what: string) => (reason: string) =>
      options.notice(`${what} are being lost: ${reason}`);
    const tensorboard = config.PS_TENSORBOARD
      ? new TensorBoard(files, losing('events for TensorBoard'))
      : undefined;
    const metrics = new MetricsFile(
      join(folder, 'metrics.jsonl'),
      losing('lines of metrics.jsonl'),
    );
    const telemetry = await RunTelemetry.start({
      ...{ config, run, machine, login: access.login },
      ...{ file: both(metrics, tensorboard), log, tell },
      remoteOf: (id) => options.connections()?.get(id)?.remote,
      connections: () => options.connections()?.all ?? [],
    });
    const parts = { config, run, machine, access, log, tell, ask };
    try {
      const page = new PageKeeper(parts);
      await page.start();
      return new Watchers(telemetry, page, tensorboard);
    } catch (error) {
      await telemetry.close();
      throw error;
    }
  }

  /** Hears of what the brain reports. */
  report(report: RunReport): void {
    this.telemetry.report(report);
    this.page.report(report);
  }

  /** Hears of a snapshot; nobody changes it any more. */
  snapshotTaken(snapshot: Snapshot): void {
    this.#tensorboard?.snapshot(snapshot);
  }

  /** Hears what became of a checkpoint. */
  checkpointDone(outcome: CheckpointOutcome<Snapshot>): void {
    this.telemetry.checkpointDone(outcome);
    this.page.checkpointDone(outcome);
  }
}
