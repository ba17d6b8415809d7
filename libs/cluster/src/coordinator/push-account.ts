/**
 * Enters what servers say of pushes: into the ledger, into reports, and on
 * the board of what is out.
 */
import type { MessageOf } from '@muster/protocol';
import type { Coordination } from './coordination.js';
import type { AppliedReport } from './ledger.js';
import type { Member } from './membership.js';
import type { ShardMember } from './shard-roster.js';
import { StepNorms } from './step-norms.js';

type Received = MessageOf<'received'>;

/** See the head of this file. */
export class PushAccount {
  readonly #all: Coordination;
  readonly #norms: StepNorms;

  constructor(all: Coordination) {
    this.#all = all;
    this.#norms = new StepNorms(all.shards.members.length);
  }

  /** Enters one word. Server 0 alone counts: every server gets every push. */
  enter(member: ShardMember, word: Received): void {
    const { shards, roster, ledger } = this.#all;
    const { shard } = member;
    const { outcome, version, applied } = word;
    shards.advance(member, version);
    if (shard === 0) this.#count(word);
    const worker = roster.byId(word.workerId);
    if (outcome === 'accepted' && worker) this.#countNumerics(worker);
    if (applied && shard === 0) ledger.apply(applied);
    if (applied) this.#reportApplied(version, shard, applied);
    this.#mark(shard, word);
  }

  /** Steps are done again: what was said of them is old. */
  forgetNorms(): void {
    this.#norms.clear();
  }

  #count(word: Received): void {
    const { ledger, out, work } = this.#all;
    const { workerId, outcome, step, count, phases, staleness } = word;
    const { firstLeaf, numLeaves } = word;
    ledger.countPush(outcome, count);
    if (staleness !== undefined) ledger.countStaleness(staleness);
    const { message } = word;
    const lease = work.board?.leases.get(word.taskId);
    const isBackup = lease?.isBackup === true && lease.workerId === workerId;
    const leaves = { step, firstLeaf, numLeaves };
    const share = { count, staleness, isBackup };
    const pushed = { workerId, outcome, ...leaves, ...share };
    out.report({ type: 'pushed', ...pushed, phases, message });
  }

  #countNumerics(worker: Member): void {
    const { ledger, out } = this.#all;
    worker.refusals = 0;
    const { workerId, numerics, backend } = worker;
    if (!ledger.countNumerics(numerics, backend)) return;
    out.report({ type: 'not-reproducible', workerId });
  }

  #reportApplied(version: number, shard: number, applied: AppliedReport): void {
    const gradientNorm = this.#norms.add(version, shard, applied.squaredNorm);
    if (gradientNorm === undefined) return;
    const report = { applied, version, gradientNorm };
    this.#all.out.report({ type: 'step-applied', ...report });
  }

  #mark(shard: number, word: Received): void {
    const { work, plan, nowMs } = this.#all;
    const { segment, board } = work;
    const first = segment && plan.unitOf(segment, word);
    if (board === undefined || first === undefined) return;
    const { outcome, numLeaves } = word;
    if (outcome === 'overlap') board.splitUp(first, numLeaves);
    if (outcome !== 'accepted' && outcome !== 'duplicate') return;
    for (const lease of board.mark(shard, first, numLeaves)) {
      work.recordPace('training', lease, nowMs);
    }
  }
}
