/**
 * What a fleet is given: who takes part, what hosts are told, and the world
 * around it, which a test can play.
 */
import type { ServerReport } from '@muster/protocol';
import type { Host } from './hosts.js';
import type { News, Order } from './orders.js';
import type { AgentHandle } from './remote-agent.js';

/** What a fleet needs of the world around it. */
export interface FleetEdges {
  /** Connects the agent of a host. */
  readonly connect: (
    host: Host,
    hear: {
      onNews: (news: News) => void;
      onStray: (text: string) => void;
    },
  ) => AgentHandle;
  /**
   * Makes a host ready that was not there, or was lost: asks until it can be
   * reached; false when it cannot take part without somebody's help.
   */
  readonly prepare: (host: Host, signal: AbortSignal) => Promise<boolean>;
  readonly onLine: (
    host: Host,
    process: string | undefined,
    text: string,
  ) => void;
  /** A process was started there, or again. */
  readonly onStarted: (host: Host, process: string, pid: number) => void;
  readonly onNote: (text: string, isBad: boolean) => void;
  /** What the run is, and its folder at the host of the servers. */
  readonly onRun: (report: RunReport) => void;
  readonly onReport: (host: Host, report: ServerReport) => void;
}

/** What is told to hosts. */
export interface FleetOrders {
  readonly begin: (host: Host) => Order;
  readonly server: Order;
  readonly workers: (host: Host, url: string) => Order;
  /** The addresses of a server's report, as other hosts reach them. */
  readonly reachable: (url: string) => string;
}

/** What a fleet begins with. */
export interface FleetOptions {
  readonly serverHost: Host;
  /** That are ready; the host of the servers among them. */
  readonly ready: readonly Host[];
  /** That are to be waited for. */
  readonly later: readonly Host[];
  readonly maxHosts: number;
  /** Whether a host that cannot work is left out, instead of ending the run. */
  readonly isElastic: boolean;
  /** Failures within such a time have one cause. */
  readonly sameCauseMs: number;
  readonly orders: FleetOrders;
  readonly edges: FleetEdges;
}

/** What `muster server` tells beside its server's reports. */
export interface RunReport {
  readonly type: 'run';
  /** Absolute, at the host. */
  readonly folder: string;
  /** What the run is, for people. */
  readonly text: string;
}
