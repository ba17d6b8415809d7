/**
 * The worker's brain: what it was given, what it computes, what was not yet
 * answered. Driven one event at a time like the servers.
 *
 * ```
 *  offline -- connected --> joining -- joined --> preparing -- prepared --> working
 *     ^                                              (first time only)        |
 *     +-------------------- disconnected <------------------------------------+
 *  any -- drain | told to --> stopped
 * ```
 *
 * That is its connection to the coordinator, link 0; links 1 and up to the
 * other servers come and go beside it.
 */
import { payloadAsFloat32 } from '@muster/protocol';
import type { MessageOf, Packet } from '@muster/protocol';
import { Sleep } from '../sleep.js';
import { SliceStore } from './slice-store.js';
import { UnansweredPushes } from './unanswered-pushes.js';
import { unreachable } from '../unreachable.js';
import type {
  RunTraits,
  WorkerEffect,
  WorkerEnd,
  WorkerEvent,
  WorkerIdentity,
  WorkerState,
} from './worker-events.js';
import { WorkerLinks } from './worker-links.js';
import { WorkerSession } from './worker-session.js';
import { WorkerTasks } from './worker-tasks.js';

/** See the head of this file. */
export class WorkerMachine {
  readonly #session: WorkerSession;
  readonly #links: WorkerLinks;
  readonly #pushes: UnansweredPushes;
  readonly #tasks: WorkerTasks;
  #state: WorkerState = 'offline';
  #effects: WorkerEffect[] = [];
  #nowMs = 0;
  readonly #sleep = new Sleep();
  #isPrepared = false;
  #isPreparing = false;
  #slices: SliceStore | undefined;

  constructor(identity: WorkerIdentity) {
    this.#session = new WorkerSession(identity);
    const emit = (effect: WorkerEffect) => void this.#effects.push(effect);
    this.#links = new WorkerLinks(emit);
    this.#pushes = new UnansweredPushes(this.#links);
    this.#tasks = new WorkerTasks(this.#links, this.#pushes, emit);
  }

  /** What the worker is doing. */
  get state(): WorkerState {
    return this.#state;
  }

  /** The newest version it holds, if it holds one whole. */
  get version(): number | undefined {
    return this.#slices?.version;
  }

  /** Pushes that some server has not answered. */
  get numUnanswered(): number {
    return this.#pushes.size;
  }

  /** Begins; call once, before any event. */
  start(nowMs: number): WorkerEffect[] {
    this.#nowMs = nowMs;
    this.#sleep.begin(nowMs);
    this.#links.dial(0);
    return this.#takeEffects();
  }

  /** Handles one event at time `nowMs` (monotone milliseconds). */
  handle(event: WorkerEvent, nowMs: number): WorkerEffect[] {
    this.#nowMs = nowMs;
    this.#tasks.at(nowMs);
    if (this.#state !== 'stopped') this.#dispatch(event);
    return this.#takeEffects();
  }

  #dispatch(event: WorkerEvent): void {
    switch (event.type) {
      case 'connected':
        return this.#onConnected(event.link);
      case 'disconnected':
        return this.#onDisconnected(event.link);
      case 'packet':
        return this.#onPacket(event.link, event.packet);
      case 'prepared':
        return this.#onPrepared(event);
      case 'prepare-failed': {
        const { code, message } = event;
        return this.#leave(message, { outcome: 'failed', code, message });
      }
      case 'computed':
        return this.#tasks.computed(event.taskId, event.result);
      case 'evaluated':
        return this.#tasks.evaluated(event.taskId, event.result);
      case 'task-failed':
        return this.#tasks.failed(event);
      case 'tick':
        return this.#onTick();
      case 'drain':
        return this.#leave('asked to stop', { outcome: 'drained' });
      default:
        return unreachable(event);
    }
  }

  // ---- connections --------------------------------------------------------

  #onConnected(link: number): void {
    this.#links.connected(link, this.#nowMs);
    if (link > 0) return this.#subscribe(link);
    this.#state = 'joining';
    this.#links.send(0, { message: this.#session.join() });
  }

  #onDisconnected(link: number): void {
    this.#links.disconnected(link);
    if (link === 0) {
      this.#state = 'offline';
      this.#tasks.forgetAssigned();
    }
    this.#links.dial(link);
  }

  #onTick(): void {
    // who slept has not read yet what the others said meanwhile
    if (this.#sleep.isWaking(this.#nowMs, this.#links.patienceMs)) return;
    this.#links.tick(this.#nowMs, this.#state !== 'joining');
    if (this.#state === 'working') this.#tasks.askAgain();
  }

  // ---- what servers say ---------------------------------------------------

  #onPacket(link: number, { message, payload }: Packet): void {
    this.#links.heard(link, this.#nowMs);
    switch (message.type) {
      case 'joined':
        return this.#onJoined(message, payload);
      case 'shards':
        return this.#links.setPlaces(message.shards);
      case 'refused':
        return this.#onRefused(message);
      case 'parameters':
        return this.#onParameters(link, message, payload);
      case 'assign':
        return this.#tasks.assign(message.task);
      case 'push-result':
        return this.#pushes.answered(link, message);
      case 'classify':
        return this.#onClassify(link, message, payload);
      case 'drain':
        return this.#onDrain(message);
      case 'heartbeat':
        return;
      default:
        return this.#stop({
          outcome: 'failed',
          code: 'ERR_MALFORMED_MESSAGE',
          message: `a server sent '${message.type}', which is not for a worker`,
        });
    }
  }

  #onJoined(
    joined: MessageOf<'joined'>,
    payload: Uint8Array | undefined,
  ): void {
    const failure = this.#session.joined(joined);
    if (failure) return this.#leave('the server has another run now', failure);
    this.#links.setHeartbeat(joined.heartbeatMs);
    this.#state = 'preparing';
    this.#links.setPlaces(joined.shards);
    if (this.#isPrepared) return this.#begin();
    if (this.#isPreparing) return;
    this.#isPreparing = true;
    this.#effects.push({
      type: 'prepare',
      definition: payload ?? new Uint8Array(0),
    });
  }

  #onRefused({ code, message }: MessageOf<'refused'>): void {
    if (code === 'ERR_DRAINING') return this.#stop({ outcome: 'finished' });
    this.#stop({ outcome: 'failed', code, message });
  }

  #onPrepared(run: RunTraits): void {
    this.#isPrepared = true;
    this.#slices = new SliceStore(run.numParameters, this.#links.numServers);
    this.#tasks.begin(this.#slices, run);
    if (this.#state === 'preparing') this.#begin();
  }

  #begin(): void {
    this.#state = 'working';
    this.#slices?.forget();
    for (const link of this.#links.connectedLinks) this.#subscribe(link);
  }

  /** Wants parameters from a server; says again what it has not answered. */
  #subscribe(link: number): void {
    const message = this.#session.subscribe();
    if (!this.#isPrepared || message === undefined) return;
    if (link === 0 && this.#state !== 'working') return;
    this.#links.send(link, { message });
    this.#pushes.sayAgain(link);
    this.#tasks.askAnew();
  }

  #onParameters(
    link: number,
    message: MessageOf<'parameters'>,
    payload: Uint8Array | undefined,
  ): void {
    const { begin, end, term, version } = message;
    const place = this.#links.placeOf(link);
    if (place?.begin !== begin || place.end !== end) {
      return this.#stop({
        outcome: 'failed',
        code: 'ERR_SHAPE_MISMATCH',
        message: `server ${link} sent parameters ${begin} to ${end}, it owns ${place?.begin ?? '?'} to ${place?.end ?? '?'}`,
      });
    }
    const values = payloadAsFloat32(payload, end - begin);
    this.#slices?.put(link, { term, version, begin, end, values });
    this.#tasks.runNext();
  }

  #onClassify(
    link: number,
    { requestId }: MessageOf<'classify'>,
    image: Uint8Array = new Uint8Array(0),
  ): void {
    const newest = this.#slices?.newest;
    if (this.#state !== 'working' || newest === undefined) return;
    this.#effects.push({
      ...{ type: 'classify', link, requestId, image },
      ...newest,
    });
  }

  #onDrain({ reason }: MessageOf<'drain'>): void {
    this.#leave(
      `the run ended: ${reason}`,
      reason === 'finished' ? { outcome: 'finished' } : { outcome: 'drained' },
    );
  }

  // ---- the end ------------------------------------------------------------

  #leave(reason: string, end: WorkerEnd): void {
    this.#links.send(0, {
      message: { type: 'leave', reason: reason.slice(0, 200) },
    });
    this.#stop(end);
  }

  #stop(end: WorkerEnd): void {
    this.#state = 'stopped';
    this.#effects.push({ type: 'stop', end });
  }

  #takeEffects(): WorkerEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
