/**
 * What comes next in a run that runs: segment after segment, evaluations
 * beside them, checkpoints between them, and the end.
 */
import { CheckpointRound } from './checkpoint-round.js';
import type { Coordination } from './coordination.js';
import type { CheckpointReason } from '../server/effects.js';
import type { Segment } from '../plan/plan.js';
import type { MessageOf } from '@muster/protocol';
import type { ShardMember } from './shard-roster.js';

/** See the head of this file. */
export class Progress {
  readonly #all: Coordination;

  constructor(all: Coordination) {
    this.#all = all;
  }

  /** Decides what comes next, and hands out what is to be done. */
  advance(): void {
    while (this.#all.phase === 'running' && this.#step()) continue;
    this.assign();
  }

  /** Hands out what is to be done. */
  assign(): void {
    const { phase, round, work, roster, out, nowMs, options } = this.#all;
    // nobody may make a version that a server still has to copy
    if (phase !== 'running' || round?.isTaken === false) return;
    const { leaseMs } = options;
    for (const given of work.assign(roster.active, nowMs)) {
      const { member, task, isBackup } = given;
      const message = { type: 'assign', task, leaseMs } as const;
      out.send(member.connection, { message });
      const { workerId } = member;
      if (isBackup) out.report({ type: 'backup-given', workerId });
    }
  }

  /** Finishes what is out, if somebody is there to, and ends. */
  drain(): void {
    const all = this.#all;
    if (all.phase === 'ended' || all.isDraining) return;
    all.isDraining = true;
    if (all.phase === 'gathering') {
      return all.end({ outcome: 'drained' }, 'stopping');
    }
    if (all.plan.isOnArrival) all.work.shorten();
    this.advance();
  }

  /** Hears how far a server is with a checkpoint. */
  onCheckpointed(member: ShardMember, word: MessageOf<'checkpointed'>): void {
    const all = this.#all;
    const { version, progress } = word;
    if (progress === 'written') all.shards.addCheckpoint(member, version);
    if (all.round?.version !== version) return;
    all.round.note(member.shard, progress);
    if (all.round.isWhole) all.keepFrom = version;
    this.advance();
  }

  /** A server may be further than one that came back. */
  markMade({ shard, version }: ShardMember): void {
    const { segment, board } = this.#all.work;
    if (board === undefined || segment === undefined) return;
    if ((version ?? 0) < segment.endVersion) return;
    board.mark(shard, 0, segment.numUnits);
  }

  /** One decision; tells whether there may be another. */
  #step(): boolean {
    const all = this.#all;
    if (all.round?.isTaken === false) return false;
    const { board, segment } = all.work;
    if (board && segment) {
      if (!board.isDone) return all.isDraining && this.#drainNow(segment);
      all.readClock();
      all.version = segment.endVersion;
      all.work.stopTraining(all.nowMs);
      return true;
    }
    if (all.ledger.owes(all.version, all.plan)) return this.#endEpoch();
    this.#evaluateOwed();
    if (this.#orderCheckpointIfDue()) return true;
    if (all.isDraining) return this.#drainNow(undefined);
    if (all.version < all.plan.totalVersions) return this.#openSegment();
    if (all.ledger.state.owed !== null) return false;
    return this.#endAfterCheckpoint('finished');
  }

  /** The epoch before has to be evaluated by then. */
  #endEpoch(): boolean {
    const { ledger, version, run, isDraining } = this.#all;
    if (ledger.state.owed !== null) {
      this.#evaluateOwed();
      return isDraining && this.#drainNow(undefined);
    }
    ledger.endEpoch(version, run.dataset.numTrain);
    this.#order('epoch');
    return true;
  }

  #evaluateOwed(): void {
    const { ledger, work, run } = this.#all;
    const { owed } = ledger.state;
    if (owed === null || work.evaluation) return;
    work.evaluate(owed, run.dataset);
  }

  /** Not while an evaluation is out: it could not be done again from there. */
  #orderCheckpointIfDue(): boolean {
    const { version, plan, options, round, ledger, keepFrom } = this.#all;
    const { checkpointEverySteps: every } = options;
    if (!plan.isCheckpointDue(version, every)) return false;
    if (round?.version === version || ledger.state.owed !== null) return false;
    if (round?.isDone === false || keepFrom === version) return false;
    this.#order('interval');
    return true;
  }

  #openSegment(): boolean {
    const all = this.#all;
    const { checkpointEverySteps: every } = all.options;
    const segment = all.plan.segmentAt(all.version, every);
    all.work.train(segment, all.nowMs);
    for (const member of all.shards.members) this.markMade(member);
    if (all.roster.active.length > 0) all.startClock();
    return all.work.board?.isDone === true;
  }

  /** Stops at this version, or waits until the servers agree on one. */
  #drainNow(segment: Segment | undefined): boolean {
    const { roster, ledger, shards } = this.#all;
    const canWork = roster.active.length > 0;
    const { owed } = ledger.state;
    // what is out is finished, as long as there is somebody to do it
    if (canWork && (segment !== undefined || owed !== null)) return false;
    const isWhole =
      segment === undefined ||
      shards.members.every(({ version }) => version === segment.firstVersion);
    if (isWhole && owed === null) return this.#endAfterCheckpoint('drain');
    // nobody is left to finish it: it goes on from the checkpoint before
    this.#all.end({ outcome: 'drained' }, 'stopping');
    return false;
  }

  /** Ends when the last checkpoint is down everywhere. */
  #endAfterCheckpoint(reason: 'drain' | 'finished'): boolean {
    const all = this.#all;
    if (all.round?.reason !== reason) {
      all.work.stopTraining(all.nowMs);
      all.stopClock();
      this.#order(reason);
    }
    if (all.round?.isDone !== true) return false;
    if (reason === 'drain') all.end({ outcome: 'drained' }, 'stopping');
    else all.end({ outcome: 'finished' }, 'finished');
    return false;
  }

  #order(reason: CheckpointReason): void {
    const { version, keepFrom, shards } = this.#all;
    const { members } = shards;
    this.#all.round = new CheckpointRound(version, reason, members.length);
    const order = { type: 'checkpoint', version, reason, keepFrom } as const;
    for (const { address } of members) this.#all.order(address, order);
  }
}
