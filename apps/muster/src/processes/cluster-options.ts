/**
 * What a cluster of processes on this machine is started with, and how it
 * ends.
 */
import type { RunResult, ServerReport } from '@muster/protocol';
import type { AccessOptions } from './access-options.js';
import type { LauncherLog } from './launcher-log.js';
import type { TlsFiles } from '@muster/transport';

/** How many processes there are, and how often one is started again. */
export interface ClusterSize {
  readonly numWorkers: number;
  /** Parameter servers, each with its part of the parameters. From 1. */
  readonly numServers: number;
  /** Standbys a server. */
  readonly numStandbys: 0 | 1;
  /** Restarts within an hour before the run fails; 0 starts none again. */
  readonly maxRestarts: number;
}

/** What a cluster is started with. */
export interface ClusterOptions extends ClusterSize {
  /**
   * Workers that should be there, for metrics; 0 where nobody knows. Default:
   * those that are started here.
   */
  readonly expectedWorkers?: number;
  /** The run's folder. */
  readonly folder: string;
  readonly host: string;
  /** Of the first server; 0 takes a free port, as the others do. */
  readonly port: number;
  /** Holds the token; nobody has to show one when it is undefined. */
  readonly tokenFile: string | undefined;
  /** Limits of the servers' doors, and of metrics; defaults if not given. */
  readonly access?: AccessOptions;
  /** For all of them: the servers' certificate is shown by workers too. */
  readonly tls?: TlsFiles | undefined;
  readonly backend: 'auto' | 'tensorflow' | 'wasm';
  readonly data: string | undefined;
  /**
   * How fast each server gives the data to workers that lack them, in all; 0
   * gives none. Default: 100 MB a second.
   */
  readonly dataBytesPerSecond?: number | undefined;
  readonly checkpointEvery: number;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly stragglerFactor: number;
  readonly logLevel: string;
  /** Whether events for TensorBoard are written. Default: false. */
  readonly tensorboard?: boolean;
  readonly metrics: boolean;
  /** Where metrics are served; only the first server takes the port. */
  readonly metricsListen: { readonly host: string; readonly port: number };
  /**
   * Port of the live page on the metrics' host, which the coordinator serves;
   * a standby that takes over takes a free one. Default: off.
   */
  readonly dashboardPort?: number | 'auto' | 'off';
  /**
   * Hears of everything but the end. Of `listening` once, with the addresses
   * of all who may coordinate, a comma between: what a worker is given.
   */
  readonly onReport: (report: ServerReport) => void;
  /** The launcher's own log, if it has one. */
  readonly log?: LauncherLog | undefined;
  /** Hears of each process that is started, also when it is again. */
  readonly onStart?: (name: string, pid: number) => void;
  /**
   * Puts something between a server and all others, such as a proxy: gives
   * the address that they are to use. Asked again when a server comes back,
   * for the same address as a rule.
   */
  readonly route?: (name: string, url: string) => Promise<string>;
}

/** How a run on this machine ended. */
export interface ClusterEnd {
  readonly outcome: 'finished' | 'drained';
  readonly result: RunResult;
}
