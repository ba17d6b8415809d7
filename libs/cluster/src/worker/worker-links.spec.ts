import { describe, expect, it } from 'vitest';
import type { WorkerEffect } from './worker-events.js';
import { WorkerLinks } from './worker-links.js';

const FIRST = { begin: 0, end: 2, urls: [] };

/** A sign of life every 100 ms; a server is dead after 5 without one. */
function stage() {
  let effects: WorkerEffect[] = [];
  const links = new WorkerLinks((effect) => void effects.push(effect));
  links.setHeartbeat(100);
  const take = () => {
    const taken = effects;
    effects = [];
    return taken;
  };
  return { links, take };
}

function beat(link: number, sequence: number): WorkerEffect {
  const packet = { message: { type: 'heartbeat', sequence } } as const;
  return { type: 'send', link, packet };
}

describe('WorkerLinks', () => {
  it('dials link 0 without an address: the process knows where', () => {
    const { links, take } = stage();
    links.dial(0);
    expect(take()).toEqual([{ type: 'dial', link: 0, urls: [] }]);
  });

  it('waits with another link until it is told where', () => {
    const { links, take } = stage();
    links.setPlaces([FIRST, { begin: 2, end: 3, urls: [] }]);
    links.dial(1);
    expect(take()).toEqual([]);
    const urls = ['ws://a', 'ws://b'];
    links.setPlaces([FIRST, { begin: 2, end: 3, urls }]);
    expect(take()).toEqual([{ type: 'dial', link: 1, urls }]);
    expect(links.numServers).toBe(2);
    expect(links.placeOf(1)).toMatchObject({ begin: 2, end: 3 });
    expect(links.placeOf(2)).toBeUndefined();
  });

  it('dials again at all addresses when a link is gone', () => {
    const { links, take } = stage();
    const urls = ['ws://a', 'ws://b'];
    links.setPlaces([FIRST, { begin: 2, end: 3, urls }]);
    links.connected(1, 0);
    links.disconnected(1);
    expect(links.connectedLinks).toEqual([]);
    take();
    links.dial(1);
    expect(take()).toEqual([{ type: 'dial', link: 1, urls }]);
  });

  it('stays with a server whose standby has changed', () => {
    const { links, take } = stage();
    const placed = (...urls: string[]) =>
      links.setPlaces([FIRST, { begin: 2, end: 3, urls }]);
    placed('ws://a', 'ws://b');
    links.connected(1, 0);
    take();
    placed('ws://a', 'ws://c');
    expect(take()).toEqual([]);
    placed('ws://c');
    expect(take()).toEqual([{ type: 'dial', link: 1, urls: ['ws://c'] }]);
    // the old connection is given up
    expect(links.connectedLinks).toEqual([]);
  });

  it('sends on a link that is there', () => {
    const { links, take } = stage();
    const packet = { message: { type: 'leave', reason: 'x' } } as const;
    links.send(1, packet);
    links.connected(1, 0);
    links.send(1, packet);
    links.disconnected(1);
    links.send(1, packet);
    expect(take()).toEqual([{ type: 'send', link: 1, packet }]);
  });

  it('gives signs of life on each link at its own times, numbered', () => {
    const { links, take } = stage();
    links.connected(0, 0);
    links.connected(2, 30);
    const beats = [99, 100, 129, 130, 200].map((nowMs) => {
      links.tick(nowMs, true);
      return take();
    });
    expect(beats).toEqual([[], [beat(0, 1)], [], [beat(2, 2)], [beat(0, 3)]]);
  });

  it('is silent to a coordinator that does not know it, to that alone', () => {
    const { links, take } = stage();
    links.connected(0, 0);
    links.connected(1, 0);
    links.tick(100, false);
    expect(take()).toEqual([beat(1, 1)]);
  });

  it('takes a link for dead after more than 5 heartbeats of silence', () => {
    const { links, take } = stage();
    links.connected(0, 0);
    links.connected(1, 0);
    links.heard(1, 50);
    links.tick(500, true);
    take();
    links.tick(501, true);
    expect(take()).toEqual([{ type: 'terminate', link: 0 }]);
    links.tick(551, true);
    expect(take()).toEqual([{ type: 'terminate', link: 1 }]);
    // its end may take a while: said once
    links.tick(552, true);
    expect(take()).not.toContainEqual({ type: 'terminate', link: 0 });
  });
});
