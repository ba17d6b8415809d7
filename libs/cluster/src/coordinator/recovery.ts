/**
 * The way back after a server was lost: everybody waits until all are there,
 * and goes on from what is in memory, or from the newest checkpoint that all
 * have.
 */
import type { MessageOf } from '@muster/protocol';
import type { Coordination } from './coordination.js';
import type { Progress } from './progress.js';
import type { ShardMember } from './shard-roster.js';

/** See the head of this file. */
export class Recovery {
  readonly #all: Coordination;
  readonly #progress: Progress;
  readonly #onRestored: () => void;
  /** The newest version that any server has had. */
  #highest = 0;
  #hasRun = false;
  /** Whether everybody was asked what checkpoints it has by now. */
  #hasAskedAll = false;

  /** @param onRestored hears that versions will be made again. */
  constructor(all: Coordination, progress: Progress, onRestored: () => void) {
    this.#all = all;
    this.#progress = progress;
    this.#onRestored = onRestored;
  }

  /** Whether versions were made in this coordinator's life. */
  get hasRun(): boolean {
    return this.#hasRun;
  }

  /** A server has joined with this in its memory. */
  joined(version: number | undefined): void {
    this.#highest = Math.max(this.#highest, version ?? 0);
  }

  /** A server is lost, or has begun anew: work stands still. */
  stopFor(member: ShardMember): void {
    const all = this.#all;
    all.work.board?.forget(member.shard);
    if (all.phase !== 'running') return;
    // it is not waited for
    if (all.isDraining) return all.end({ outcome: 'drained' }, 'stopping');
    all.lostAtMs = all.nowMs;
    all.stopClock();
    all.phase = 'gathering';
    all.round = undefined;
  }

  /** Finds the version that every server can go on from, once all are there. */
  reconcile(): void {
    const all = this.#all;
    const { shards, plan } = all;
    if (all.phase !== 'gathering' || !shards.isComplete) return;
    if (shards.members.some(({ state }) => state === 'restoring')) return;
    all.tellMap();
    // what was applied on arrival is not the same everywhere between stops
    const live = plan.isOnArrival ? undefined : shards.liveVersion();
    if (live !== undefined) return this.#resumeLive(live);
    const version = this.#versionToRestore();
    if (version !== undefined) return this.#restore(version);
    const message = `the ${shards.members.length} servers of run ${all.run.runId} have no whole checkpoint of the same version`;
    const code = 'ERR_CHECKPOINT_CORRUPT';
    all.end({ outcome: 'failed', code, message }, 'failed');
  }

  /** A server has read its checkpoint. */
  onRestored(member: ShardMember, word: MessageOf<'restored'>): void {
    if (member.state !== 'restoring') return;
    const { shards, term } = this.#all;
    // an older order, or another one was lost meanwhile: it begins anew
    member.state = word.term === term ? 'serving' : 'joined';
    member.version = word.version;
    member.oldest = word.version;
    // newer ones were of steps that are done again
    member.checkpoints = member.checkpoints.filter(
      (version) => version <= word.version,
    );
    if (!shards.areServing) return this.reconcile();
    this.#all.keepFrom = word.version;
    this.#onRestored();
    this.#goOnFrom(word.version);
  }

  /**
   * The newest checkpoint that all have. What a server has said of its own
   * may be old, so once before giving up all are asked for the newest of any:
   * who does not have it says what it has.
   */
  #versionToRestore(): number | undefined {
    const { shards } = this.#all;
    const common = shards.checkpointVersion();
    if (common !== undefined || this.#hasAskedAll) return common;
    this.#hasAskedAll = true;
    const all = shards.members.flatMap(({ checkpoints }) => checkpoints);
    return all.length === 0 ? undefined : Math.max(...all);
  }

  #resumeLive(version: number): void {
    const all = this.#all;
    for (const member of all.shards.members) {
      member.state = 'serving';
      all.order(member.address, { type: 'resume', term: all.term });
    }
    this.#goOnFrom(version);
  }

  #restore(version: number): void {
    const all = this.#all;
    all.term++;
    // nothing of what was in the servers' memory counts any more
    all.work.stopTraining(all.nowMs);
    all.work.stopEvaluating();
    for (const member of all.shards.members) {
      member.state = 'restoring';
      const { term } = all;
      all.order(member.address, { type: 'restore', version, term });
    }
  }

  #goOnFrom(version: number): void {
    const all = this.#all;
    const from = Math.max(version, all.version, this.#highest);
    this.#highest = version;
    const seconds = (all.nowMs - (all.lostAtMs ?? all.nowMs)) / 1000;
    all.lostAtMs = undefined;
    this.#hasRun = true;
    this.#hasAskedAll = false;
    all.phase = 'running';
    if (all.work.segment?.firstVersion !== version) {
      all.work.stopTraining(all.nowMs);
    }
    // who holds a task may have been answered by the server that was lost
    all.work.releaseTraining();
    for (const member of all.shards.members) this.#progress.markMade(member);
    all.version = version;
    all.out.report({ type: 'training-resumed', version, from, seconds });
    this.#progress.advance();
  }
}
