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
  Message,
  MessageOf,
  Packet,
  RunDefinition,
} from '@muster/protocol';
import { admissionRefusal, refusalOf } from './admission.js';
import type { Refusal } from './admission.js';
import type { CoordinatorEffect, CoordinatorEvent, RunEnd } from './effects.js';
import { Ledger } from './ledger.js';
import type { LedgerState } from './ledger.js';
import { Membership } from './membership.js';
import type { Member } from './membership.js';
import { Outbox } from './outbox.js';
import type { ParameterShard, PushDecision } from './parameter-shard.js';
import { judgeRefusal } from './refusal-policy.js';
import type { TaskBoard } from './task-board.js';
import { Work } from './work.js';
import type { Phase } from './work.js';

/** Settings of the cluster that do not change the result. */
export interface CoordinatorOptions {
  /** Silence after which a worker's tasks go to others. Milliseconds. */
  readonly leaseMs: number;
  /** How often workers give a sign of life. Milliseconds, at most half a lease. */
  readonly heartbeatMs: number;
  /** Steps between checkpoints, 0 for none; each epoch's end has one as well. */
  readonly checkpointEverySteps: number;
}

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
  readonly #work = new Work();
  readonly #out = new Outbox();
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
    return this.#work.phase.name;
  }

  /** Begins; call once, before any event. */
  start(nowMs: number): CoordinatorEffect[] {
    this.#nowMs = nowMs;
    this.#enterNextPhase();
    return this.#out.take();
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
    return this.#out.take();
  }

  // ---- what workers say ---------------------------------------------------

  #onPacket(connection: number, packet: Packet): void {
    const { message } = packet;
    if (message.type === 'join') return this.#onJoin(connection, message);
    const member = this.#members.byConnection(connection);
    if (member === undefined) {
      const text = `'${message.type}' came before 'join', or from a replaced session`;
      return this.#out.close(connection, 'ERR_NOT_JOINED', text);
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
        return this.#out.send(member.connection, { message });
      case 'leave':
        return this.#remove(member, 'gone', 'left', message.reason);
      case 'join':
      case 'joined':
      case 'refused':
      case 'parameters':
      case 'assign':
      case 'push-result':
      case 'drain':
        return this.#out.close(
          member.connection,
          'ERR_MALFORMED_MESSAGE',
          `'${message.type}' is not for a server to receive`,
        );
      default:
        return unreachable(message);
    }
  }

  #onJoin(connection: number, join: MessageOf<'join'>): void {
    const refusal = admissionRefusal(join, this.#run, this.phase);
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
      this.#out.close(
        replaced,
        'ERR_REPLACED',
        `a newer life of ${workerId} joined`,
      );
    }
    if (!returned) this.#work.release(workerId);
    this.#sendJoined(member);
    const life = { workerId, incarnation: member.incarnation };
    this.#out.report({ type: 'worker-joined', ...life, backend, returned });
  }

  #sendJoined(member: Member): void {
    const { begin, end } = this.#shard;
    this.#out.send(member.connection, {
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
    this.#out.send(member.connection, this.#parametersPacket());
    this.#assignTasks();
  }

  #onPush(member: Member, push: MessageOf<'push'>, packet: Packet): void {
    const decision = this.#decide(push, packet.payload);
    const { outcome } = decision;
    const { workerId } = member;
    const board = this.#work.boardOf(push.taskId, workerId);
    const lease = board?.release(push.taskId);
    this.#answer(member, push, decision);
    if (outcome === 'refused') {
      if (lease) board?.markFailed(lease.first, lease.num, workerId);
      this.#judge(member, board, lease?.first, decision);
    }
    if (outcome !== 'accepted') return this.#assignTasks();
    member.refusals = 0;
    this.#work.board?.complete(push.firstLeaf, push.numLeaves);
    if (this.#ledger.countNumerics(member.numerics, member.backend)) {
      this.#out.report({ type: 'not-reproducible', workerId });
    }
    if (decision.applied === undefined) return this.#assignTasks();
    this.#addTrainTime();
    this.#ledger.applyStep(decision.applied);
    this.#out.report({ type: 'step-applied', applied: decision.applied });
    this.#enterNextPhase();
  }

  /** Outside of training nothing fits any more. */
  #decide(
    push: MessageOf<'push'>,
    payload: Uint8Array | undefined,
  ): PushDecision {
    if (this.phase !== 'training') return { outcome: 'stale' };
    const slice = payloadAsFloat32(payload, push.end - push.begin);
    return this.#shard.push({ ...push, slice });
  }

  #answer(
    member: Member,
    push: MessageOf<'push'>,
    decision: PushDecision,
  ): void {
    const { outcome } = decision;
    const { pushId, step, count, phases } = push;
    const refusal =
      decision.outcome === 'refused'
        ? { code: decision.code, message: decision.message }
        : undefined;
    const { version } = this.#shard;
    this.#ledger.countPush(outcome, count);
    this.#out.send(member.connection, {
      message: { type: 'push-result', pushId, outcome, version, ...refusal },
    });
    const { workerId } = member;
    const message = refusal?.message;
    const pushed = { workerId, outcome, step, count, phases, message };
    this.#out.report({ type: 'pushed', ...pushed });
  }

  #judge(
    member: Member,
    board: TaskBoard | undefined,
    unit: number | undefined,
    refusal: Refusal,
  ): void {
    member.refusals++;
    const failed = unit === undefined ? undefined : board?.failedBy(unit);
    const verdict = judgeRefusal({
      numWorkersFailed: failed?.size ?? 0,
      numRefusals: member.refusals,
      numOthers: this.#active().length - 1,
    });
    if (verdict === 'fail-run') {
      const { code } = refusal;
      const message = this.#remedy(refusal);
      this.#end({ outcome: 'failed', code, message }, 'failed');
    } else if (verdict === 'quarantine') {
      member.quarantined = true;
      const text = `${member.workerId} was refused ${member.refusals} times in a row, last: ${refusal.message}`;
      this.#remove(member, 'gone', 'quarantined', text);
      this.#out.close(member.connection, 'ERR_QUARANTINED', text);
    }
  }

  #remedy({ code, message }: Refusal): string {
    if (code !== 'ERR_NON_FINITE_GRADIENT') return message;
    const { name, learningRate } = this.#run.schedule;
    return `${message}, whoever computes it: the training has diverged (lower --learning-rate, now ${learningRate} with --schedule ${name})`;
  }

  #onEvaluated(member: Member, message: MessageOf<'evaluated'>): void {
    const { pushId, taskId } = message;
    this.#work.boardOf(taskId, member.workerId)?.release(taskId);
    const { phase } = this.#work;
    const evaluation =
      phase.name === 'evaluating' ? phase.evaluation : undefined;
    const outcome = evaluation?.add(message) ?? 'stale';
    const { version } = this.#shard;
    this.#out.send(member.connection, {
      message: { type: 'push-result', pushId, outcome, version },
    });
    if (evaluation?.board.isDone !== true) return this.#assignTasks();
    const totals = evaluation.totals();
    const result = this.#ledger.closeEpoch(evaluation.version, totals);
    this.#out.report({ type: 'evaluated', result });
    this.#workingSinceMs = this.#nowMs;
    this.#enterNextPhase();
  }

  #onTaskFailed(member: Member, failed: MessageOf<'task-failed'>): void {
    const { code, message, taskId } = failed;
    const { workerId } = member;
    const board = this.#work.boardOf(taskId, workerId);
    const lease = board?.release(taskId);
    if (lease) board?.markFailed(lease.first, lease.num, workerId);
    this.#out.report({ type: 'task-failed', workerId, code, message });
    this.#judge(member, board, lease?.first, { code, message });
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
      this.#out.close(connection, 'ERR_CONNECTION_LOST', text);
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
    this.#out.report({ type: 'worker-back', workerId: member.workerId });
    if (!member.subscribed) {
      member.state = 'joined';
      return;
    }
    this.#onSubscribe(member);
  }

  #onDrain(): void {
    if (this.phase === 'ended') return;
    this.#out.add({ type: 'checkpoint', reason: 'drain' });
    this.#end({ outcome: 'drained' }, 'stopping');
  }

  // ---- work ---------------------------------------------------------------

  /** Decides what the newest version is worked on for, and hands it out. */
  #enterNextPhase(): void {
    const { version, schedule } = this.#shard;
    const previous = this.phase;
    const owes = this.#ledger.owesEvaluation(version, schedule);
    const isLast = version >= schedule.totalSteps;
    if (owes) this.#work.evaluate(version, this.#run.dataset.numTest);
    else if (!isLast) {
      this.#work.train(version, schedule.stepAt(version).numLeaves);
    }
    if (previous === 'training') {
      this.#broadcastParameters();
      this.#checkpointIfDue(version, owes);
    }
    if (owes || !isLast) return this.#assignTasks();
    this.#out.add({ type: 'checkpoint', reason: 'finished' });
    this.#end({ outcome: 'finished' }, 'finished');
  }

  #checkpointIfDue(version: number, isEpochEnd: boolean): void {
    const { checkpointEverySteps } = this.#options;
    if (isEpochEnd) this.#out.add({ type: 'checkpoint', reason: 'epoch' });
    else if (version % checkpointEverySteps === 0) {
      this.#out.add({ type: 'checkpoint', reason: 'interval' });
    }
  }

  #assignTasks(): void {
    const { leaseMs } = this.#options;
    for (const { member, task } of this.#work.assign(this.#active())) {
      const message = { type: 'assign', task, leaseMs } as const;
      this.#out.send(member.connection, { message });
    }
  }

  #end(end: RunEnd, reason: MessageOf<'drain'>['reason']): void {
    this.#addTrainTime();
    this.#work.end();
    const connections = this.#members
      .inState('joined', 'active', 'suspended')
      .map(({ connection }) => connection);
    const message = { type: 'drain', reason } as const;
    this.#out.add({ type: 'broadcast', connections, packet: { message } });
    this.#out.add({ type: 'end', end });
  }

  #addTrainTime(): void {
    if (this.#workingSinceMs === undefined) return;
    if (this.phase === 'training') {
      this.#ledger.addTrainTime(this.#nowMs - this.#workingSinceMs);
    }
    this.#workingSinceMs = this.#nowMs;
  }

  #broadcastParameters(): void {
    const connections = this.#active().map(({ connection }) => connection);
    const packet = this.#parametersPacket();
    this.#out.add({ type: 'broadcast', connections, packet });
  }

  #parametersPacket(): Packet<MessageOf<'parameters'>> {
    const { version, begin, end, parameters } = this.#shard;
    return {
      message: { type: 'parameters', version, begin, end, dtype: 'float32' },
      payload: float32Payload(parameters),
    };
  }

  // ---- members ------------------------------------------------------------

  #active(): Member[] {
    return this.#members.inState('active');
  }

  #refuse(connection: number, workerId: string, refusal: Refusal): void {
    const { code, message } = refusal;
    this.#out.send(connection, { message: { type: 'refused', code, message } });
    this.#out.close(connection, code, message);
    this.#out.report({ type: 'worker-refused', workerId, code, message });
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
    const releasedTasks = this.#work.release(workerId);
    if (this.#active().length === 0) {
      this.#addTrainTime();
      this.#workingSinceMs = undefined;
    }
    const away = { workerId, incarnation, reason, releasedTasks, message };
    this.#out.report({ type: 'worker-away', ...away });
  }
}

function unreachable(value: never): never {
  throw new MusterError(
    'ERR_INTERNAL',
    `a case was forgotten: ${JSON.stringify(value)}`,
  );
}
