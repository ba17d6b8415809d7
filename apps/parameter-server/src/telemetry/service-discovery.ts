/**
 * `/sd`: which processes of the run serve metrics, in the format of
 * Prometheus' HTTP service discovery (prometheus.io/docs: http_sd_configs).
 * Always the whole list, as it is at this moment.
 */
import { networkInterfaces } from 'node:os';
import type { ScrapeTarget } from '@muster/cluster';
import type { Answer, Logger, RouteRequest } from '@muster/telemetry';
import { scrapePlace } from './scrape-place.js';
import type { Asker } from './scrape-place.js';

/** One entry of the list. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** What the list is made of. */
export interface ServiceDiscoveryOptions {
  readonly runId: string;
  /** Who serves metrics; nothing where this server is not the coordinator. */
  readonly targets: () => readonly ScrapeTarget[] | undefined;
  /** `host:port` or `unix` of a connection that is there. */
  readonly remoteOf: (connection: number) => string | undefined;
  readonly log: Logger;
  /** Gives the addresses of this machine; those of its interfaces. */
  readonly ownAddresses?: () => ReadonlySet<string>;
}

/** Left out ones that are remembered, so that each is told once. */
const MAX_TOLD = 4096;

/** See the head of this file. */
export class ServiceDiscovery {
  readonly #options: ServiceDiscoveryOptions;
  /** Who was left out, as the log was told. */
  readonly #told = new Set<string>();

  constructor(options: ServiceDiscoveryOptions) {
    this.#options = options;
  }

  /** Answers a request. Prometheus keeps its last list after a 503. */
  answer({ localAddress, remoteAddress }: RouteRequest): Answer {
    const targets = this.#options.targets();
    if (targets === undefined) {
      const body =
        'only the coordinator, the primary of server 0, knows who is there\n';
      return { status: 503, body };
    }
    const { ownAddresses = interfaceAddresses } = this.#options;
    const asker: Asker = {
      asked: localAddress,
      address: remoteAddress,
      ours: ownAddresses(),
    };
    const groups = targets.flatMap((one) => this.#groupOf(one, asker) ?? []);
    const body = JSON.stringify(groups);
    return { status: 200, type: 'application/json', body };
  }

  #groupOf(target: ScrapeTarget, asker: Asker): TargetGroup | undefined {
    const { runId, remoteOf } = this.#options;
    const { metricsUrl, address: connection } = target;
    const remote =
      connection === 'local' ? undefined : (remoteOf(connection) ?? '');
    // its connection has just gone: the brain hears of it next
    if (remote === '') return undefined;
    const address = addressIn(remote);
    const place = scrapePlace({ metricsUrl, address }, asker);
    if (place === undefined) return this.#leaveOut(target, asker);
    const isSecure = metricsUrl.startsWith('https:');
    return {
      targets: [place],
      labels: {
        ...labelsOf(target),
        run_id: runId,
        ...(isSecure && { __scheme__: 'https' }),
      },
    };
  }

  /** Nobody can scrape it from there: a target would be down for ever. */
  #leaveOut(target: ScrapeTarget, { address: asker }: Asker): undefined {
    const { metricsUrl } = target;
    const who =
      target.kind === 'worker'
        ? { worker: target.workerId }
        : { shard: target.shard };
    const key = JSON.stringify([who, metricsUrl, asker]);
    if (this.#told.has(key) || this.#told.size >= MAX_TOLD) return;
    this.#told.add(key);
    const text = `${asker} cannot read the metrics of ${metricsUrl}, which is another machine to it; have the process listen on an address that others reach (--metrics-listen)`;
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
function addressIn(remote: string | undefined): string | undefined {
  const match = /^(?:\[(.+)\]|([^:]+)):\d+$/.exec(remote ?? '');
  return match?.[1] ?? match?.[2];
}

function interfaceAddresses(): Set<string> {
  const interfaces = Object.values(networkInterfaces());
  return new Set(interfaces.flatMap((of = []) => of.map((one) => one.address)));
}
