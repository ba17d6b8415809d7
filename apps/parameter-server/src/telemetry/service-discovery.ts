/**
 * `/sd`: which processes of the run serve metrics, in the format of
 * Prometheus' HTTP service discovery (prometheus.io/docs: http_sd_configs).
 * Always the whole list, as it is at this moment; the launcher hears of it
 * when it changes.
 */
import { networkInterfaces } from 'node:os';
import type { RunReport, ScrapeTarget } from '@muster/cluster';
import type { ScrapedProcess, ServerReport } from '@muster/protocol';
import { isOurAddress, targetGroup } from '@muster/telemetry';
import type {
  Answer,
  Asker,
  Logger,
  RouteRequest,
  TargetGroup,
} from '@muster/telemetry';

/** What the list is made of. */
export interface ServiceDiscoveryOptions {
  readonly runId: string;
  /** Who serves metrics; nothing where this server is not the coordinator. */
  readonly targets: () => readonly ScrapeTarget[] | undefined;
  /** `host:port` or `unix` of a connection that is there. */
  readonly remoteOf: (connection: number) => string | undefined;
  readonly log: Logger;
  /** Is told the list when it has changed. */
  readonly tell: (report: ServerReport) => void;
  /** Gives the addresses of this machine; those of its interfaces. */
  readonly ownAddresses?: () => ReadonlySet<string>;
}

/** Left out ones that are remembered, so that each is told once. */
const MAX_TOLD = 4096;

/** What can have changed the list. */
const CHANGES: ReadonlySet<RunReport['type']> = new Set([
  'worker-joined',
  'worker-away',
  'server-joined',
  'standby-joined',
  'server-lost',
  'took-over',
]);

/** See the head of this file. */
export class ServiceDiscovery {
  readonly #options: ServiceDiscoveryOptions;
  /** Who was left out, as the log was told. */
  readonly #leftOut = new Set<string>();
  #told = '[]';

  constructor(options: ServiceDiscoveryOptions) {
    this.#options = options;
  }

  /** Answers a request. Prometheus keeps its last list after a 503. */
  answer({ localAddress, remoteAddress }: RouteRequest): Answer {
    const ours = this.#ownAddresses();
    const processes = this.#processes(ours);
    if (processes === undefined) {
      const body =
        'only the coordinator, the primary of server 0, knows who is there\n';
      return { status: 503, body };
    }
    const asker = { asked: localAddress, address: remoteAddress, ours };
    const groups = processes.flatMap((one) => this.#groupOf(one, asker) ?? []);
    const body = JSON.stringify(groups);
    return { status: 200, type: 'application/json', body };
  }

  /** Tells the list, where this has changed it. */
  report({ type }: RunReport): void {
    if (!CHANGES.has(type)) return;
    const targets = this.#processes(this.#ownAddresses());
    const text = JSON.stringify(targets ?? []);
    if (text === this.#told || targets === undefined) return;
    this.#told = text;
    this.#options.tell({ type: 'targets', targets });
  }

  #ownAddresses(): ReadonlySet<string> {
    return (this.#options.ownAddresses ?? interfaceAddresses)();
  }

  #processes(ours: ReadonlySet<string>): ScrapedProcess[] | undefined {
    const { runId, targets, remoteOf } = this.#options;
    return targets()?.flatMap((target) => {
      const { metricsUrl, address: connection } = target;
      const remote = connection === 'local' ? 'unix' : remoteOf(connection);
      // its connection has just gone: the brain hears of it next
      if (remote === undefined) return [];
      const labels = { ...labelsOf(target), run_id: runId };
      const from = addressIn(remote);
      const isHere = from === undefined || isOurAddress(from, ours);
      return { labels, metricsUrl, address: isHere ? null : from };
    });
  }

  #groupOf(process: ScrapedProcess, asker: Asker): TargetGroup | undefined {
    const group = targetGroup(process, asker);
    if (group !== undefined) return group;
    this.#leaveOut(process, asker);
    return undefined;
  }

  /** Nobody can scrape it from there: a target would be down for ever. */
  #leaveOut(process: ScrapedProcess, { address: asker }: Asker): void {
    const { labels, metricsUrl } = process;
    const { worker, server } = labels;
    const key = JSON.stringify([labels, metricsUrl, asker]);
    if (this.#leftOut.has(key) || this.#leftOut.size >= MAX_TOLD) return;
    this.#leftOut.add(key);
    const text = `${asker} cannot read the metrics of ${metricsUrl}, which is another machine to it; have the process listen on an address that others reach (--metrics-listen)`;
    const who = worker === undefined ? { server } : { worker };
    this.#options.log.warn('metrics-out-of-reach', { ...who, text });
  }
}

function labelsOf(target: ScrapeTarget): Record<string, string> {
  if (target.kind === 'worker') {
    return { job: 'muster-worker', worker: target.workerId };
  }
  const { shard, role } = target;
  return { job: 'muster-server', server: String(shard), role };
}

/** The address in `host:port`; none of a unix socket's end. */
function addressIn(remote: string): string | undefined {
  const match = /^(?:\[(.+)\]|([^:]+)):\d+$/.exec(remote);
  return match?.[1] ?? match?.[2];
}

function interfaceAddresses(): Set<string> {
  const interfaces = Object.values(networkInterfaces());
  return new Set(interfaces.flatMap((of = []) => of.map((one) => one.address)));
}
