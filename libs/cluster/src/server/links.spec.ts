import { describe, expect, it } from 'vitest';
import { Links } from './links.js';
import { Outbox } from './outbox.js';

/** Signs of life every 100 ms; silent after 500 ms. */
function stage() {
  const out = new Outbox();
  const links = new Links(out, { leaseMs: 500, heartbeatMs: 100 });
  const types = () => out.take().map(({ type }) => type);
  return { out, links, types };
}

/** With the link to the coordinator there as connection 7, at 0 ms. */
function linked() {
  const all = stage();
  all.links.open('coordinator', 0);
  all.links.linked('coordinator', 7, 0);
  all.out.take();
  return all;
}

/** How long each of some failures makes it wait before it dials again. */
function waitsAfter(
  { links, types }: ReturnType<typeof stage>,
  fail: (nowMs: number) => void,
  times: number,
): number[] {
  let nowMs = 0;
  return Array.from({ length: times }, () => {
    fail(nowMs);
    types();
    const fromMs = nowMs;
    while (nowMs - fromMs < 1000) {
      links.tick(++nowMs);
      if (types().includes('dial')) return nowMs - fromMs;
    }
    return Infinity;
  });
}

describe('Links', () => {
  it('dials, and knows the connection from then on', () => {
    const { out, links } = stage();
    links.open('coordinator', 0);
    expect(out.take()).toEqual([{ type: 'dial', link: 'coordinator' }]);
    expect(links.connectionOf('coordinator')).toBeUndefined();
    expect(links.linked('coordinator', 7, 5)).toBe(true);
    expect(links.connectionOf('coordinator')).toBe(7);
    expect(links.connectionOf('primary')).toBeUndefined();
  });

  it('opens a link once', () => {
    const { links, types } = stage();
    links.open('primary', 0);
    links.open('primary', 1);
    links.linked('primary', 7, 2);
    links.open('primary', 3);
    expect(types()).toEqual(['dial']);
    expect(links.connectionOf('primary')).toBe(7);
  });

  it('dials again after 50, 100, 200, 400 and then always 400 ms', () => {
    const all = stage();
    all.links.open('primary', 0);
    const fail = (nowMs: number) => all.links.unreachable('primary', nowMs);
    expect(waitsAfter(all, fail, 6)).toEqual([50, 100, 200, 400, 400, 400]);
  });

  it('does not besiege who takes the connection and closes it', () => {
    const all = stage();
    all.links.open('primary', 0);
    let connection = 0;
    const refused = (nowMs: number) => {
      all.links.linked('primary', ++connection, nowMs);
      expect(all.links.disconnected(connection, nowMs)).toBe('primary');
    };
    expect(waitsAfter(all, refused, 4)).toEqual([50, 100, 200, 400]);
  });

  it('begins with a short wait again once somebody was heard', () => {
    const all = stage();
    all.links.open('primary', 0);
    let connection = 0;
    const lost = (nowMs: number) => {
      all.links.linked('primary', ++connection, nowMs);
      all.links.heard(connection, nowMs);
      all.links.disconnected(connection, nowMs);
    };
    expect(waitsAfter(all, lost, 3)).toEqual([50, 50, 50]);
  });

  it('gives a sign of life every heartbeat, numbered', () => {
    const { out, links } = linked();
    const beats = [99, 100, 150, 200].map((nowMs) => {
      links.tick(nowMs);
      return out.take();
    });
    const beat = (sequence: number) => ({
      ...{ type: 'send', connection: 7 },
      packet: { message: { type: 'heartbeat', sequence } },
    });
    expect(beats).toEqual([[], [beat(1)], [], [beat(2)]]);
  });

  it('counts heartbeats from the connection on', () => {
    const { links, types } = stage();
    links.open('coordinator', 0);
    links.linked('coordinator', 7, 60);
    types();
    links.tick(159);
    expect(types()).toEqual([]);
    links.tick(160);
    expect(types()).toEqual(['send']);
  });

  it('ends a link that was silent for more than a lease, names it, dials', () => {
    const { out, links } = linked();
    expect(links.heard(7, 100)).toBe('coordinator');
    // 100 + 500 is not more than a lease
    expect(links.tick(600)).toEqual([]);
    out.take();
    expect(links.tick(601)).toEqual(['coordinator']);
    expect(out.take()).toEqual([{ type: 'terminate', connection: 7 }]);
    expect(links.connectionOf('coordinator')).toBeUndefined();
    // its end, when it comes, is that of nobody
    expect(links.disconnected(7, 602)).toBeUndefined();
    links.tick(651);
    expect(out.take()).toEqual([{ type: 'dial', link: 'coordinator' }]);
  });

  it('has nothing to say on a link that is not there', () => {
    const { links, types } = linked();
    links.disconnected(7, 0);
    links.tick(50);
    expect(types()).toEqual(['dial']);
    expect(links.tick(10_000)).toEqual([]);
    expect(types()).toEqual([]);
  });

  it('ends what it gives up, and does not dial it again', () => {
    const { out, links } = linked();
    links.close('coordinator');
    expect(out.take()).toEqual([{ type: 'terminate', connection: 7 }]);
    expect(links.disconnected(7, 10)).toBeUndefined();
    links.unreachable('coordinator', 10);
    expect(links.tick(10_000)).toEqual([]);
    expect(out.take()).toEqual([]);
  });

  it('ends a connection that comes when the link was given up, or is there', () => {
    const { out, links } = linked();
    expect(links.linked('coordinator', 8, 0)).toBe(false);
    expect(links.linked('primary', 9, 0)).toBe(false);
    expect(out.take()).toEqual([
      { type: 'terminate', connection: 8 },
      { type: 'terminate', connection: 9 },
    ]);
    expect(links.connectionOf('coordinator')).toBe(7);
  });

  it('knows nothing of connections that are not its own', () => {
    const { links } = linked();
    expect(links.heard(8, 0)).toBeUndefined();
    expect(links.disconnected(8, 0)).toBeUndefined();
    expect(links.connectionOf('coordinator')).toBe(7);
  });
});
