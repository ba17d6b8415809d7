/**
 * Who serves metrics at present, as they have said themselves: what a
 * monitoring system is told of the cluster.
 */
import type { Roster } from './roster.js';
import type { ShardAddress, ShardMember, ShardRoster } from './shard-roster.js';

/** One process that serves metrics. */
export type ScrapeTarget = {
  /** `http://host:port`, as the process knows itself. */
  readonly metricsUrl: string;
  /** Where the coordinator reaches it: itself, or a connection. */
  readonly address: ShardAddress;
} & (
  | { readonly kind: 'worker'; readonly workerId: string }
  | {
      readonly kind: 'server';
      readonly shard: number;
      readonly role: 'primary' | 'standby';
    }
);

/** Servers by shard, each with its standby behind it, then workers. */
export function scrapeTargetsOf(
  shards: Pick<ShardRoster, 'members' | 'follower'>,
  roster: Pick<Roster, 'present'>,
): ScrapeTarget[] {
  return [
    ...shards.members.flatMap((member) => targetsOf(member, shards.follower)),
    ...roster.present.flatMap(({ workerId, connection, metricsUrl }) => {
      if (metricsUrl === undefined) return [];
      const kind = 'worker' as const;
      return { kind, workerId, metricsUrl, address: connection };
    }),
  ];
}

function targetsOf(
  { shard, state, address, metricsUrl, standby }: ShardMember,
  follower: ShardRoster['follower'],
): ScrapeTarget[] {
  const kind = 'server' as const;
  const found: ScrapeTarget[] = [];
  const isThere = state !== 'missing' && address !== undefined;
  if (isThere && metricsUrl !== undefined) {
    found.push({ kind, shard, role: 'primary', metricsUrl, address });
  }
  const behind = standby ?? (shard === 0 ? follower : undefined);
  if (behind?.metricsUrl !== undefined) {
    const { metricsUrl: url, connection } = behind;
    const place = { metricsUrl: url, address: connection };
    found.push({ kind, shard, role: 'standby', ...place });
  }
  return found;
}
