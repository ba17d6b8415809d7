import { describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION, runFingerprint } from '@muster/protocol';
import type { ScrapeTarget } from './scrape-targets.js';
import { runOf, ScriptedServer } from '../testing.js';

const [A, B, C] = ['http://a:1', 'http://b:2', 'http://c:3'];

/** The list in short: who, where, and how it is reached. */
function targetsOf(server: ScriptedServer): string[] {
  const targets = server.machine.coordinator?.scrapeTargets ?? [];
  return targets.map((target) => {
    const { metricsUrl, address } = target;
    return `${nameOf(target)} ${metricsUrl} ${address}`;
  });
}

function nameOf(target: ScrapeTarget): string {
  if (target.kind === 'worker') return target.workerId;
  return `${target.role} ${target.shard}`;
}

describe('the list of who serves metrics', () => {
  it('is empty where nobody does', () => {
    const server = new ScriptedServer().restored(0).join(1);
    expect(targetsOf(server)).toEqual([]);
  });

  it('holds the coordinator itself, and each worker that does', () => {
    const server = new ScriptedServer({ metricsUrl: A }).restored(0);
    server.join(1, { metricsUrl: B }).join(2).join(3, { metricsUrl: C });
    expect(targetsOf(server)).toEqual([
      `primary 0 ${A} local`,
      `w1 ${B} 1`,
      `w3 ${C} 3`,
    ]);
  });

  it('keeps who is silent, and loses who is gone', () => {
    // leases of 1000 ms: a silent worker is suspended after one of them
    const server = new ScriptedServer().restored(0);
    server.join(1, { metricsUrl: A }).wait(1500);
    expect(server.machine.coordinator?.memberCounts.suspended).toBe(1);
    expect(targetsOf(server)).toEqual([`w1 ${A} 1`]);
    server.handle({ type: 'disconnected', connection: 1 });
    expect(targetsOf(server)).toEqual([]);
  });

  it('says of a worker that came again what it said last', () => {
    const server = new ScriptedServer().restored(0);
    server.join(1, { metricsUrl: A });
    server.join(2, { workerId: 'w1', metricsUrl: B });
    expect(targetsOf(server)).toEqual([`w1 ${B} 2`]);
    server.hear(2, { type: 'leave', reason: 'asked to stop' });
    expect(targetsOf(server)).toEqual([]);
  });

  it('holds the other servers and their standbys while they are there', () => {
    const server = new ScriptedServer({ numServers: 2, metricsUrl: A });
    server.joinServer(9, { metricsUrl: B });
    server.joinServer(8, { role: 'standby', url: 'ws://two', metricsUrl: C });
    expect(targetsOf(server)).toEqual([
      `primary 0 ${A} local`,
      `primary 1 ${B} 9`,
      `standby 1 ${C} 8`,
    ]);
    server.handle({ type: 'disconnected', connection: 9 });
    expect(targetsOf(server)).toEqual([
      `primary 0 ${A} local`,
      `standby 1 ${C} 8`,
    ]);
  });

  it('holds the standby that follows the coordinator', () => {
    const server = new ScriptedServer({ metricsUrl: A }).restored(0);
    server.handle({ type: 'connected', connection: 6 }).hear(6, {
      ...{ type: 'follow', protocol: PROTOCOL_VERSION, shard: 0, numShards: 1 },
      ...{ run: runFingerprint(runOf()), url: 'ws://two', term: 0 },
      metricsUrl: C,
    });
    const both = [`primary 0 ${A} local`, `standby 0 ${C} 6`];
    expect(targetsOf(server)).toEqual(both);
    server.handle({ type: 'disconnected', connection: 6 });
    expect(targetsOf(server)).toEqual(both.slice(0, 1));
  });
});

describe('a standby', () => {
  it('tells its primary where it serves metrics', () => {
    const server = new ScriptedServer({ role: 'standby', metricsUrl: B });
    server.handle({ type: 'linked', link: 'primary', connection: 3 });
    expect(server.sent(3, 'follow')).toMatchObject([{ metricsUrl: B }]);
    expect(server.machine.coordinator).toBeUndefined();
  });
});
