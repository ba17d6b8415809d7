/**
 * Who may work: joins, refusals, departures, silence. It changes members and
 * says so; what that means for the work is the coordinator's to decide.
 */
import type { ErrorCode, MessageOf, RunDefinition } from '@muster/protocol';
import { admissionRefusal, refusalOf } from './admission.js';
import type { Refusal } from './admission.js';
import { Membership } from './membership.js';
import type { Member, MemberState } from './membership.js';
import type { Outbox } from '../server/outbox.js';
import type { Work } from '../work/work.js';

/** Leases of silence after which a connection is taken for dead. */
const DEAD_AFTER_LEASES = 12;

/** Lives of one worker that one coordinator tells apart for sure. */
const MAX_LIVES = 2 ** 10;
/** Coordinators that are told apart, so that an incarnation is at most 2^40. */
const MAX_TERMS = 2 ** 30;

/** Why a member is not there any more. */
export type AwayReason = 'left' | 'lost' | 'silent' | 'quarantined';

/** Members, and what is said to and about them. */
export class Roster {
  readonly #run: RunDefinition;
  readonly #leaseMs: number;
  readonly #work: Work;
  readonly #out: Outbox;
  readonly #members: Membership;
  /** Connections that have not joined, and since when. */
  readonly #strangers = new Map<number, number>();

  constructor(
    run: RunDefinition,
    options: { readonly leaseMs: number; readonly term: number },
    work: Work,
    out: Outbox,
  ) {
    this.#run = run;
    this.#leaseMs = options.leaseMs;
    this.#work = work;
    this.#out = out;
    const { term } = options;
    this.#members = new Membership((term % MAX_TERMS) * MAX_LIVES + 1);
  }

  /** Members that are or were there, in the order of their first join. */
  get all(): Member[] {
    return this.#members.inState(
      ...(['joined', 'active', 'suspended', 'lost', 'gone'] as const),
    );
  }

  /** Members that take tasks. */
  get active(): Member[] {
    return this.#members.inState('active');
  }

  /** Members that are there: also who is silent, as nobody knows why. */
  get present(): Member[] {
    return this.#members.inState('joined', 'active', 'suspended');
  }

  /** Connections of all members that are there. */
  get connections(): number[] {
    return this.present.map(({ connection }) => connection);
  }

  /** Number of members by state. */
  get counts(): Record<MemberState, number> {
    return this.#members.counts();
  }

  /** The member with this id, if there is or was one. */
  byId(workerId: string): Member | undefined {
    return this.#members.byId(workerId);
  }

  /** The member behind a connection, unless another one replaced it. */
  byConnection(connection: number): Member | undefined {
    return this.#members.byConnection(connection);
  }

  /** A connection is there; it has one lease's time to join. */
  expect(connection: number, nowMs: number): void {
    this.#strangers.set(connection, nowMs);
  }

  /** A connection turned out to be a server's. */
  isNoWorker(connection: number): void {
    this.#strangers.delete(connection);
  }

  /** A connection is gone; gives the member that it was, if any. */
  lost(connection: number): Member | undefined {
    this.#strangers.delete(connection);
    return this.#members.byConnection(connection);
  }

  /** Admits a worker and gives it, or refuses it and closes. */
  join(
    connection: number,
    join: MessageOf<'join'>,
    nowMs: number,
    isEnding: boolean,
  ): Member | undefined {
    this.#strangers.delete(connection);
    const { workerId, incarnation, numerics, backend, metricsUrl } = join;
    const refusal = admissionRefusal(join, this.#run, isEnding);
    if (refusal) return this.#refuse(connection, workerId, refusal);
    const life = { workerId, incarnation, numerics, backend, metricsUrl };
    const admission = this.#members.admit({ ...life, connection, nowMs });
    if (admission.outcome !== 'admitted') {
      return this.#refuse(connection, workerId, refusalOf(admission, workerId));
    }
    const { member, replaced, returned } = admission;
    if (replaced !== undefined) {
      const text = `a newer life of ${workerId} joined`;
      this.#out.close(replaced, 'ERR_REPLACED', text);
    }
    // Even the same life may have lost on the way what it was given: what it
    // still computes counts when it comes, unless somebody was faster.
    this.#work.release(workerId);
    const joined = { workerId, incarnation: member.incarnation };
    this.#out.report({ type: 'worker-joined', ...joined, backend, returned });
    return member;
  }

  /** Takes a member away; its tasks are pending again. */
  remove(
    member: Member,
    reason: AwayReason,
    message: string,
    nowMs: number,
  ): void {
    this.#members.disconnect(member, reason === 'lost' ? 'lost' : 'gone');
    this.#reportAway(member, reason, message, nowMs);
  }

  /** Sends a member away for good. */
  quarantine(member: Member, message: string, nowMs: number): void {
    member.quarantined = true;
    this.remove(member, 'quarantined', message, nowMs);
    this.#out.close(member.connection, 'ERR_QUARANTINED', message);
  }

  /** Suspends who has been silent too long; tells whether anybody was. */
  checkSilence(nowMs: number): boolean {
    this.#closeStrangers(nowMs);
    const silent = this.#members
      .inState('joined', 'active')
      .filter(({ lastSeenMs }) => nowMs - lastSeenMs > this.#leaseMs);
    for (const member of silent) {
      member.state = 'suspended';
      const text = `no sign of life for ${this.#leaseMs} ms (--lease-ms)`;
      this.#reportAway(member, 'silent', text, nowMs);
    }
    for (const member of this.#members.inState('suspended')) {
      const silentMs = nowMs - member.lastSeenMs;
      if (silentMs <= this.#leaseMs * DEAD_AFTER_LEASES) continue;
      const text = `silent for ${Math.round(silentMs)} ms (--lease-ms ${this.#leaseMs})`;
      this.remove(member, 'lost', text, nowMs);
      this.#out.close(member.connection, 'ERR_CONNECTION_LOST', text);
    }
    return silent.length > 0;
  }

  /** Notes a sign of life; tells whether the member was suspended. */
  heard(member: Member, nowMs: number): boolean {
    member.lastSeenMs = nowMs;
    if (member.state !== 'suspended') return false;
    member.state = 'joined';
    this.#out.report({ type: 'worker-back', workerId: member.workerId });
    return true;
  }

  #closeStrangers(nowMs: number): void {
    for (const [connection, sinceMs] of this.#strangers) {
      if (nowMs - sinceMs <= this.#leaseMs) continue;
      this.#strangers.delete(connection);
      const text = `no 'join' within ${this.#leaseMs} ms (--lease-ms)`;
      this.#out.close(connection, 'ERR_NOT_JOINED', text);
    }
  }

  #refuse(connection: number, workerId: string, refusal: Refusal): undefined {
    const { code, message }: { code: ErrorCode; message: string } = refusal;
    this.#out.send(connection, { message: { type: 'refused', code, message } });
    this.#out.close(connection, code, message);
    this.#out.report({ type: 'worker-refused', workerId, code, message });
  }

  #reportAway(
    { workerId, incarnation, lastSeenMs }: Member,
    reason: AwayReason,
    message: string,
    nowMs: number,
  ): void {
    const releasedTasks = this.#work.release(workerId);
    const away = { workerId, incarnation, reason, releasedTasks, message };
    const silentMs = nowMs - lastSeenMs;
    this.#out.report({ type: 'worker-away', ...away, silentMs });
  }
}
