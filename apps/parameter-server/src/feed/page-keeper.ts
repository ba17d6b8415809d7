/**
 * Whether and when this process serves the live page: the coordinator does,
 * from the beginning, and a standby from when it takes the coordinator's
 * place, on a port of its own.
 */
import type { RunReport, ServerMachine } from '@muster/cluster';
import type { Classification } from '@muster/dashboard';
import { MusterError, toMusterError } from '@muster/protocol';
import type { RunDefinition, ServerReport } from '@muster/protocol';
import { isLocalHost } from '@muster/telemetry';
import type { Logger } from '@muster/telemetry';
import type { Access } from '../access.js';
import type { CheckpointOutcome } from '../checkpoint-queue.js';
import type { ServerConfig } from '../config.js';
import type { Snapshot } from '../run-state.js';
import { LivePage } from './live-page.js';

/** What a keeper works with. */
export interface PageKeeperOptions {
  readonly config: ServerConfig;
  readonly run: RunDefinition;
  readonly machine: ServerMachine;
  readonly access: Access;
  readonly log: Logger;
  readonly tell: (report: ServerReport) => void;
  /** Asks a worker; see `PageQuestions`. */
  readonly ask: (image: Uint8Array) => Promise<Classification>;
}

/** See the head of this file. */
export class PageKeeper {
  readonly #options: PageKeeperOptions;
  readonly #port: number | undefined;
  #page: LivePage | undefined;

  /** @throws MusterError `ERR_CONFIG` for a page that everybody could read. */
  constructor(options: PageKeeperOptions) {
    const { config, access } = options;
    this.#options = options;
    this.#port = dashboardPort(config, access.login !== undefined);
  }

  /**
   * Serves the page where this is the coordinator.
   * @throws an error with code `ERR_PORT_IN_USE` or `ERR_CONFIG` where a port
   *   was asked for; a page that nobody asked for stops no training.
   */
  async start(): Promise<void> {
    const { PS_SHARD: shard, PS_ROLE: role } = this.#options.config;
    if (shard !== 0 || role === 'standby' || this.#port === undefined) return;
    const isAskedFor = this.#options.config.PS_DASHBOARD_PORT !== 'auto';
    if (isAskedFor) await this.#serve(this.#port);
    else await this.#serveIfItCan();
  }

  /** Hears of what the brain reports. */
  report(report: RunReport): void {
    if (report.type === 'took-over') void this.#takeOver();
    this.#page?.report(report);
  }

  /** Hears what became of a checkpoint. */
  checkpointDone(outcome: CheckpointOutcome<Snapshot>): void {
    this.#page?.checkpointDone(outcome);
  }

  /** The run has ended. */
  ended(): void {
    this.#page?.ended();
  }

  /** The run has ended, and every last checkpoint is down. Never rejects. */
  async settled(): Promise<void> {
    await this.#page?.settled();
  }

  /** Serves no more. Idempotent. */
  async close(): Promise<void> {
    await this.#page?.close();
  }

  /** The primary's port may be on this machine, and in use. */
  async #takeOver(): Promise<void> {
    const { machine } = this.#options;
    const isWanted = this.#port !== undefined && this.#page === undefined;
    if (machine.coordinator === undefined || !isWanted) return;
    await this.#serveIfItCan();
  }

  async #serveIfItCan(): Promise<void> {
    const { log } = this.#options;
    await this.#serve(0).catch((error: unknown) => {
      const { code, message } = toMusterError(error);
      log.error('dashboard-failed', { code, message });
    });
  }

  async #serve(port: number): Promise<void> {
    const { config, run, machine, access, log, tell, ask } = this.#options;
    this.#page = new LivePage({
      ...{ config, run, machine, login: access.login, log, ask },
      shard: config.PS_SHARD,
      numServers: config.PS_SHARDS,
    });
    tell({ type: 'dashboard', url: await this.#page.serve(port) });
  }
}

/**
 * The port that the settings give the page; nothing where there is to be
 * none: by default where other machines reach it and no token is wanted.
 * @throws MusterError `ERR_CONFIG` where it is wanted all the same.
 */
export function dashboardPort(
  {
    PS_DASHBOARD_PORT: port,
    PS_METRICS_HOST: host,
  }: Pick<ServerConfig, 'PS_DASHBOARD_PORT' | 'PS_METRICS_HOST'>,
  hasLogin: boolean,
): number | undefined {
  if (port === 'off') return undefined;
  const isOpen = !hasLogin && !isLocalHost(host);
  if (port === 'auto') return isOpen ? undefined : 0;
  if (!isOpen) return port;
  throw new MusterError(
    'ERR_CONFIG',
    `the live page would be served on ${host}, which other machines reach, to everybody: give it a token (--metrics-token-file), serve it to this machine alone (--metrics-listen 127.0.0.1:0), or not at all (--dashboard-port off)`,
  );
}
