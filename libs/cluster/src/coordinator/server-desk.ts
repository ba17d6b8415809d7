/**
 * The coordinator's side of its servers: who owns which keys, whose standby
 * takes over, and what they say. At most one primary a shard: an older one is
 * fenced off.
 */
import { PROTOCOL_VERSION, runFingerprint } from '@muster/protocol';
import type { MessageOf } from '@muster/protocol';
import type { Coordination } from './coordination.js';
import type { Progress } from './progress.js';
import { PushAccount } from './push-account.js';
import { Recovery } from './recovery.js';
import type { ShardWord } from '../shard/shard-machine.js';
import type {
  ShardAddress,
  ShardMember,
  StandbyPlace,
} from './shard-roster.js';

/** See the head of this file. */
export class ServerDesk {
  readonly #all: Coordination;
  readonly #progress: Progress;
  readonly #account: PushAccount;
  readonly #recovery: Recovery;
  readonly #fingerprint: string;

  constructor(all: Coordination, progress: Progress) {
    this.#all = all;
    this.#progress = progress;
    this.#account = new PushAccount(all);
    this.#recovery = new Recovery(all, progress, () => {
      this.#account.forgetNorms();
    });
    this.#fingerprint = runFingerprint(all.run);
  }

  /** A server, or a standby, introduces itself. */
  joined(address: ShardAddress, join: MessageOf<'shard-join'>): void {
    const all = this.#all;
    const member = all.shards.members[join.shard];
    const misfit = this.#misfitOf(join, member);
    if (misfit !== undefined || member === undefined) {
      const text = misfit ?? `there is no server ${join.shard}`;
      return all.refuseServer(address, 'ERR_CHECKPOINT_MISMATCH', text);
    }
    if (typeof address === 'number') all.roster.isNoWorker(address);
    if (join.term > all.term && this.#recovery.hasRun) {
      const message = `server ${join.shard} has heard of a newer coordinator`;
      return all.end({ outcome: 'replaced', message }, 'stopping');
    }
    if (join.term > all.term) all.term = join.term + 1;
    if (join.role === 'standby' && typeof address === 'number') {
      return this.#standbyJoined(member, address, join);
    }
    if (isOutlived(member, join)) {
      const message = `another server owns the keys of server ${join.shard} now`;
      return all.refuseServer(address, 'ERR_REPLACED', message);
    }
    this.#takeIn(member, address, join);
  }

  /**
   * The standby of the coordinator's own server, which decides by itself when
   * to take over: workers have to know where they will find it.
   */
  followed(follower: StandbyPlace): void {
    this.#all.shards.follower = follower;
    this.#all.tellMap();
  }

  /** A connection that was a server's is gone; tells whether it was one. */
  gone(connection: number, why: string): boolean {
    const all = this.#all;
    if (all.shards.follower?.connection === connection) {
      all.shards.follower = undefined;
      all.tellMap();
      return true;
    }
    const followed = all.shards.byStandby(connection);
    if (followed) {
      followed.standby = undefined;
      all.tellMap();
      return true;
    }
    const member = all.shards.byConnection(connection);
    if (member === undefined) return false;
    if (all.phase === 'ended') return true;
    const { shard, standby } = member;
    all.out.report({ type: 'server-lost', shard, message: why });
    this.#recovery.stopFor(member);
    member.state = 'missing';
    member.address = undefined;
    member.missingSinceMs = all.nowMs;
    if (standby !== undefined) this.#promote(member, standby.connection);
    return true;
  }

  /** Hears a heartbeat of a server; tells whether it was one's. */
  heartbeat(connection: number, message: MessageOf<'heartbeat'>): boolean {
    const { shards, nowMs, out } = this.#all;
    const { standby } = shards.byStandby(connection) ?? {};
    const known = shards.byConnection(connection) ?? standby;
    if (known === undefined) return false;
    known.lastSeenMs = nowMs;
    out.send(connection, { message });
    return true;
  }

  /** Hears what a server has to say. */
  word(address: ShardAddress, word: ShardWord): void {
    const { shards, phase, nowMs } = this.#all;
    const member = shards.members.find((one) => one.address === address);
    if (member === undefined || phase === 'ended') return;
    member.lastSeenMs = nowMs;
    switch (word.type) {
      case 'received':
        if (member.state === 'restoring') return;
        this.#account.enter(member, word);
        this.#progress.markMade(member);
        return this.#progress.advance();
      case 'restored':
        return this.#recovery.onRestored(member, word);
      case 'checkpointed':
        return this.#progress.onCheckpointed(member, word);
    }
  }

  /** Ends who is silent, and has a standby take over that nobody told. */
  tick(): void {
    for (const member of this.#all.shards.members) {
      this.#checkStandby(member);
      this.#checkPrimary(member);
    }
  }

  #checkPrimary({ address, lastSeenMs, shard }: ShardMember): void {
    const { options, nowMs, out } = this.#all;
    const { leaseMs } = options;
    if (typeof address !== 'number' || nowMs - lastSeenMs <= leaseMs) return;
    const text = `server ${shard} gave no sign of life for ${leaseMs} ms (--lease-ms)`;
    this.gone(address, text);
    out.close(address, 'ERR_CONNECTION_LOST', text);
  }

  #checkStandby(member: ShardMember): void {
    const { options, nowMs, out } = this.#all;
    const { standby, state, missingSinceMs } = member;
    if (standby === undefined) return;
    const { leaseMs } = options;
    const { connection, lastSeenMs } = standby;
    if (nowMs - lastSeenMs > leaseMs) {
      const text = `the standby of server ${member.shard} gave no sign of life for ${leaseMs} ms (--lease-ms)`;
      this.gone(connection, text);
      out.close(connection, 'ERR_CONNECTION_LOST', text);
    } else if (state === 'missing' && nowMs - missingSinceMs > leaseMs) {
      this.#promote(member, connection);
    }
  }

  #promote(member: ShardMember, connection: number): void {
    const all = this.#all;
    if (all.phase === 'ended') return;
    const { shard } = member;
    all.term++;
    member.fence = all.term;
    member.missingSinceMs = all.nowMs;
    all.out.report({ type: 'promoting', shard });
    const message = { type: 'promote', term: all.term } as const;
    all.out.send(connection, { message });
  }

  #takeIn(
    member: ShardMember,
    address: ShardAddress,
    join: MessageOf<'shard-join'>,
  ): void {
    const all = this.#all;
    const { shard } = member;
    this.#sendAway(member, address, join.url);
    all.shards.join(member, address, join, all.nowMs);
    this.#recovery.joined(join.version);
    const message = `version ${join.version ?? 'none'} in memory, checkpoints of ${join.checkpoints.join(', ')}`;
    all.out.report({ type: 'server-joined', shard, message });
    this.#recovery.stopFor(member);
    this.#recovery.reconcile();
  }

  /** Whoever was there for these keys has lost its connection, or its place. */
  #sendAway(member: ShardMember, address: ShardAddress, url: string): void {
    const { address: before, shard } = member;
    if (typeof before !== 'number' || before === address) return;
    const text = `server ${shard} has joined again`;
    if (member.url === url) this.#all.out.close(before, 'ERR_REPLACED', text);
    else this.#all.refuseServer(before, 'ERR_REPLACED', text);
  }

  #standbyJoined(
    member: ShardMember,
    connection: number,
    { url, metricsUrl }: MessageOf<'shard-join'>,
  ): void {
    const all = this.#all;
    const { shard, address } = member;
    // it was the primary and has begun anew: that one is gone
    const wasPrimary = url === member.url && typeof address === 'number';
    if (wasPrimary) this.gone(address, 'it has become a standby');
    const lastSeenMs = all.nowMs;
    member.standby = { connection, url, metricsUrl, lastSeenMs };
    all.out.report({ type: 'standby-joined', shard, message: url });
    all.tellMap();
  }

  #misfitOf(
    join: MessageOf<'shard-join'>,
    member: ShardMember | undefined,
  ): string | undefined {
    const { shard, protocol, begin, end, numShards } = join;
    const { run, shards } = this.#all;
    if (protocol !== PROTOCOL_VERSION) {
      return `server ${shard} speaks protocol version ${protocol}, the coordinator ${PROTOCOL_VERSION}: run the same Muster on both machines`;
    }
    if (join.run !== this.#fingerprint) {
      return `server ${shard} has another run than ${run.runId}`;
    }
    const { length } = shards.members;
    if (numShards !== length || member === undefined) {
      return `server ${shard} of ${numShards} came to a cluster of ${length} (--servers)`;
    }
    if (begin === member.begin && end === member.end) return undefined;
    return `server ${shard} owns keys ${begin} to ${end}, expected ${member.begin} to ${member.end}`;
  }
}

/**
 * A primary that slept while its standby took over, or comes too late. Where
 * two lead, the one that has led in the newer term stays.
 */
function isOutlived(
  member: ShardMember,
  join: MessageOf<'shard-join'>,
): boolean {
  const isEmpty = join.version === undefined;
  if (!isEmpty && join.term < member.fence) return true;
  const isTaken = member.state !== 'missing' && member.url !== join.url;
  return isTaken && (isEmpty || join.term <= member.joinedTerm);
}
