/**
 * The coordinator's brain: membership, leases, the step in flight, evaluation,
 * and when a checkpoint is due. Driven one event at a time; what it decides
 * comes back as effects. It holds no clock, no connection and no file.
 *
 * ```
 *            +----------- last leaf in, epoch goes on ---+
 *            v                                           |
 *   start -> training -- last leaf of an epoch --> evaluating -- epochs left --> training
 *            |                                           |
 *            +-- drain --> ended <-- all epochs done ----+
 * ```
 */
import {
  float32Payload,
  MusterError,
  payloadAsFloat32,
} from '@muster/protocol';
import type {
  ErrorCode,
  Message,
  MessageOf,
  Packet,
  RunDefinition,
  Task,
} from '@muster/protocol';
import { admissionRefusal } from './admission.js';
import type {
  CoordinatorEffect,
  CoordinatorEvent,
  RunEnd,
  RunReport,
} from './effects.js';
import { Evaluation } from './evaluation.js';
import { Ledger } from './ledger.js';
import type { LedgerState } from './ledger.js';
import { Membership } from './membership.js';
import type { Member } from './membership.js';
import type { ParameterShard, PushDecision } from './parameter-shard.js';
import { TaskBoard } from './task-board.js';

/** Settings of the cluster that do not change the result. */
export interface CoordinatorOptions {
  /** Silence after which a worker's tasks go to others. Milliseconds. */
  readonly leaseMs: number;
  /** How often workers give a sign of life. Milliseconds, at most half a lease. */
  readonly heartbeatMs: number;
  /** Steps between checkpoints, 0 for none; each epoch's end has one as well. */
  readonly checkpointEverySteps: number;
}

/**
 * - `training`: leaves of step `version` are out; ends when its tree is full.
 * - `evaluating`: chunks of the test set are out; ends when all are in.
 * - `ended`: no task is given any more.
 */
type Phase =
  | { readonly name: 'training'; readonly board: TaskBoard }
  | { readonly name: 'evaluating'; readonly evaluation: Evaluation }
  | { readonly name: 'ended' };

/** Refused pushes in a row after which a worker is sent away. */
const MAX_REFUSALS = 3;
/** Leases of silence after which a connection is taken for dead. */
const DEAD_AFTER_LEASES = 12;

/** See the head of this file. */
export class Coordinator {
  readonly #run: RunDefinition;
  readonly #shard: ParameterShard;
  readonly #options: CoordinatorOptions;
  readonly #ledger: Ledger;
  readonly #members = new Membership();
  readonly #definition: Uint8Array;
  #phase: Phase = { name: 'ended' };
  #effects: CoordinatorEffect[] = [];
  #nextTaskId = 1;
  #nowMs = 0;
  /** Since when steps have been worked on; undefined while nobody works. */
  #workingSinceMs: number | undefined;

  constructor(
    run: RunDefinition,
    shard: ParameterShard,
    ledger: LedgerState,
    options: CoordinatorOptions,
  ) {
    this.#run = run;
    this.#shard = shard;
    this.#ledger = new Ledger(ledger);
    this.#options = options;
    this.#definition = new TextEncoder().encode(JSON.stringify(run));
  }

  /** The account as it stands. */
  get ledger(): LedgerState {
    return this.#ledger.state;
  }

  /** Members by state. */
  get memberCounts(): ReturnType<Membership['counts']> {
    return this.#members.counts();
  }

  /** Which work is out at present. */
  get phase(): Phase['name'] {
    return this.#phase.name;
  }

  /** Begins; call once, before any event. */
  start(nowMs: number): CoordinatorEffect[] {
    this.#nowMs = nowMs;
    this.#enterNextPhase();
    return this.#takeEffects();
  }

  /**
   * Handles one event at time `nowMs` (monotone milliseconds).
   * @throws MusterError `ERR_INTERNAL` only: a peer's bad message is an effect.
   */
  handle(event: CoordinatorEvent, nowMs: number): CoordinatorEffect[] {
    this.#nowMs = nowMs;
    switch (event.type) {
      case 'packet':
        this.#onPacket(event.connection, event.packet);
        break;
      case 'disconnected':
        this.#onDisconnected(event.connection);
        break;
      case 'tick':
        this.#onTick();
        break;
      case 'drain':
        this.#onDrain();
        break;
      default:
        return unreachable(event);
    }
    return this.#takeEffects();
  }

  // ---- what workers say ---------------------------------------------------

  #onPacket(connection: number, packet: Packet): void {
    const { message } = packet;
    if (message.type === 'join') return this.#onJoin(connection, message);
    const member = this.#members.byConnection(connection);
    if (member === undefined) {
      const text = `'${message.type}' came before 'join', or from a replaced session`;
      return this.#close(connection, 'ERR_NOT_JOINED', text);
    }
    this.#heard(member);
    this.#onMemberMessage(member, message, packet);
  }

  #onMemberMessage(member: Member, message: Message, packet: Packet): void {
    switch (message.type) {
      case 'subscribe':
        return this.#onSubscribe(member);
      case 'push':
        return this.#onPush(member, message, packet);
      case 'evaluated':
        return this.#onEvaluated(member, message);
      case 'task-failed':
        return this.#onTaskFailed(member, message);
      case 'heartbeat':
        return this.#send(member.connection, { message });
      case 'leave':
        return this.#remove(member, 'gone', 'left', message.reason);
      case 'join':
      case 'joined':
      case 'refused':
      case 'parameters':
      case 'assign':
      case 'push-result':
      case 'drain':
        return this.#close(
          member.connection,
          'ERR_MALFORMED_MESSAGE',
          `'${message.type}' is not for a server to receive`,
        );
      default:
        return unreachable(message);
    }
  }

  #onJoin(connection: number, join: MessageOf<'join'>): void {
    const refusal = admissionRefusal(join, this.#run, this.#phase.name);
    if (refusal) return this.#refuse(connection, join.workerId, refusal);
    const { workerId, incarnation, numerics, backend } = join;
    const nowMs = this.#nowMs;
    const applicant = { connection, workerId, incarnation, numerics, backend };
    const admission = this.#members.admit({ ...applicant, nowMs });
    if (admission.outcome !== 'admitted') {
      return this.#refuse(connection, workerId, refusalOf(admission, workerId));
    }
    const { member, replaced, returned } = admission;
    if (replaced !== undefined) {
      this.#close(
        replaced,
        'ERR_REPLACED',
        `a newer life of ${workerId} joined`,
      );
    }
    if (!returned) this.#releaseTasks(member);
    this.#sendJoined(member);
    const life = { workerId, incarnation: member.incarnation };
    this.#report({ type: 'worker-joined', ...life, backend, returned });
  }

  #sendJoined(member: Member): void {
    const { begin, end } = this.#shard;
    this.#send(member.connection, {
      message: {
        type: 'joined',
        incarnation: member.incarnation,
        runId: this.#run.runId,
        heartbeatMs: this.#options.heartbeatMs,
        shards: [{ begin, end }],
        dtype: 'json',
      },
      payload: this.#definition,
    });
  }

  #onSubscribe(member: Member): void {
    member.subscribed = true;
    member.state = 'active';
    this.#workingSinceMs ??= this.#nowMs;
    this.#send(member.connection, this.#parametersPacket());
    this.#assignTasks();
  }

  #onPush(member: Member, push: MessageOf<'push'>, packet: Packet): void {
    const { step, firstLeaf, numLeaves } = push;
    const { count, lossSum, correct, begin, end } = push;
    const slice = payloadAsFloat32(packet.payload, end - begin);
    const sums = { slice, count, lossSum, correct };
    const place = { step, firstLeaf, numLeaves, begin, end };
    const decision: PushDecision =
      this.#phase.name === 'training'
        ? this.#shard.push({ ...sums, ...place })
        : { outcome: 'stale' };
    this.#settleTask(member, push, decision);
    this.#answer(member, push, decision);
    if (decision.outcome !== 'accepted') return this.#assignTasks();
    if (this.#ledger.countNumerics(member.numerics, member.backend)) {
      const { workerId } = member;
      this.#report({ type: 'not-reproducible', workerId });
    }
    if (decision.applied === undefined) return this.#assignTasks();
    this.#addTrainTime();
    this.#ledger.applyStep(decision.applied);
    this.#report({ type: 'step-applied', applied: decision.applied });
    this.#enterNextPhase();
  }

  /** Ends the task, and keeps the board in step with the shard's tree. */
  #settleTask(
    member: Member,
    push: MessageOf<'push'>,
    decision: PushDecision,
  ): void {
    const board = this.#boardOf(push.taskId, member);
    if (decision.outcome === 'accepted') {
      member.refusals = 0;
      if (this.#phase.name === 'training') {
        this.#phase.board.complete(push.firstLeaf, push.numLeaves);
      }
    }
    const lease = board?.release(push.taskId);
    if (decision.outcome !== 'refused') return;
    if (lease) board?.markFailed(lease.first, lease.num, member.workerId);
    this.#onRefusedPush(member, board, lease?.first, decision);
  }

  /** The same bits from two workers are the training's fault, not theirs. */
  #onRefusedPush(
    member: Member,
    board: TaskBoard | undefined,
    unit: number | undefined,
    refusal: { code: ErrorCode; message: string },
  ): void {
    member.refusals++;
    if (unit !== undefined && board !== undefined) {
      const others = this.#members.inState('active').length - 1;
      const numFailed = board.failedBy(unit).size;
      if (numFailed >= 2 || (others === 0 && member.refusals >= MAX_REFUSALS)) {
        return this.#fail(refusal.code, this.#failure(refusal));
      }
    }
    if (member.refusals < MAX_REFUSALS) return;
    member.quarantined = true;
    const { connection } = member;
    const text = `${member.workerId} was refused ${member.refusals} times in a row, last: ${refusal.message}`;
    this.#remove(member, 'gone', 'quarantined', text);
    this.#close(connection, 'ERR_QUARANTINED', text);
  }

  #failure({ code, message }: { code: ErrorCode; message: string }): string {
    if (code !== 'ERR_NON_FINITE_GRADIENT') return message;
    const { name, learningRate } = this.#run.schedule;
    return `${message}, whoever computes it: the training has diverged (lower --learning-rate, now ${learningRate} with --schedule ${name})`;
  }

  #answer(
    member: Member,
    push: MessageOf<'push'>,
    decision: PushDecision,
  ): void {
    const { outcome } = decision;
    this.#ledger.countPush(outcome, push.count);
    const refusal =
      decision.outcome === 'refused'
        ? { code: decision.code, message: decision.message }
        : {};
    const { pushId, step, count, phases } = push;
    const { version } = this.#shard;
    this.#send(member.connection, {
      message: { type: 'push-result', pushId, outcome, version, ...refusal },
    });
    const { workerId } = member;
    const { message } = { message: undefined, ...refusal };
    const pushed = { workerId, outcome, step, count, phases, message };
    this.#report({ type: 'pushed', ...pushed });
  }

  #onEvaluated(member: Member, message: MessageOf<'evaluated'>): void {
    const { pushId, taskId } = message;
    this.#boardOf(taskId, member)?.release(taskId);
    const evaluation =
      this.#phase.name === 'evaluating' ? this.#phase.evaluation : undefined;
    const outcome = evaluation?.add(message) ?? 'stale';
    const { version } = this.#shard;
    this.#send(member.connection, {
      message: { type: 'push-result', pushId, outcome, version },
    });
    if (evaluation?.board.isDone !== true) return this.#assignTasks();
    const result = this.#ledger.closeEpoch(
      evaluation.version,
      evaluation.totals(),
    );
    this.#workingSinceMs = this.#nowMs;
    this.#report({ type: 'evaluated', result });
    this.#enterNextPhase();
  }

  #onTaskFailed(member: Member, failed: MessageOf<'task-failed'>): void {
    const { code, message } = failed;
    const board = this.#boardOf(failed.taskId, member);
    const lease = board?.release(failed.taskId);
    if (lease) board?.markFailed(lease.first, lease.num, member.workerId);
    const { workerId } = member;
    this.#report({ type: 'task-failed', workerId, code, message });
    this.#onRefusedPush(member, board, lease?.first, { code, message });
    this.#assignTasks();
  }

  // ---- what time and the network do ---------------------------------------

  #onDisconnected(connection: number): void {
    const member = this.#members.byConnection(connection);
    if (member) this.#remove(member, 'lost', 'lost', 'connection lost');
  }

  #onTick(): void {
    const { leaseMs } = this.#options;
    for (const member of this.#members.inState('joined', 'active')) {
      if (this.#nowMs - member.lastSeenMs > leaseMs) this.#suspend(member);
    }
    for (const member of this.#members.inState('suspended')) {
      const silentMs = this.#nowMs - member.lastSeenMs;
      if (silentMs <= leaseMs * DEAD_AFTER_LEASES) continue;
      const { connection } = member;
      const text = `silent for ${Math.round(silentMs)} ms (--lease-ms ${leaseMs})`;
      this.#remove(member, 'lost', 'lost', text);
      this.#close(connection, 'ERR_CONNECTION_LOST', text);
    }
  }

  #suspend(member: Member): void {
    member.state = 'suspended';
    const message = `no sign of life for ${this.#options.leaseMs} ms (--lease-ms)`;
    this.#reportAway(member, 'silent', message);
    this.#assignTasks();
  }

  /** A suspended worker that speaks again gets the present parameters. */
  #heard(member: Member): void {
    member.lastSeenMs = this.#nowMs;
    if (member.state !== 'suspended') return;
    this.#report({ type: 'worker-back', workerId: member.workerId });
    if (!member.subscribed) {
      member.state = 'joined';
      return;
    }
    this.#onSubscribe(member);
  }

  #onDrain(): void {
    if (this.#phase.name === 'ended') return;
    this.#effects.push({ type: 'checkpoint', reason: 'drain' });
    this.#end({ outcome: 'drained' }, 'stopping');
  }

  // ---- work ---------------------------------------------------------------

  /** Decides what version `shard.version` is worked on for, and hands it out. */
  #enterNextPhase(): void {
    const { version, schedule } = this.#shard;
    const owes = this.#ledger.owesEvaluation(version, schedule);
    const { checkpointEverySteps } = this.#options;
    const isDue = version > 0 && version % checkpointEverySteps === 0;
    const isLast = version >= schedule.totalSteps;
    const previous = this.#phase.name;
    if (owes) {
      const { numTest } = this.#run.dataset;
      const evaluation = new Evaluation(version, numTest);
      this.#phase = { name: 'evaluating', evaluation };
    } else if (!isLast) {
      const { numLeaves } = schedule.stepAt(version);
      this.#phase = { name: 'training', board: new TaskBoard(numLeaves) };
    }
    if (previous === 'training') {
      this.#broadcastParameters();
      if (owes) this.#effects.push({ type: 'checkpoint', reason: 'epoch' });
      else if (isDue) {
        this.#effects.push({ type: 'checkpoint', reason: 'interval' });
      }
    }
    if (!owes && isLast) return this.#finish();
    this.#assignTasks();
  }

  #finish(): void {
    this.#effects.push({ type: 'checkpoint', reason: 'finished' });
    this.#end({ outcome: 'finished' }, 'finished');
  }

  #fail(code: ErrorCode, message: string): void {
    this.#end({ outcome: 'failed', code, message }, 'failed');
  }

  #end(end: RunEnd, reason: MessageOf<'drain'>['reason']): void {
    this.#addTrainTime();
    this.#phase = { name: 'ended' };
    const present = this.#members.inState('joined', 'active', 'suspended');
    const connections = present.map(({ connection }) => connection);
    const message = { type: 'drain', reason } as const;
    this.#effects.push({ type: 'broadcast', connections, packet: { message } });
    this.#effects.push({ type: 'end', end });
  }

  #addTrainTime(): void {
    if (this.#workingSinceMs === undefined) return;
    if (this.#phase.name === 'training') {
      this.#ledger.addTrainTime(this.#nowMs - this.#workingSinceMs);
    }
    this.#workingSinceMs = this.#nowMs;
  }

  #board(): TaskBoard | undefined {
    switch (this.#phase.name) {
      case 'training':
        return this.#phase.board;
      case 'evaluating':
        return this.#phase.evaluation.board;
      case 'ended':
        return undefined;
      default:
        return unreachable(this.#phase);
    }
  }

  /** The present board, if this task is on it and this member's. */
  #boardOf(taskId: number, member: Member): TaskBoard | undefined {
    const board = this.#board();
    const holder = board?.leases.get(taskId)?.workerId;
    return holder === member.workerId ? board : undefined;
  }

  #assignTasks(): void {
    const board = this.#board();
    if (board === undefined || board.isDone) return;
    const active = this.#members.inState('active');
    const busy = new Set(
      [...board.leases.values()].map(({ workerId }) => workerId),
    );
    const maxUnits =
      this.#phase.name === 'training'
        ? Math.max(1, Math.floor(board.numUnits / active.length))
        : 1;
    const isAlone = active.length === 1;
    for (const member of active) {
      if (busy.has(member.workerId)) continue;
      this.#assign(member, board, maxUnits, isAlone);
    }
  }

  #assign(
    member: Member,
    board: TaskBoard,
    maxUnits: number,
    isAlone: boolean,
  ): void {
    const lease = board.lease({
      taskId: this.#nextTaskId,
      workerId: member.workerId,
      maxUnits,
      preferred: member.lastFirst,
      isAlone,
    });
    if (lease === undefined) return;
    this.#nextTaskId++;
    if (this.#phase.name === 'training') member.lastFirst = lease.first;
    const { leaseMs } = this.#options;
    const task = this.#taskOf(lease.taskId, lease.first, lease.num);
    const message = { type: 'assign', task, leaseMs } as const;
    this.#send(member.connection, { message });
  }

  #taskOf(taskId: number, first: number, num: number): Task {
    if (this.#phase.name === 'evaluating') {
      const { evaluation } = this.#phase;
      const { version } = evaluation;
      const range = evaluation.rangeOf(first);
      return { kind: 'evaluate', taskId, version, ...range };
    }
    const step = this.#shard.version;
    const run = { firstLeaf: first, numLeaves: num };
    return { kind: 'gradient', taskId, step, ...run };
  }

  #broadcastParameters(): void {
    const connections = this.#members
      .inState('active')
      .map(({ connection }) => connection);
    const packet = this.#parametersPacket();
    this.#effects.push({ type: 'broadcast', connections, packet });
  }

  #parametersPacket(): Packet<MessageOf<'parameters'>> {
    const { version, begin, end, parameters } = this.#shard;
    return {
      message: { type: 'parameters', version, begin, end, dtype: 'float32' },
      payload: float32Payload(parameters),
    };
  }

  // ---- members ------------------------------------------------------------

  #refuse(
    connection: number,
    workerId: string,
    refusal: { code: ErrorCode; message: string },
  ): void {
    const { code, message } = refusal;
    this.#send(connection, { message: { type: 'refused', code, message } });
    this.#close(connection, code, message);
    this.#report({ type: 'worker-refused', workerId, code, message });
  }

  #remove(
    member: Member,
    state: 'lost' | 'gone',
    reason: 'left' | 'lost' | 'quarantined',
    message: string,
  ): void {
    this.#members.disconnect(member, state);
    this.#reportAway(member, reason, message);
    this.#assignTasks();
  }

  #reportAway(
    member: Member,
    reason: 'left' | 'lost' | 'silent' | 'quarantined',
    message: string,
  ): void {
    const { workerId, incarnation } = member;
    const releasedTasks = this.#releaseTasks(member);
    if (this.#members.inState('active').length === 0) {
      this.#addTrainTime();
      this.#workingSinceMs = undefined;
    }
    this.#report({
      type: 'worker-away',
      workerId,
      incarnation,
      reason,
      releasedTasks,
      message,
    });
  }

  #releaseTasks(member: Member): number {
    return this.#board()?.releaseWorker(member.workerId).length ?? 0;
  }

  // ---- effects ------------------------------------------------------------

  #send(connection: number, packet: Packet): void {
    this.#effects.push({ type: 'send', connection, packet });
  }

  #close(connection: number, code: ErrorCode, message: string): void {
    this.#effects.push({ type: 'close', connection, code, message });
  }

  #report(report: RunReport): void {
    this.#effects.push({ type: 'report', report });
  }

  #takeEffects(): CoordinatorEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

function refusalOf(
  admission: { outcome: 'quarantined' | 'outlived' },
  workerId: string,
): { code: ErrorCode; message: string } {
  return admission.outcome === 'quarantined'
    ? {
        code: 'ERR_QUARANTINED',
        message: `${workerId} was refused too often in this run; start it with another name`,
      }
    : {
        code: 'ERR_REPLACED',
        message: `a newer life of ${workerId} has joined`,
      };
}

function unreachable(value: never): never {
  throw new MusterError(
    'ERR_INTERNAL',
    `a case was forgotten: ${JSON.stringify(value)}`,
  );
}
