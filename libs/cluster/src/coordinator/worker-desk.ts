/**
 * The coordinator's side of its workers: who joins, what they could not do,
 * what they evaluated, and who goes.
 */
import type { MessageOf, Packet } from '@muster/protocol';
import type { Refusal } from './admission.js';
import type { Coordination } from './coordination.js';
import type { Evaluation } from '../work/evaluation.js';
import type { Member } from './membership.js';
import { failureOf, joinedPacket } from './packets.js';
import type { Progress } from './progress.js';
import type { Questions } from './questions.js';
import { judgeRefusal } from './refusal-policy.js';

/** See the head of this file. */
export class WorkerDesk {
  readonly #all: Coordination;
  readonly #progress: Progress;
  readonly #questions: Questions;

  constructor(all: Coordination, progress: Progress, questions: Questions) {
    this.#all = all;
    this.#progress = progress;
    this.#questions = questions;
  }

  /**
   * Hears a message of a worker; `push` and `pull` are the shard's.
   * @returns whether it came from a member: what others push counts nothing.
   */
  heard(connection: number, packet: Packet): boolean {
    const { message } = packet;
    const { roster, out, nowMs } = this.#all;
    if (message.type === 'join') {
      this.#onJoin(connection, message);
      return true;
    }
    const member = roster.byConnection(connection);
    if (member === undefined) {
      const text = `'${message.type}' came before 'join', or from a replaced session`;
      out.close(connection, 'ERR_NOT_JOINED', text);
      return false;
    }
    const wasAway = roster.heard(member, nowMs);
    if (wasAway && member.subscribed) this.#onSubscribe(member);
    this.#onMessage(member, packet);
    return true;
  }

  /** A connection of a worker, or of a stranger, is gone. */
  gone(connection: number): void {
    const member = this.#all.roster.lost(connection);
    if (member) this.#remove(member, 'lost', 'connection lost');
  }

  /** Time passes: the tasks of who is silent go to others. */
  tick(): void {
    const { roster, nowMs } = this.#all;
    if (roster.checkSilence(nowMs)) this.#afterDeparture();
    else this.#progress.advance();
  }

  #onMessage(member: Member, { message, payload }: Packet): void {
    const { out } = this.#all;
    switch (message.type) {
      case 'subscribe':
        return this.#onSubscribe(member);
      case 'push':
      case 'pull':
        return;
      case 'evaluated':
        return this.#onEvaluated(member, { message, payload });
      case 'task-failed':
        return this.#onTaskFailed(member, message);
      case 'task-returned':
        return this.#onTaskReturned(member, message);
      case 'classified':
        return this.#questions.answered(member, message);
      case 'heartbeat':
        return out.send(member.connection, { message });
      case 'leave':
        return this.#remove(member, 'left', message.reason);
      default:
        return out.close(
          member.connection,
          'ERR_MALFORMED_MESSAGE',
          `'${message.type}' is not for a worker to send`,
        );
    }
  }

  #onJoin(connection: number, join: MessageOf<'join'>): void {
    const { roster, out, phase, isDraining, nowMs } = this.#all;
    const present = roster.byConnection(connection);
    if (present !== undefined) {
      const text = `${present.workerId} joined this connection already, then came 'join' from ${join.workerId}`;
      return out.close(connection, 'ERR_MALFORMED_MESSAGE', text);
    }
    const isEnding = phase === 'ended' || isDraining;
    const member = roster.join(connection, join, nowMs, isEnding);
    if (member === undefined) return;
    const { run, options, shards } = this.#all;
    const { incarnation } = member;
    const { heartbeatMs } = options;
    const welcome = { incarnation, heartbeatMs, shards: shards.map };
    out.send(connection, joinedPacket(run, welcome));
    this.#progress.assign();
  }

  #onSubscribe(member: Member): void {
    member.subscribed = true;
    member.state = 'active';
    this.#all.startClock();
    this.#progress.assign();
  }

  #onEvaluated(member: Member, packet: Packet<MessageOf<'evaluated'>>): void {
    const { work, out, nowMs, version } = this.#all;
    const { pushId, taskId } = packet.message;
    const { workerId, connection } = member;
    const { evaluation } = work;
    const decision = evaluation?.add(packet) ?? { outcome: 'stale' };
    const { outcome } = decision;
    // what was refused is handed back as failed: only then it goes elsewhere
    const held = work.boardOf(taskId, workerId)?.board;
    const lease = outcome === 'refused' ? undefined : held?.release(taskId);
    if (lease && outcome === 'accepted') {
      work.recordPace('evaluating', lease, nowMs);
    }
    const result = { pushId, ...decision, version };
    out.send(connection, { message: { type: 'push-result', ...result } });
    if (evaluation?.board.isDone === true) this.#closeEpoch(evaluation);
    this.#progress.advance();
  }

  #closeEpoch(evaluation: Evaluation): void {
    const { ledger, work, out } = this.#all;
    const result = ledger.closeEpoch(evaluation.owed, evaluation.totals());
    work.stopEvaluating();
    const { mistakes } = evaluation;
    out.report({ type: 'evaluated', result, mistakes });
  }

  #onTaskFailed(member: Member, failed: MessageOf<'task-failed'>): void {
    const { work, out } = this.#all;
    const { code, message, taskId } = failed;
    const { workerId } = member;
    const held = work.boardOf(taskId, workerId);
    const lease = held?.board.release(taskId);
    if (lease) held?.board.markFailed(lease.first, lease.num, workerId);
    out.report({ type: 'task-failed', workerId, code, message });
    const by = lease && held?.board.failedBy(lease.first);
    this.#judge(member, by?.size ?? 0, { code, message });
    this.#progress.assign();
  }

  #onTaskReturned(member: Member, { taskId }: MessageOf<'task-returned'>) {
    const { work } = this.#all;
    work.boardOf(taskId, member.workerId)?.board.release(taskId);
    this.#progress.assign();
  }

  #judge(member: Member, numWorkersFailed: number, refusal: Refusal): void {
    const all = this.#all;
    member.refusals++;
    const verdict = judgeRefusal({
      numWorkersFailed,
      numRefusals: member.refusals,
      numOthers: all.roster.active.length - 1,
    });
    if (verdict === 'fail-run') {
      const { code } = refusal;
      const message = failureOf(refusal, all.run.schedule);
      all.end({ outcome: 'failed', code, message }, 'failed');
    } else if (verdict === 'quarantine') {
      const text = `${member.workerId} was refused ${member.refusals} times in a row, last: ${refusal.message}`;
      all.roster.quarantine(member, text, all.nowMs);
      this.#afterDeparture();
    }
  }

  #remove(member: Member, reason: 'left' | 'lost', message: string): void {
    const { roster, nowMs } = this.#all;
    roster.remove(member, reason, message, nowMs);
    this.#afterDeparture();
  }

  /** What somebody held goes to others. */
  #afterDeparture(): void {
    if (this.#all.roster.active.length === 0) this.#all.stopClock();
    this.#progress.advance();
  }
}
