import { describe, expect, it } from 'vitest';
import { Subscribers } from './subscribers.js';

/** With workers by connection, all heard at 0 ms. */
function subscribed(...lives: [number, string, number][]): Subscribers {
  const subscribers = new Subscribers();
  for (const [connection, workerId, incarnation] of lives) {
    subscribers.add(connection, { workerId, incarnation }, 0);
  }
  return subscribers;
}

function life(workerId: string, incarnation: number) {
  return { workerId, incarnation };
}

describe('Subscribers', () => {
  it('names the worker behind a connection while it is there', () => {
    const subscribers = subscribed([1, 'a', 1]);
    expect(subscribers.nameOf(1)).toBe('a');
    subscribers.remove(1);
    expect(subscribers.nameOf(1)).toBeUndefined();
    expect(subscribers.connections).toEqual([]);
  });

  it('refuses an older life of a worker that is there', () => {
    const subscribers = subscribed([1, 'a', 2]);
    const old = subscribers.add(2, life('a', 1), 0);
    expect(old).toEqual({ outcome: 'outlived' });
    const other = subscribers.add(3, life('b', 1), 0);
    expect(other).toEqual({ outcome: 'added', replaced: [] });
    expect(subscribers.connections).toEqual([1, 3]);
  });

  it.each([
    ['a newer life', 2],
    ['the same life on a new connection', 1],
  ])('replaces what was there by %s', (_, incarnation) => {
    const subscribers = subscribed([1, 'a', 1], [2, 'b', 1]);
    const added = subscribers.add(3, life('a', incarnation), 0);
    // a process that sleeps must not be sent parameters for ever
    expect(added).toEqual({ outcome: 'added', replaced: [1] });
    expect(subscribers.connections).toEqual([2, 3]);
    // the end of the old connection comes late: the new one stays
    subscribers.remove(1);
    expect(subscribers.nameOf(3)).toBe('a');
  });

  it('replaces nothing when a connection subscribes twice', () => {
    const subscribers = subscribed([1, 'a', 1]);
    const again = subscribers.add(1, life('a', 1), 0);
    expect(again).toEqual({ outcome: 'added', replaced: [] });
    expect(subscribers.connections).toEqual([1]);
  });

  it('forgets a worker with its connection: names do not pile up', () => {
    const subscribers = subscribed([1, 'a', 5]);
    subscribers.remove(1);
    // a coordinator that begins anew numbers lives from 1 again
    expect(subscribers.add(2, life('a', 1), 0).outcome).toBe('added');
  });

  it('removes who was silent for more than a time', () => {
    const subscribers = subscribed([1, 'a', 1], [2, 'b', 1], [3, 'c', 1]);
    subscribers.heard(2, 50);
    subscribers.heard(3, 51);
    // a: 150 ms, b: 100 ms, c: 99 ms
    expect(subscribers.removeSilent(100, 150)).toEqual([1]);
    expect(subscribers.connections).toEqual([2, 3]);
    expect(subscribers.removeSilent(100, 151)).toEqual([2]);
  });

  it('counts silence from the last subscription on', () => {
    const subscribers = subscribed([1, 'a', 1]);
    subscribers.add(1, life('a', 1), 500);
    expect(subscribers.removeSilent(100, 600)).toEqual([]);
  });

  it('knows nothing of a connection that never subscribed', () => {
    const subscribers = new Subscribers();
    subscribers.remove(9);
    subscribers.heard(9, 0);
    expect(subscribers.nameOf(9)).toBeUndefined();
    expect(subscribers.removeSilent(0, 1000)).toEqual([]);
  });
});
