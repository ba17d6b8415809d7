import { describe, expect, it } from 'vitest';
import { HostRoster } from './host-roster.js';
import type { Host } from './hosts.js';

const [SERVER, B, C] = ['a', 'b', 'c'].map((name): Host => {
  return { name, slots: name === 'a' ? 0 : 1 };
}) as [Host, Host, Host];

function roster(maxHosts = 2): HostRoster {
  return new HostRoster(SERVER, maxHosts);
}

describe('HostRoster', () => {
  it('lets as many take part as may, and the others stand by', () => {
    const hosts = roster();
    expect([SERVER, B, C].map((host) => hosts.join(host))).toEqual([
      ...[true, true, false],
    ]);
    expect(hosts.active).toEqual([SERVER, B]);
  });

  it('always takes the host of the servers in', () => {
    const hosts = roster(1);
    hosts.join(B);
    expect(hosts.join(SERVER)).toBe(true);
  });

  it('gives a spare for one that is lost, once', () => {
    const hosts = roster();
    for (const host of [SERVER, B, C]) hosts.join(host);
    hosts.leave(B);
    expect(hosts.takeSpare()).toBe(C);
    expect(hosts.takeSpare()).toBeUndefined();
    expect(hosts.join(C)).toBe(true);
    // its place is taken: it stands by when it is back
    expect(hosts.join(B)).toBe(false);
  });

  it('has workers while one of them computes, stands by, or may come', () => {
    const hosts = roster(1);
    hosts.join(SERVER);
    // no worker runs there
    expect(hosts.hasWorkers).toBe(false);
    hosts.join(B);
    expect(hosts.hasWorkers).toBe(true);
    hosts.takeSpare();
    expect(hosts.hasWorkers).toBe(false);
    hosts.await(B);
    expect(hosts.hasWorkers).toBe(true);
    hosts.awaited(B);
    expect(hosts.hasWorkers).toBe(false);
    const both = roster(2);
    both.join(SERVER);
    both.join(B);
    expect(both.hasWorkers).toBe(true);
    both.leave(B);
    expect(both.hasWorkers).toBe(false);
  });
});
