/**
 * The worker's brain: what it was given, what it computes, what was not yet
 * answered. Driven one event at a time like the coordinator.
 *
 * ```
 *  offline -- connected --> joining -- joined --> preparing -- prepared --> working
 *     ^                                              (first time only)        |
 *     +-------------------- disconnected <------------------------------------+
 *  any -- drain | told to --> stopped
 * ```
 */
import {
  MusterError,
  payloadAsFloat32,
  PROTOCOL_VERSION,
} from '@muster/protocol';
import type { MessageOf, Packet, Task } from '@muster/protocol';
import { evaluatedOf, pushOf } from './contribution.js';
import type {
  EvaluationResult,
  GradientResult,
  WorkerEffect,
  WorkerEnd,
  WorkerEvent,
  WorkerIdentity,
  WorkerState,
} from './worker-events.js';

interface Running {
  readonly task: Task;
  readonly startedMs: number;
  readonly waitedMs: number;
}

/** Leases of silence after which the server is taken for dead. */
const SERVER_SILENT_HEARTBEATS = 5;

/** See the head of this file. */
export class WorkerMachine {
  readonly #identity: WorkerIdentity;
  #state: WorkerState = 'offline';
  #effects: WorkerEffect[] = [];
  #nowMs = 0;
  #incarnation: number | undefined;
  #runId: string | undefined;
  #isPrepared = false;
  #heartbeatMs = 1000;
  #lastHeardMs = 0;
  #lastHeartbeatMs = 0;
  #heartbeatSequence = 0;
  #parameters: Float32Array | undefined;
  #version: number | undefined;
  /** Given, and waiting for its version or for the running task. */
  #assigned: Task | undefined;
  #running: Running | undefined;
  #idleSinceMs = 0;
  #nextPushId = 1;
  /** Sent and not answered, by push id: sent again after a reconnect. */
  readonly #unanswered = new Map<number, Packet>();

  constructor(identity: WorkerIdentity) {
    this.#identity = identity;
  }

  /** What the worker is doing. */
  get state(): WorkerState {
    return this.#state;
  }

  /** The newest version it holds, if it holds one. */
  get version(): number | undefined {
    return this.#version;
  }

  /** Begins; call once, before any event. */
  start(nowMs: number): WorkerEffect[] {
    this.#nowMs = nowMs;
    this.#effects.push({ type: 'dial' });
    return this.#takeEffects();
  }

  /** Handles one event at time `nowMs` (monotone milliseconds). */
  handle(event: WorkerEvent, nowMs: number): WorkerEffect[] {
    this.#nowMs = nowMs;
    if (this.#state !== 'stopped') this.#dispatch(event);
    return this.#takeEffects();
  }

  #dispatch(event: WorkerEvent): void {
    switch (event.type) {
      case 'connected':
        return this.#onConnected();
      case 'disconnected':
        return this.#onDisconnected();
      case 'packet':
        return this.#onPacket(event.packet);
      case 'prepared':
        return this.#onPrepared(event.numParameters);
      case 'prepare-failed': {
        const { code, message } = event;
        return this.#leave(message, { outcome: 'failed', code, message });
      }
      case 'computed':
        return this.#onComputed(event.taskId, event.result);
      case 'evaluated':
        return this.#onEvaluated(event.taskId, event.result);
      case 'task-failed':
        return this.#onTaskFailed(event);
      case 'tick':
        return this.#onTick();
      case 'drain':
        return this.#leave('asked to stop', { outcome: 'drained' });
      default:
        return unreachable(event);
    }
  }

  // ---- connection ---------------------------------------------------------

  #onConnected(): void {
    this.#state = 'joining';
    this.#lastHeardMs = this.#nowMs;
    const { workerId, numerics, backend, model } = this.#identity;
    const message: MessageOf<'join'> = {
      type: 'join',
      protocol: PROTOCOL_VERSION,
      workerId,
      numerics,
      backend,
      ...(this.#incarnation !== undefined && {
        incarnation: this.#incarnation,
      }),
      ...(model !== undefined && { model }),
    };
    this.#send({ message });
  }

  #onDisconnected(): void {
    this.#state = 'offline';
    this.#assigned = undefined;
    this.#effects.push({ type: 'dial' });
  }

  #onTick(): void {
    if (this.#state === 'offline') return;
    const silentMs = this.#nowMs - this.#lastHeardMs;
    if (silentMs > this.#heartbeatMs * SERVER_SILENT_HEARTBEATS) {
      this.#lastHeardMs = this.#nowMs;
      this.#effects.push({ type: 'terminate' });
      return;
    }
    if (this.#state === 'joining') return;
    if (this.#nowMs - this.#lastHeartbeatMs < this.#heartbeatMs) return;
    this.#lastHeartbeatMs = this.#nowMs;
    const sequence = ++this.#heartbeatSequence;
    this.#send({ message: { type: 'heartbeat', sequence } });
  }

  // ---- what the server says -----------------------------------------------

  #onPacket({ message, payload }: Packet): void {
    this.#lastHeardMs = this.#nowMs;
    switch (message.type) {
      case 'joined':
        return this.#onJoined(message, payload);
      case 'refused':
        return this.#onRefused(message);
      case 'parameters':
        return this.#onParameters(message, payload);
      case 'assign':
        this.#assigned = message.task;
        return this.#runNext();
      case 'push-result':
        return this.#onPushResult(message);
      case 'drain':
        return this.#onDrain(message);
      case 'heartbeat':
        return;
      case 'join':
      case 'subscribe':
      case 'push':
      case 'evaluated':
      case 'task-failed':
      case 'leave':
        return this.#stop({
          outcome: 'failed',
          code: 'ERR_MALFORMED_MESSAGE',
          message: `the server sent '${message.type}', which only workers send`,
        });
      default:
        return unreachable(message);
    }
  }

  #onJoined(
    joined: MessageOf<'joined'>,
    payload: Uint8Array | undefined,
  ): void {
    if (this.#runId !== undefined && this.#runId !== joined.runId) {
      return this.#leave(`the server has another run now`, {
        outcome: 'failed',
        code: 'ERR_NOT_JOINED',
        message: `the server at this address trains run ${joined.runId} now, this worker was prepared for ${this.#runId}: start it again`,
      });
    }
    this.#runId = joined.runId;
    this.#incarnation = joined.incarnation;
    this.#heartbeatMs = joined.heartbeatMs;
    this.#state = 'preparing';
    if (this.#isPrepared) return this.#subscribe();
    this.#effects.push({
      type: 'prepare',
      definition: payload ?? new Uint8Array(0),
    });
  }

  #onRefused({ code, message }: MessageOf<'refused'>): void {
    if (code === 'ERR_DRAINING') return this.#stop({ outcome: 'finished' });
    this.#stop({ outcome: 'failed', code, message });
  }

  #onPrepared(numParameters: number): void {
    this.#isPrepared = true;
    this.#parameters ??= new Float32Array(numParameters);
    if (this.#state === 'preparing') this.#subscribe();
  }

  #subscribe(): void {
    this.#state = 'working';
    this.#idleSinceMs = this.#nowMs;
    const { workerId } = this.#identity;
    const incarnation = this.#incarnation ?? 0;
    this.#send({ message: { type: 'subscribe', workerId, incarnation } });
    for (const packet of this.#unanswered.values()) this.#send(packet);
  }

  #onParameters(
    message: MessageOf<'parameters'>,
    payload: Uint8Array | undefined,
  ): void {
    const { begin, end, version } = message;
    const { length } = (this.#parameters ??= new Float32Array(end));
    if (end > length) {
      return this.#stop({
        outcome: 'failed',
        code: 'ERR_SHAPE_MISMATCH',
        message: `the server sent parameters ${begin} to ${end}, the network has ${length}`,
      });
    }
    if (this.#running !== undefined && version !== this.#version) {
      // The step went on without this worker: a backup was faster.
      this.#abandon(this.#running.task);
      this.#parameters = this.#parameters.slice();
    }
    this.#parameters.set(payloadAsFloat32(payload, end - begin), begin);
    this.#version = version;
    this.#runNext();
  }

  #onPushResult({ pushId }: MessageOf<'push-result'>): void {
    this.#unanswered.delete(pushId);
  }

  #onDrain({ reason }: MessageOf<'drain'>): void {
    this.#leave(
      `the run ended: ${reason}`,
      reason === 'finished' ? { outcome: 'finished' } : { outcome: 'drained' },
    );
  }

  // ---- work ---------------------------------------------------------------

  #runNext(): void {
    const task = this.#assigned;
    if (task === undefined || this.#running !== undefined) return;
    if (this.#parameters === undefined) return;
    if (versionOf(task) !== this.#version) return;
    this.#assigned = undefined;
    const waitedMs = this.#nowMs - this.#idleSinceMs;
    this.#running = { task, startedMs: this.#nowMs, waitedMs };
    const parameters = this.#parameters;
    this.#effects.push({ type: 'compute', task, parameters });
  }

  #abandon(task: Task): void {
    this.#running = undefined;
    this.#idleSinceMs = this.#nowMs;
    this.#effects.push({ type: 'abandon', taskId: task.taskId });
  }

  /** The running task of this id and kind, which is not running any more. */
  #finish(taskId: number): Running | undefined {
    if (this.#running?.task.taskId !== taskId) return undefined;
    const running = this.#running;
    this.#running = undefined;
    this.#idleSinceMs = this.#nowMs;
    return running;
  }

  #onComputed(taskId: number, result: GradientResult): void {
    const running = this.#finish(taskId);
    if (running?.task.kind !== 'gradient') return;
    this.#push(pushOf(running.task, running.waitedMs, result));
  }

  #onEvaluated(taskId: number, result: EvaluationResult): void {
    const running = this.#finish(taskId);
    if (running?.task.kind !== 'evaluate') return;
    this.#push({ message: evaluatedOf(running.task, result) });
  }

  #push(packet: Packet<Unnumbered>): void {
    const pushId = this.#nextPushId++;
    const numbered = { ...packet, message: { ...packet.message, pushId } };
    this.#unanswered.set(pushId, numbered);
    if (this.#state === 'working') this.#send(numbered);
    this.#runNext();
  }

  #onTaskFailed(event: Extract<WorkerEvent, { type: 'task-failed' }>): void {
    const running = this.#finish(event.taskId);
    if (running === undefined) return;
    const { taskId, code, message } = event;
    if (this.#state === 'working') {
      this.#send({ message: { type: 'task-failed', taskId, code, message } });
    }
    this.#runNext();
  }

  // ---- the end ------------------------------------------------------------

  #leave(reason: string, end: WorkerEnd): void {
    if (this.#state !== 'offline') {
      this.#send({ message: { type: 'leave', reason: reason.slice(0, 200) } });
    }
    this.#stop(end);
  }

  #stop(end: WorkerEnd): void {
    this.#state = 'stopped';
    this.#effects.push({ type: 'stop', end });
  }

  #send(packet: Packet): void {
    this.#effects.push({ type: 'send', packet });
  }

  #takeEffects(): WorkerEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

/** A push or evaluation before it has its number. */
type Unnumbered = MessageOf<'push'> | MessageOf<'evaluated'>;

function versionOf(task: Task): number {
  return task.kind === 'gradient' ? task.step : task.version;
}

function unreachable(value: never): never {
  throw new MusterError(
    'ERR_INTERNAL',
    `a case was forgotten: ${JSON.stringify(value)}`,
  );
}
