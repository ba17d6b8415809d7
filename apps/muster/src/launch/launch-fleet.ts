/**
 * The fleet of a launch: its plan's orders, and edges to the hosts over ssh,
 * to the screen and to the log.
 */
import type { ServerReport } from '@muster/protocol';
import { reachableUrls } from './addresses.js';
import { workersAtStart } from './admission.js';
import type { Admission } from './admission.js';
import type { FleetEdges, FleetOrders } from './fleet-options.js';
import { Fleet } from './fleet.js';
import type { HostCertificates } from './host-certificates.js';
import type { Host } from './hosts.js';
import { LaunchLog } from './launch-log.js';
import type { LaunchView } from './launch-view.js';
import { pageWords } from './page-words.js';
import type { LaunchPlan } from './plan.js';
import { prepareLater } from './prepare-host.js';
import type { Program } from './prepare-host.js';
import { RemoteAgent } from './remote-agent.js';
import type { RunTransfer } from './run-transfer.js';
import type { TargetsFile } from './targets-file.js';

/** Failures within so long beyond the time of silence have one cause. */
const CAUSE_MS = 5000;

/** What the fleet of a launch is made of. */
export interface LaunchFleetParts {
  readonly plan: LaunchPlan;
  readonly view: LaunchView;
  readonly admission: Admission;
  /** Of the servers' host, as the other hosts reach it. */
  readonly address: string;
  readonly program: Program;
  /** That workers show to servers. */
  readonly token: string;
  readonly certificates: HostCertificates;
  readonly transfer: RunTransfer;
  /** The file for Prometheus, where one was asked for; the caller ends it. */
  readonly targets: TargetsFile | undefined;
}

/** Makes a fleet that is not started. */
export function createLaunchFleet(parts: LaunchFleetParts): Fleet {
  const { plan, admission } = parts;
  const { hostTimeoutMs, maxHosts, isElastic } = plan.options;
  return new Fleet({
    ...admission,
    ...{ ready: readyHosts(parts), maxHosts, isElastic },
    sameCauseMs: hostTimeoutMs + CAUSE_MS,
    orders: ordersOf(parts),
    edges: edgesOf(parts),
  });
}

function readyHosts({ admission }: LaunchFleetParts): Host[] {
  return admission.ready.map(({ host }) => host);
}

function ordersOf(parts: LaunchFleetParts): FleetOrders {
  const { plan, admission, address, token, certificates } = parts;
  const { serverHost } = admission;
  const { maxHosts } = plan.options;
  const numWorkers = workersAtStart(readyHosts(parts), serverHost, maxHosts);
  return {
    begin: (host) =>
      plan.begin({ token, ...certificates.of(host, host === serverHost) }),
    server: plan.server(address, numWorkers),
    workers: (host, url) => plan.workers(host, url),
    reachable: (url) => reachableUrls(url, address),
  };
}

function edgesOf(parts: LaunchFleetParts): FleetEdges {
  const { plan, view, program, transfer } = parts;
  const note = (text: string) => view.note(text);
  const log = new LaunchLog(note);
  return {
    connect: (host, hear) =>
      RemoteAgent.start({
        words: plan.agentWords(host),
        timeoutMs: plan.options.hostTimeoutMs,
        heartbeatMs: plan.heartbeatMs,
        ...hear,
      }),
    prepare: (host, signal) => prepareLater(plan, host, program, signal, note),
    onLine: (host, process, text) => {
      view.line(host.name, process, text);
      if (process !== undefined) log.line(host.name, process, text);
    },
    onStarted: (host, process, pid) => {
      view.line(host.name, process, `started, process ${pid}`);
      log.launched(host.name, process, pid);
    },
    onNote: (text, isBad) => {
      note(text);
      log.note(isBad ? 'warn' : 'info', text);
    },
    onRun: ({ folder }) => log.begin(transfer.folderHere(folder)),
    onReport: (host, report) => onReport(parts, host, report),
  };
}

function onReport(
  { plan, view, address, targets }: LaunchFleetParts,
  host: Host,
  report: ServerReport,
): void {
  if (report.type === 'targets') targets?.write(report.targets);
  if (report.type === 'dashboard') {
    const { ssh, settings } = plan;
    const words = pageWords(report.url, { host, address, ssh, settings });
    view.line(host.name, 'server', words);
  }
  view.report(host.name, report);
}
