/**
 * What a worker's metrics show, brought up to date by what its edge does:
 * frames, tasks, and what the parts of a task take. Decides nothing.
 */
import { performance } from 'node:perf_hooks';
import type { BackendInfo } from '@muster/model';
import { numTensors } from '@muster/model';
import { PROTOCOL_VERSION, rawPayloadBytes } from '@muster/protocol';
import type {
  MessageOf,
  Packet,
  Phases,
  RunDefinition,
} from '@muster/protocol';
import {
  createRegistry,
  createWorkerMetrics,
  startHealthServer,
  Traffic,
} from '@muster/telemetry';
import type {
  Counted,
  HealthServer,
  HealthServerOptions,
  WorkerMetrics,
} from '@muster/telemetry';
import { PushTimes } from './push-times.js';
import { RoundTrips } from './round-trips.js';

/** Where metrics are served, and to whom. */
export type MetricsPlace = Omit<HealthServerOptions, 'registry' | 'refresh'>;

/** See the head of this file. */
export class WorkerTelemetry {
  readonly #registry = createRegistry();
  readonly #metrics: WorkerMetrics;
  readonly #traffic: Traffic;
  readonly #pushes = new PushTimes();
  readonly #beats = new RoundTrips();
  #health: HealthServer | undefined;
  #hasBackend = false;
  #numConnects = 0;

  /** @param connections those that are there. */
  constructor(workerId: string, connections: () => Iterable<Counted>) {
    this.#metrics = createWorkerMetrics(this.#registry);
    this.#traffic = new Traffic(connections);
    this.#metrics.setWorker(workerId);
    this.#metrics.setBuild({ version: '0.1.0', protocol: PROTOCOL_VERSION });
  }

  /** `http://host:port`, when metrics are served. */
  get url(): string | undefined {
    return this.#health?.url;
  }

  /** What the push before took; 0 before the first one. Milliseconds. */
  get lastPush(): Pick<Phases, 'encode' | 'push'> {
    return this.#pushes.last;
  }

  /**
   * Serves `/metrics`.
   * @throws an error with code `ERR_PORT_IN_USE` or `ERR_CONFIG`.
   */
  async serve(place: MetricsPlace): Promise<void> {
    this.#health = await startHealthServer({
      ...place,
      registry: this.#registry,
      refresh: () => this.#refresh(),
    });
  }

  /** Stops serving. Idempotent. */
  async close(): Promise<void> {
    await this.#health?.close();
  }

  /** Says what computes the gradients, once it is loaded. */
  setBackend({ name, libraryVersion, numerics }: BackendInfo): void {
    this.#hasBackend = true;
    this.#metrics.setBackend({ backend: name, libraryVersion, numerics });
  }

  /** Says which run it works on. */
  setRun({ runId, consistency, optimizer, seed }: RunDefinition): void {
    const names = { consistency: consistency.name, optimizer: optimizer.name };
    this.#metrics.setRun({ runId, ...names, seed });
  }

  /** A link is there. */
  connected(link: number): void {
    if (link > 0) return;
    if (this.#numConnects++ > 0) this.#metrics.countReconnect();
    this.#metrics.setConnected(true);
  }

  /** A link is dialled: it is not there. */
  dialling(link: number): void {
    if (link === 0) this.#metrics.setConnected(false);
  }

  /** A connection has ended. */
  connectionClosed(connection: Counted): void {
    this.#traffic.ended(connection);
  }

  /** A packet was sent, which took from `startMs` until now. */
  sent(link: number, packet: Packet, startMs: number): void {
    const { message } = packet;
    this.#traffic.sendingRaw(rawPayloadBytes(packet));
    if (message.type === 'heartbeat') {
      this.#beats.sent(message.sequence, startMs);
    } else if (message.type === 'push') this.#pushed(link, message, startMs);
  }

  /** A packet came. */
  received(link: number, packet: Packet): void {
    const { message } = packet;
    this.#traffic.receivedRaw(rawPayloadBytes(packet));
    if (message.type === 'push-result') this.#answered(link, message);
    else if (message.type === 'parameters') {
      this.#metrics.setStep(message.version);
    } else if (message.type === 'heartbeat') {
      const tookMs = this.#beats.echoed(message.sequence, performance.now());
      if (tookMs !== undefined) this.#metrics.observeRoundTripMs(tookMs);
    }
  }

  /** A gradient was computed. */
  computed(
    { count, lossSum }: { readonly count: number; readonly lossSum: number },
    phases: Pick<Phases, 'data' | 'compute'>,
  ): void {
    const update = { numImages: count, loss: lossSum / count };
    this.#metrics.taskDone({ kind: 'gradient', ...update });
    this.#metrics.observePhasesMs(phases);
  }

  /** Test examples were evaluated. */
  evaluated(numImages: number): void {
    this.#metrics.taskDone({ kind: 'evaluate', numImages, loss: 0 });
  }

  /** A task could not be done. */
  taskFailed(): void {
    this.#metrics.countTaskFailure();
  }

  #pushed(link: number, push: MessageOf<'push'>, startMs: number): void {
    const nowMs = performance.now();
    const isFirst = this.#pushes.sent(link, push, startMs, nowMs);
    this.#metrics.observePhasesMs({ encode: nowMs - startMs });
    const { wait, pull } = push.phases;
    if (isFirst) this.#metrics.observePhasesMs({ wait, pull });
  }

  #answered(link: number, result: MessageOf<'push-result'>): void {
    const nowMs = performance.now();
    const answer = this.#pushes.answered(link, result, nowMs);
    if (answer === undefined) return;
    const { staleness, pushMs } = answer;
    // server 0 alone counts: every server is pushed to
    if (link === 0) this.#metrics.countPush(result.outcome);
    if (staleness !== undefined) this.#metrics.observeStaleness(staleness);
    if (pushMs !== undefined) this.#metrics.observePhasesMs({ push: pushMs });
  }

  #refresh(): void {
    this.#metrics.setTraffic(this.#traffic.totals);
    if (this.#hasBackend) this.#metrics.setTensors(numTensors());
  }
}
