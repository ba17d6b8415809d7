import { describe, expect, it } from 'vitest';
import { Throughput } from './throughput.js';

describe('Throughput', () => {
  it('knows nothing before its second event', () => {
    const throughput = new Throughput();
    expect(throughput.perSecond()).toBe(0);
    throughput.add(100, 0);
    expect(throughput.perSecond()).toBe(0);
  });

  it('divides what came by the time it took', () => {
    const throughput = new Throughput();
    for (const atMs of [0, 500, 1000]) throughput.add(64, atMs);
    // 128 images came after the first event, in 1 s
    expect(throughput.perSecond()).toBe(128);
  });

  it('forgets what is older than three seconds', () => {
    const throughput = new Throughput();
    throughput.add(1_000_000, 0);
    for (const atMs of [4000, 5000, 6000]) throughput.add(10, atMs);
    // 4000 to 6000 ms: 20 images in 2 s
    expect(throughput.perSecond()).toBe(10);
  });
});
