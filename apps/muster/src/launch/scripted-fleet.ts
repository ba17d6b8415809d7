/**
 * A fleet whose hosts are played by a test: each agent hears its orders, and
 * says what the test says.
 */
import type { ServerReport } from '@muster/protocol';
import { Fleet } from './fleet.js';
import type { FleetOptions, RunReport } from './fleet-options.js';
import type { Host } from './hosts.js';
import type { News, Order } from './orders.js';
import type { AgentEnd, AgentHandle } from './remote-agent.js';

/** One life of an agent. */
export class ScriptedAgent implements AgentHandle {
  readonly host: string;
  readonly orders: Order[] = [];
  readonly tell: (news: News) => void;
  stops: boolean[] = [];
  #resolve: (end: AgentEnd) => void = () => undefined;
  readonly ended = new Promise<AgentEnd>((resolve) => {
    this.#resolve = resolve;
  });

  constructor(host: string, tell: (news: News) => void) {
    this.host = host;
    this.tell = tell;
  }

  send(order: Order): void {
    this.orders.push(order);
  }

  stop(atOnce: boolean): Promise<AgentEnd> {
    this.stops.push(atOnce);
    this.end('told to', true);
    return this.ended;
  }

  /** Its connection ends. */
  end(reason: string, wasAsked = false): void {
    this.#resolve({ wasAsked, reason });
  }

  /** What the server tells. */
  report(report: ServerReport | RunReport): void {
    this.tell({ type: 'report', report: { ...report } });
  }

  /** The server listens at an address. */
  listens(url = 'ws://127.0.0.1:7070'): void {
    const [metricsUrl, version] = [null, 0];
    this.report({ type: 'listening', url, metricsUrl, version });
  }

  /** The types of its orders. */
  get heard(): string[] {
    return this.orders.map(({ type }) => type);
  }
}

/** See the head of this file. */
export class ScriptedFleet {
  readonly fleet: Fleet;
  readonly hosts: readonly Host[];
  /** Every life of every agent, in the order of their starts. */
  readonly agents: ScriptedAgent[] = [];
  readonly notes: string[] = [];
  readonly lines: string[] = [];
  /** Ends the wait for a host: whether it is ready. */
  readonly waits = new Map<string, (isReady: boolean) => void>();

  /**
   * @param names of the hosts, one worker each unless a number follows; those
   *   in capitals come later.
   */
  constructor(
    names: readonly string[],
    options: Partial<Omit<FleetOptions, 'orders' | 'edges'>> = {},
  ) {
    this.hosts = names.map((text) => {
      const [name = '', slots = '1'] = text.toLowerCase().split(':');
      return { name, slots: Number(slots) };
    });
    const isReady = (_: Host, i: number) =>
      names[i] === names[i]?.toLowerCase();
    const ready = this.hosts.filter(isReady);
    const later = this.hosts.filter((host) => !ready.includes(host));
    this.fleet = new Fleet({
      serverHost: ready[0] ?? { name: 'nobody', slots: 0 },
      ...{ ready, later, maxHosts: names.length },
      ...{ isElastic: false, sameCauseMs: 1000, ...options },
      orders: {
        begin: () => ({
          ...{ type: 'begin', token: 't', heartbeatMs: 1, timeoutMs: 5 },
        }),
        server: { type: 'server', args: [], address: 'a' },
        workers: ({ name }, url) => ({
          ...{ type: 'workers', names: [`${name}-0`] },
          ...{ env: { WORKER_SERVER: url }, maxRestarts: 1 },
        }),
        reachable: (url) => url.replace('127.0.0.1', 'a'),
      },
      edges: {
        connect: ({ name }, { onNews }) => {
          const agent = new ScriptedAgent(name, onNews);
          this.agents.push(agent);
          return agent;
        },
        prepare: ({ name }, signal) =>
          new Promise((resolve) => {
            this.waits.set(name, resolve);
            signal.addEventListener('abort', () => resolve(false));
          }),
        onLine: ({ name }, process, text) =>
          void this.lines.push(`${name}/${process ?? ''} ${text}`),
        onStarted: () => undefined,
        onNote: (text) => void this.notes.push(text),
        onRun: () => undefined,
        onReport: () => undefined,
      },
    });
  }

  /** The newest life of a host's agent. */
  agent(host: string): ScriptedAgent {
    const found = this.agents.findLast((agent) => agent.host === host);
    if (found === undefined) throw new Error(`no agent on ${host}`);
    return found;
  }

  /** Whether a host has an agent that runs. */
  numLives(host: string): number {
    return this.agents.filter((agent) => agent.host === host).length;
  }
}

/** Lets everything happen that waits for nothing. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
