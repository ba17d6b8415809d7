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
import { MusterError, payloadAsFloat32 } from '@muster/protocol';
import type {
  Message,
  MessageOf,
  Packet,
  RunDefinition,
} from '@muster/protocol';
import type { Refusal } from './admission.js';
import type { CoordinatorEffect, CoordinatorEvent, RunEnd } from './effects.js';
import { Ledger } from './ledger.js';
import type { LedgerState } from './ledger.js';
import type { Member } from './membership.js';
import { Outbox } from './outbox.js';
import { failureOf, joinedPacket, parametersPacket } from './packets.js';
import type { ParameterShard, PushDecision } from './parameter-shard.js';
import { judgeRefusal } from './refusal-policy.js';
import { Roster } from './roster.js';
import type { TaskBoard } from './task-board.js';
import { TrainClock } from './train-clock.js';
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
  /**
   * How many times the median pace makes a task slow, so that an idle worker
   * gets a copy of it and the first answer counts. 0 never gives a copy.
   */
  readonly stragglerFactor: number;
}

/** See the head of this file. */
export class Coordinator {
  readonly #run: RunDefinition;
  readonly #shard: ParameterShard;
  readonly #options: CoordinatorOptions;
  readonly #ledger: Ledger;
  readonly #roster: Roster;
  readonly #clock = new TrainClock();
  readonly #work: Work;
  readonly #out = new Outbox();
  #nowMs = 0;

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
    this.#work = new Work(options.stragglerFactor);
    this.#roster = new Roster(run, options.leaseMs, this.#work, this.#out);
  }

  /** The account as it stands. */
  get ledger(): LedgerState {
    return this.#ledger.state;
  }

  /** Members by state. */
  get memberCounts(): Roster['counts'] {
    return this.#roster.counts;
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
      case 'connected':
        this.#roster.expect(event.connection, nowMs);
        break;
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
    const member = this.#roster.byConnection(connection);
    if (member === undefined) {
      const text = `'${message.type}' came before 'join', or from a replaced session`;
      return this.#out.close(connection, 'ERR_NOT_JOINED', text);
    }
    const wasAway = this.#roster.heard(member, this.#nowMs);
    if (wasAway && member.subscribed) this.#onSubscribe(member);
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
        return this.#remove(member, 'left', message.reason);
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
    const present = this.#roster.byConnection(connection);
    if (present !== undefined) {
      const text = `${present.workerId} joined this connection already, then came 'join' from ${join.workerId}`;
      return this.#out.close(connection, 'ERR_MALFORMED_MESSAGE', text);
    }
    const member = this.#roster.join(connection, join, this.#nowMs);
    if (member === undefined) return;
    const { heartbeatMs } = this.#options;
    this.#out.send(
      member.connection,
      joinedPacket(this.#run, this.#shard, member.incarnation, heartbeatMs),
    );
    this.#assignTasks();
  }

  #onSubscribe(member: Member): void {
    member.subscribed = true;
    member.state = 'active';
    this.#startClock();
    this.#out.send(member.connection, parametersPacket(this.#shard));
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
    if (lease) this.#work.recordPace(lease, this.#nowMs);
    this.#work.board?.complete(push.firstLeaf, push.numLeaves);
    if (this.#ledger.countNumerics(member.numerics, member.backend)) {
      this.#out.report({ type: 'not-reproducible', workerId });
    }
    if (decision.applied === undefined) return this.#assignTasks();
    this.#ledger.addTrainTime(this.#clock.read(this.#nowMs));
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
      numOthers: this.#roster.active.length - 1,
    });
    if (verdict === 'fail-run') {
      const { code } = refusal;
      const message = failureOf(refusal, this.#run.schedule);
      this.#end({ outcome: 'failed', code, message }, 'failed');
    } else if (verdict === 'quarantine') {
      const text = `${member.workerId} was refused ${member.refusals} times in a row, last: ${refusal.message}`;
      this.#roster.quarantine(member, text);
      this.#afterDeparture();
    }
  }

  #onEvaluated(member: Member, message: MessageOf<'evaluated'>): void {
    const { pushId, taskId } = message;
    const board = this.#work.boardOf(taskId, member.workerId);
    const lease = board?.release(taskId);
    const { phase } = this.#work;
    const evaluation =
      phase.name === 'evaluating' ? phase.evaluation : undefined;
    const outcome = evaluation?.add(message) ?? 'stale';
    if (lease && outcome === 'accepted') {
      this.#work.recordPace(lease, this.#nowMs);
    }
    const { version } = this.#shard;
    this.#out.send(member.connection, {
      message: { type: 'push-result', pushId, outcome, version },
    });
    if (evaluation?.board.isDone !== true) return this.#assignTasks();
    const totals = evaluation.totals();
    const result = this.#ledger.closeEpoch(evaluation.version, totals);
    this.#out.report({ type: 'evaluated', result });
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
    const member = this.#roster.lost(connection);
    if (member) this.#remove(member, 'lost', 'connection lost');
  }

  #onTick(): void {
    if (this.#roster.checkSilence(this.#nowMs)) this.#afterDeparture();
    else this.#assignTasks();
  }

  #remove(member: Member, reason: 'left' | 'lost', message: string): void {
    this.#roster.remove(member, reason, message);
    this.#afterDeparture();
  }

  /** What somebody held goes to others. */
  #afterDeparture(): void {
    if (this.#roster.active.length === 0) this.#stopClock();
    this.#assignTasks();
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
    if (owes) {
      this.#stopClock();
      this.#work.evaluate(version, this.#run.dataset.numTest, this.#nowMs);
    } else if (!isLast) {
      const { numLeaves } = schedule.stepAt(version);
      this.#work.train(version, numLeaves, this.#nowMs);
      if (this.#roster.active.length > 0) this.#startClock();
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
    for (const { member, task, isBackup } of this.#work.assign(
      this.#roster.active,
      this.#nowMs,
    )) {
      const message = { type: 'assign', task, leaseMs } as const;
      this.#out.send(member.connection, { message });
      if (isBackup) {
        const { workerId } = member;
        this.#out.report({ type: 'backup-given', workerId });
      }
    }
  }

  #end(end: RunEnd, reason: MessageOf<'drain'>['reason']): void {
    this.#stopClock();
    this.#work.end();
    const { connections } = this.#roster;
    const message = { type: 'drain', reason } as const;
    this.#out.add({ type: 'broadcast', connections, packet: { message } });
    this.#out.add({ type: 'end', end });
  }

  #startClock(): void {
    if (this.phase === 'training') this.#clock.start(this.#nowMs);
  }

  #stopClock(): void {
    this.#ledger.addTrainTime(this.#clock.stop(this.#nowMs));
  }

  #broadcastParameters(): void {
    const connections = this.#roster.active.map(({ connection }) => connection);
    const packet = parametersPacket(this.#shard);
    this.#out.add({ type: 'broadcast', connections, packet });
  }
}

function unreachable(value: never): never {
  throw new MusterError(
    'ERR_INTERNAL',
    `a case was forgotten: ${JSON.stringify(value)}`,
  );
}
