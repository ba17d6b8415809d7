import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageOf } from '@muster/protocol';
import { ShardRoster } from './shard-roster.js';

const RANGES = [
  { begin: 0, end: 16 },
  { begin: 16, end: 40 },
];

function join(
  shard: number,
  more: Partial<MessageOf<'shard-join'>> = {},
): MessageOf<'shard-join'> {
  const { begin, end } = RANGES[shard] ?? { begin: 0, end: 1 };
  return {
    ...{ type: 'shard-join', protocol: 1, run: 'a'.repeat(64) },
    ...{ shard, numShards: 2, begin, end, url: `ws://s${shard}` },
    ...{ role: 'primary', term: 1, checkpoints: [] },
    ...more,
  };
}

/** A roster in which each server has joined with this. */
function rosterOf(...joins: Partial<MessageOf<'shard-join'>>[]): ShardRoster {
  const roster = new ShardRoster(joins.map(() => ({ begin: 0, end: 1 })));
  joins.forEach((more, shard) => {
    roster.join(roster.members[shard]!, shard, join(shard, more), 0);
  });
  return roster;
}

describe('ShardRoster', () => {
  it('misses every server at first', () => {
    const roster = new ShardRoster(RANGES);
    expect(roster.isComplete).toBe(false);
    expect(roster.areServing).toBe(false);
    expect(roster.map).toEqual([
      { begin: 0, end: 16, urls: [] },
      { begin: 16, end: 40, urls: [] },
    ]);
  });

  it('takes a server in as it says it is', () => {
    const roster = new ShardRoster(RANGES);
    const [, second] = roster.members;
    const held = { version: 7, oldest: 5, checkpoints: [4, 2] };
    roster.join(second!, 31, join(1, held), 900);
    expect(second).toMatchObject({
      ...{ state: 'joined', address: 31, url: 'ws://s1', lastSeenMs: 900 },
      ...held,
    });
    expect(roster.byConnection(31)).toBe(second);
    expect(roster.byConnection(30)).toBeUndefined();
    expect(roster.isComplete).toBe(false);
  });

  it('is complete when nobody is missing, and serves when all do', () => {
    const roster = rosterOf({}, {});
    expect([roster.isComplete, roster.areServing]).toEqual([true, false]);
    const [first, second] = roster.members;
    first!.state = 'serving';
    second!.state = 'restoring';
    expect([roster.isComplete, roster.areServing]).toEqual([true, false]);
    second!.state = 'serving';
    expect(roster.areServing).toBe(true);
    second!.state = 'missing';
    expect([roster.isComplete, roster.areServing]).toEqual([false, false]);
  });

  it('forgets what a lost life held: a new one may have nothing', () => {
    const roster = rosterOf({ version: 7, oldest: 5, checkpoints: [4] });
    roster.join(roster.members[0]!, 9, join(0), 1);
    expect(roster.members[0]).toMatchObject({
      ...{ version: undefined, oldest: undefined, checkpoints: [] },
    });
  });

  it('lists the standby behind the primary for workers', () => {
    const roster = rosterOf({}, {});
    roster.members[1]!.standby = {
      connection: 8,
      url: 'ws://b1',
      lastSeenMs: 0,
    };
    expect(roster.map.map(({ urls }) => urls)).toEqual([
      ['ws://s0'],
      ['ws://s1', 'ws://b1'],
    ]);
    expect(roster.byStandby(8)).toBe(roster.members[1]);
    expect(roster.byStandby(1)).toBeUndefined();
  });

  it('lists no server twice when its standby has become the primary', () => {
    const roster = rosterOf({});
    const [only] = roster.members;
    only!.standby = { connection: 8, url: 'ws://b0', lastSeenMs: 0 };
    roster.join(only!, 8, join(0, { url: 'ws://b0' }), 0);
    expect(roster.map[0]?.urls).toEqual(['ws://b0']);
    // a standby of somebody else stays
    only!.standby = { connection: 9, url: 'ws://c0', lastSeenMs: 0 };
    roster.join(only!, 8, join(0, { url: 'ws://b0' }), 0);
    expect(roster.map[0]?.urls).toEqual(['ws://b0', 'ws://c0']);
  });
});

describe('liveVersion', () => {
  it.each([
    ['all at one', [[5], [5]], 5],
    [
      'one behind, the other can still give that out',
      [
        [5, 4],
        [4, 4],
      ],
      4,
    ],
    [
      'one behind, and gone elsewhere',
      [
        [6, 5],
        [4, 4],
      ],
      undefined,
    ],
    // without `oldest` the newest is all there is
    ['one behind, the other has the newest alone', [[5], [4]], undefined],
    ['nothing in memory anywhere', [[], []], undefined],
    ['nothing in memory at one', [[5, 0], []], undefined],
    ['at version 0', [[0], [0]], 0],
  ] as const)('%s: %j gives %s', (_, servers, version) => {
    const joins = servers.map(([newest, oldest]) => ({
      ...(newest !== undefined && { version: newest }),
      ...(oldest !== undefined && { oldest }),
    }));
    expect(rosterOf(...joins).liveVersion()).toBe(version);
  });

  it('is one that every server can give out, and nobody has to catch up', () => {
    const held = fc.tuple(fc.nat(6), fc.nat(3)).map(([version, back]) => ({
      version,
      oldest: Math.max(0, version - back),
    }));
    const servers = fc.array(held, { minLength: 1, maxLength: 5 });
    const law = (joins: { version: number; oldest: number }[]) => {
      const canAll = (v: number) =>
        joins.every(({ version, oldest }) => oldest <= v && v <= version);
      const common = [0, 1, 2, 3, 4, 5, 6].filter(canAll);
      const newest = common.length > 0 ? Math.max(...common) : undefined;
      expect(rosterOf(...joins).liveVersion()).toBe(newest);
    };
    fc.assert(fc.property(servers, law), { numRuns: 300 });
  });
});

describe('advance', () => {
  it('notes a version, and that two before it can be given out', () => {
    const roster = rosterOf({ version: 5, oldest: 4 });
    const [only] = roster.members;
    const seen = [6, 7, 8].map((version) => {
      roster.advance(only!, version);
      return [only!.version, only!.oldest];
    });
    // what was not there before is not there after
    expect(seen).toEqual([
      [6, 4],
      [7, 5],
      [8, 6],
    ]);
  });

  it('begins with what is there where that is all', () => {
    const roster = rosterOf({ version: 5 });
    const [only] = roster.members;
    roster.advance(only!, 6);
    expect([only!.version, only!.oldest]).toEqual([6, 6]);
  });

  it('notes nothing of a server with nothing in memory', () => {
    const roster = rosterOf({});
    roster.advance(roster.members[0]!, 6);
    expect(roster.members[0]?.version).toBeUndefined();
  });
});

describe('checkpointVersion', () => {
  it('is the newest that every server has whole', () => {
    const versions = fc.uniqueArray(fc.nat(9), { maxLength: 6 });
    const servers = fc.array(versions, { minLength: 1, maxLength: 4 });
    const law = (lists: number[][]) => {
      const roster = rosterOf(...lists.map((checkpoints) => ({ checkpoints })));
      const common = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].find((version) =>
        lists.every((list) => list.includes(version)),
      );
      expect(roster.checkpointVersion()).toBe(common);
    };
    fc.assert(fc.property(servers, law), { numRuns: 300 });
  });

  it('rises when the last server has written', () => {
    const roster = rosterOf({ checkpoints: [0] }, { checkpoints: [0] });
    const [first, second] = roster.members;
    roster.addCheckpoint(first!, 8);
    expect(roster.checkpointVersion()).toBe(0);
    roster.addCheckpoint(second!, 8);
    roster.addCheckpoint(second!, 8);
    expect(roster.checkpointVersion()).toBe(8);
    expect(second?.checkpoints).toEqual([8, 0]);
  });

  it('remembers the last 64 of each server', () => {
    const roster = rosterOf({});
    const [only] = roster.members;
    for (let version = 1; version <= 70; version++) {
      roster.addCheckpoint(only!, version);
    }
    expect(only?.checkpoints).toHaveLength(64);
    expect(only?.checkpoints.at(-1)).toBe(7);
  });
});
