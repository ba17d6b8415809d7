import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.js';
import { SeededRandom } from './seeded-random.js';

describe('EventQueue', () => {
  it('lets things happen in the order of time', () => {
    const queue = new EventQueue(new SeededRandom(1, 0));
    const random = new SeededRandom(2, 0);
    const seen: number[] = [];
    for (let i = 0; i < 500; i++) {
      queue.after(random.below(100), () => seen.push(queue.nowMs));
    }
    while (queue.next()) continue;
    expect(seen).toHaveLength(500);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(queue.length).toBe(0);
  });

  it('draws the order of what happens at the same time', () => {
    const orderOf = (seed: number) => {
      const queue = new EventQueue(new SeededRandom(seed, 0));
      const seen: number[] = [];
      for (let i = 0; i < 20; i++) queue.after(5, () => seen.push(i));
      while (queue.next()) continue;
      return seen.join();
    };
    expect(orderOf(1)).toBe(orderOf(1));
    expect(orderOf(1)).not.toBe(orderOf(2));
  });

  it('does not go back', () => {
    const queue = new EventQueue(new SeededRandom(1, 0));
    queue.after(10, () => queue.after(-5, () => undefined));
    queue.next();
    queue.next();
    expect(queue.nowMs).toBe(10);
  });
});
