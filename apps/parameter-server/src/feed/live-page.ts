/**
 * The live page of a run, as its coordinator serves it: the feed behind it,
 * and the HTTP server in front.
 */
import { join } from 'node:path';
import type { RunReport } from '@muster/cluster';
import { pageFiles, readMetrics, startDashboard } from '@muster/dashboard';
import type { Dashboard } from '@muster/dashboard';
import type { Logger } from '@muster/telemetry';
import type { Login } from '@muster/transport';
import type { CheckpointOutcome } from '../checkpoint-queue.js';
import type { ServerConfig } from '../config.js';
import { finalParameters } from '../final-parameters.js';
import type { Snapshot } from '../run-state.js';
import { RunFeed } from './run-feed.js';
import type { RunFeedOptions } from './run-feed.js';

/** What a page is served with. */
export interface LivePageOptions extends RunFeedOptions {
  readonly config: ServerConfig;
  /** Judges who reads the stream; without it anybody may. */
  readonly login: Login | undefined;
  readonly log: Logger;
}

/** See the head of this file. */
export class LivePage {
  readonly #feed: RunFeed;
  readonly #options: LivePageOptions;
  #dashboard: Dashboard | undefined;

  /** Knows at once what happened before this process began. */
  constructor(options: LivePageOptions) {
    this.#options = options;
    this.#feed = new RunFeed(options);
    const { PS_RUN: folder } = options.config;
    readMetrics(join(folder, 'metrics.jsonl'), this.#feed.record);
  }

  /**
   * Listens on a port, 0 for a free one; gives the page's address.
   * @throws an error with code `ERR_PORT_IN_USE` or `ERR_CONFIG`.
   */
  async serve(port: number): Promise<string> {
    const { config, login, log } = this.#options;
    this.#dashboard = await startDashboard({
      ...{ port, feed: this.#feed, files: pageFiles(), log },
      host: config.PS_METRICS_HOST,
      hosts: config.PS_METRICS_HOSTS,
      ...(login && { login }),
    });
    const url = `${this.#dashboard.url}/`;
    log.info('dashboard', { url });
    return url;
  }

  /** Hears of what the brain reports. */
  report(report: RunReport): void {
    this.#feed.report(report);
  }

  /** Hears what became of a checkpoint. */
  checkpointDone(outcome: CheckpointOutcome<Snapshot>): void {
    this.#feed.checkpointDone(outcome);
  }

  /** The run has ended. */
  ended(): void {
    this.#feed.ended();
  }

  /**
   * The run has ended, and every server's last checkpoint is down: what only
   * they say together is told. Never rejects.
   */
  async settled(): Promise<void> {
    const { machine, numServers, config, run } = this.#options;
    const isFinished = machine.coordinator?.end?.outcome === 'finished';
    if (!isFinished || numServers === 1) return;
    const files = { folder: config.PS_RUN, run };
    const version = machine.shard?.version ?? 0;
    const parameters = await finalParameters(files, version);
    if (parameters) this.#feed.tellParameters(parameters);
  }

  /** Ends all streams, once the last news is out. Idempotent. */
  async close(): Promise<void> {
    await this.#dashboard?.close();
    this.#feed.close();
  }
}
