/**
 * The parameter servers as the coordinator sees them: who is there, which
 * version each has, what its checkpoints are, and what they can agree on.
 */
import type { MessageOf, ShardPlace } from '@muster/protocol';
import { NUM_PREVIOUS } from '../shard/shard-machine.js';

/** Where the coordinator reaches a server: itself, or a connection. */
export type ShardAddress = 'local' | number;

/**
 * - `missing`: nobody is there for these keys.
 * - `joined`: it is there, and waits to be told what version holds.
 * - `restoring`: it reads the checkpoint that it was told to.
 * - `serving`: pushes to it count.
 */
export type ShardState = 'missing' | 'joined' | 'restoring' | 'serving';

/** Where a standby is. */
export interface StandbyPlace {
  readonly connection: number;
  readonly url: string;
  /** Where it serves metrics, as it said. */
  readonly metricsUrl?: string | undefined;
}

/** One server. */
export interface ShardMember {
  /** From 0. */
  readonly shard: number;
  /** Key range `[begin, end)` in elements. */
  begin: number;
  end: number;
  state: ShardState;
  address: ShardAddress | undefined;
  url: string;
  /** Where it serves metrics, as it said. */
  metricsUrl: string | undefined;
  standby: (StandbyPlace & { lastSeenMs: number }) | undefined;
  /** In memory; undefined while nothing is. */
  version: number | undefined;
  /** The oldest version in a row up to it that it can give out. */
  oldest: number | undefined;
  /** Versions of its whole checkpoints. */
  checkpoints: number[];
  lastSeenMs: number;
  /** The newest term that it had heard of when it joined. */
  joinedTerm: number;
  /** When it was lost, or its standby last told to take over. */
  missingSinceMs: number;
  /** Its standby was promoted in this term: an older primary is refused. */
  fence: number;
}

/** Whole checkpoints that are remembered of each server. */
const MAX_CHECKPOINTS = 64;

/** All servers of a run, by shard. */
export class ShardRoster {
  /** By shard; also of those that are missing. */
  readonly members: readonly ShardMember[];
  /** Server 0's standby, which follows it and does not join. */
  follower: StandbyPlace | undefined;

  /**
   * @param ranges key ranges by shard.
   * @param nowMs since when every server is missing.
   */
  constructor(ranges: readonly { begin: number; end: number }[], nowMs = 0) {
    this.members = ranges.map(({ begin, end }, shard) => ({
      ...{ shard, begin, end },
      state: 'missing',
      address: undefined,
      url: '',
      metricsUrl: undefined,
      standby: undefined,
      version: undefined,
      oldest: undefined,
      checkpoints: [],
      lastSeenMs: 0,
      joinedTerm: 0,
      missingSinceMs: nowMs,
      fence: 0,
    }));
  }

  /** Where workers find each server, its standby behind it. */
  get map(): ShardPlace[] {
    return this.members.map(({ shard, begin, end, url, standby }) => {
      const behind = standby ?? (shard === 0 ? this.follower : undefined);
      const urls = [url, behind?.url ?? ''].filter((one) => one !== '');
      return { begin, end, urls };
    });
  }

  /** Connections of all servers and standbys. */
  get connections(): number[] {
    return this.members
      .flatMap(({ address, standby }) => [address, standby?.connection])
      .filter((address) => typeof address === 'number');
  }

  /** Whether every server is there. */
  get isComplete(): boolean {
    return this.members.every(({ state }) => state !== 'missing');
  }

  /** Whether every server serves. */
  get areServing(): boolean {
    return this.members.every(({ state }) => state === 'serving');
  }

  /** The server behind a connection. */
  byConnection(connection: number): ShardMember | undefined {
    return this.members.find(({ address }) => address === connection);
  }

  /** The server whose standby is behind a connection. */
  byStandby(connection: number): ShardMember | undefined {
    return this.members.find(
      ({ standby }) => standby?.connection === connection,
    );
  }

  /** Takes a server in, or back. */
  join(
    member: ShardMember,
    address: ShardAddress,
    join: MessageOf<'shard-join'>,
    nowMs: number,
  ): void {
    member.state = 'joined';
    member.address = address;
    member.url = join.url;
    member.metricsUrl = join.metricsUrl;
    member.joinedTerm = join.term;
    member.version = join.version;
    member.oldest = join.oldest;
    member.checkpoints = [...join.checkpoints];
    member.lastSeenMs = nowMs;
    if (member.standby?.connection === address) member.standby = undefined;
  }

  /** Notes that a server is at a version now, if anything is in its memory. */
  advance(member: ShardMember, version: number): void {
    if (member.version === undefined) return;
    member.version = version;
    member.oldest = Math.max(member.oldest ?? version, version - NUM_PREVIOUS);
  }

  /** Notes a whole checkpoint of a server. */
  addCheckpoint(member: ShardMember, version: number): void {
    const others = member.checkpoints.filter((one) => one !== version);
    member.checkpoints = [version, ...others].slice(0, MAX_CHECKPOINTS);
  }

  /**
   * The version from which all can go on with what is in memory: the oldest
   * of their newest ones, if everybody can still give it out.
   */
  liveVersion(): number | undefined {
    const versions = this.members.map(({ version }) => version ?? Infinity);
    const newest = Math.max(...versions);
    if (newest === Infinity) return undefined;
    const least = Math.min(...versions);
    const canAll = this.members.every(
      ({ version, oldest }) => (oldest ?? version ?? Infinity) <= least,
    );
    return canAll ? least : undefined;
  }

  /** The newest version of which everybody has a whole checkpoint. */
  checkpointVersion(): number | undefined {
    const [first, ...others] = this.members;
    const common = (first?.checkpoints ?? []).filter((version) =>
      others.every(({ checkpoints }) => checkpoints.includes(version)),
    );
    return common.length === 0 ? undefined : Math.max(...common);
  }
}
