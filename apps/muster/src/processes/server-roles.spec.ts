import { describe, expect, it } from 'vitest';
import { ServerRoles } from './server-roles.js';

/** Where a server listens: its name says it. */
function placeOf(name: string) {
  return { url: `ws://${name}`, port: 7, metricsPort: 8 };
}

/** Servers that have all been started and listen, in the usual order. */
function allThere(numServers: number, numStandbys: 0 | 1): ServerRoles {
  const roles = new ServerRoles(numServers, numStandbys);
  for (const name of roles.names) start(roles, name);
  return roles;
}

function start(roles: ServerRoles, name: string) {
  const part = roles.started(name);
  roles.listening(name, placeOf(name));
  return part;
}

/** What a server that starts (or starts again) is told about the others. */
function partOf(roles: ServerRoles, name: string) {
  const { shard, role, primaryUrl, coordinatorUrls } = start(roles, name);
  return { shard, role, primaryUrl, coordinatorUrls };
}

describe('the names of servers', () => {
  it.each([
    [1, 0, ['server']],
    [1, 1, ['server-0', 'standby-0']],
    [2, 0, ['server-0', 'server-1']],
    [2, 1, ['server-0', 'standby-0', 'server-1', 'standby-1']],
  ] as const)('of %d with %d standbys each', (servers, standbys, names) => {
    expect(new ServerRoles(servers, standbys).names).toEqual(names);
  });
});

describe('at the start', () => {
  it('the first server is told of nobody', () => {
    const roles = new ServerRoles(1, 0);
    expect(roles.started('server')).toEqual({
      shard: 0,
      isFirst: true,
      role: 'primary',
      primaryUrl: undefined,
      coordinatorUrls: [],
      place: undefined,
    });
    expect(roles.coordinator).toBe('server');
    expect(roles.isCoordinating('server')).toBe(false);
    roles.listening('server', placeOf('server'));
    expect(roles.isCoordinating('server')).toBe(true);
  });

  it('the others are told of the coordinator, a standby of its primary', () => {
    const roles = new ServerRoles(2, 1);
    start(roles, 'server-0');
    expect(partOf(roles, 'standby-0')).toEqual({
      ...{ shard: 0, role: 'standby', primaryUrl: 'ws://server-0' },
      coordinatorUrls: ['ws://server-0'],
    });
    const coordinatorUrls = ['ws://server-0', 'ws://standby-0'];
    expect(partOf(roles, 'server-1')).toEqual({
      ...{ shard: 1, role: 'primary', primaryUrl: undefined },
      coordinatorUrls,
    });
    expect(partOf(roles, 'standby-1')).toEqual({
      ...{ shard: 1, role: 'standby', primaryUrl: 'ws://server-1' },
      coordinatorUrls,
    });
    expect(roles.coordinatorUrls).toEqual(coordinatorUrls);
  });
});

describe('without standbys', () => {
  it('a server comes back as what it was, where it was', () => {
    const roles = allThere(2, 0);
    roles.ended('server-1');
    expect(roles.isListening('server-1')).toBe(false);
    expect(roles.hasLeader('server-1')).toBe(false);
    expect(roles.started('server-1')).toEqual({
      shard: 1,
      isFirst: false,
      role: 'primary',
      primaryUrl: undefined,
      coordinatorUrls: ['ws://server-0'],
      place: placeOf('server-1'),
    });
  });

  it('so does the coordinator, and is told of nobody', () => {
    const roles = allThere(2, 0);
    roles.ended('server-0');
    expect(roles.coordinatorUrls).toEqual(['ws://server-0']);
    expect(partOf(roles, 'server-0')).toMatchObject({
      role: 'primary',
      coordinatorUrls: [],
    });
  });
});

describe('with standbys', () => {
  it('a lost standby comes back as standby', () => {
    const roles = allThere(1, 1);
    roles.ended('standby-0');
    expect(roles.coordinator).toBe('server-0');
    expect(partOf(roles, 'standby-0')).toMatchObject({
      role: 'standby',
      primaryUrl: 'ws://server-0',
    });
  });

  it('the standby of a lost primary is to lead, and that one follows', () => {
    const roles = allThere(2, 1);
    roles.ended('server-0');
    expect(roles.coordinator).toBe('standby-0');
    expect(roles.wasCoordinator('server-0')).toBe(true);
    expect(roles.hasLeader('server-0')).toBe(true);
    expect(roles.isCoordinating('standby-0')).toBe(false);
    expect(roles.coordinatorUrls).toEqual(['ws://standby-0', 'ws://server-0']);
    expect(partOf(roles, 'server-0')).toEqual({
      ...{ shard: 0, role: 'standby', primaryUrl: 'ws://standby-0' },
      coordinatorUrls: ['ws://standby-0'],
    });
  });

  it('roles change as often as it has to be', () => {
    const roles = allThere(1, 1);
    const pairs = [
      ['server-0', 'standby-0'],
      ['standby-0', 'server-0'],
      ['server-0', 'standby-0'],
    ] as const;
    for (const [lost, heir] of pairs) {
      roles.ended(lost);
      roles.promoted(heir, `ws://${heir}`);
      expect(roles.isCoordinating(heir)).toBe(true);
      expect(partOf(roles, lost)).toMatchObject({
        role: 'standby',
        primaryUrl: `ws://${heir}`,
      });
      expect(roles.coordinator).toBe(heir);
    }
  });

  it('a standby that is promoted while its primary is there leads', () => {
    const roles = allThere(1, 1);
    roles.promoted('standby-0', 'ws://elsewhere');
    expect(roles.coordinator).toBe('standby-0');
    roles.ended('server-0');
    expect(roles.coordinator).toBe('standby-0');
    expect(partOf(roles, 'server-0').primaryUrl).toBe('ws://elsewhere');
  });

  it('one that has not listened yet is not to lead', () => {
    const roles = new ServerRoles(1, 1);
    start(roles, 'server-0');
    roles.started('standby-0');
    roles.ended('server-0');
    expect(roles.hasLeader('server-0')).toBe(false);
    expect(partOf(roles, 'server-0').role).toBe('primary');
  });

  it('when both are lost, the first that comes back is primary', () => {
    for (const first of ['server-0', 'standby-0'] as const) {
      const roles = allThere(1, 1);
      roles.ended('server-0');
      roles.ended('standby-0');
      expect(partOf(roles, first).role).toBe('primary');
      const other = first === 'server-0' ? 'standby-0' : 'server-0';
      expect(partOf(roles, other)).toMatchObject({
        role: 'standby',
        primaryUrl: `ws://${first}`,
      });
    }
  });

  it('one that only followed an heir does not lead: it has nothing', () => {
    const roles = allThere(1, 1);
    roles.ended('server-0');
    start(roles, 'server-0');
    // lost before it was promoted
    roles.ended('standby-0');
    expect(roles.coordinator).toBeUndefined();
    expect(partOf(roles, 'standby-0').role).toBe('primary');
    expect(roles.coordinator).toBe('standby-0');
  });

  it('an heir that is waited for stays it, whatever the other one does', () => {
    const roles = allThere(1, 1);
    roles.ended('server-0');
    start(roles, 'server-0');
    roles.ended('server-0');
    expect(roles.coordinator).toBe('standby-0');
    expect(partOf(roles, 'server-0').role).toBe('standby');
  });
});

it('knows no other names', () => {
  const roles = new ServerRoles(1, 0);
  expect(roles.has('worker-0')).toBe(false);
  expect(() => roles.started('worker-0')).toThrow(/no server 'worker-0'/);
});
