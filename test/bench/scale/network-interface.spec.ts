import { describe, expect, it } from 'vitest';
import { bytesPerMsOf, NetworkInterface } from './network-interface.js';
import type { Flow } from './network-interface.js';
import { Timeline } from './timeline.js';

const BYTES_PER_MS = 100;
const LATENCY_MS = 2;

function create(numMachines: number) {
  const timeline = new Timeline();
  const speed = { bytesPerMs: BYTES_PER_MS, latencyMs: LATENCY_MS };
  const machines = Array.from(
    { length: numMachines },
    () => new NetworkInterface(timeline, speed),
  );
  /** Writes chunks of 10 bytes; gives when the last of them is there. */
  const send = (from: number, to: number, chunks: number) => {
    const flow: Flow = { to: machines[to]!, waiting: [] };
    const seen = { endMs: NaN };
    for (let i = 0; i < chunks; i++) {
      machines[from]!.write(flow, 10, () => (seen.endMs = timeline.nowMs));
    }
    return seen;
  };
  return { timeline, machines, send };
}

describe('NetworkInterface', () => {
  it('carries what is alone at its full rate', () => {
    const { timeline, machines, send } = create(2);
    const seen = send(0, 1, 50);
    timeline.run();
    // 500 bytes at 100 a millisecond; received while they are sent
    expect(seen.endMs).toBeCloseTo(5 + LATENCY_MS, 9);
    expect(machines[0]?.bytesSent).toBe(500);
    expect(machines[1]?.bytesReceived).toBe(500);
    expect(machines[0]?.sendingMs).toBeCloseTo(5, 9);
    expect(machines[1]?.receivingMs).toBeCloseTo(5, 9);
  });

  it('receives from several in the sum of their times', () => {
    const { timeline, send } = create(4);
    const seen = [1, 2, 3].map((from) => send(from, 0, 50));
    timeline.run();
    const ends = seen.map(({ endMs }) => endMs);
    expect(Math.max(...ends)).toBeCloseTo(15 + LATENCY_MS, 9);
    // they take turns: the first ends two chunks before the last
    expect(Math.min(...ends)).toBeCloseTo(14.8 + LATENCY_MS, 9);
  });

  it('sends to several in turn', () => {
    const { timeline, send } = create(3);
    const [long, short] = [send(0, 1, 50), send(0, 2, 10)];
    timeline.run();
    // while both send, each has half of the rate: 10 chunks of each in 2 ms
    expect(short.endMs).toBeCloseTo(2 + LATENCY_MS, 9);
    expect(long.endMs).toBeCloseTo(6 + LATENCY_MS, 9);
  });

  it('sends and receives at the same time', () => {
    const { timeline, send } = create(2);
    const seen = [send(0, 1, 50), send(1, 0, 50)];
    timeline.run();
    for (const { endMs } of seen) expect(endMs).toBeCloseTo(5 + LATENCY_MS, 9);
  });

  it('knows gigabits: 10 Gb/s are 1.25 MB a millisecond', () => {
    expect(bytesPerMsOf(10)).toBe(1_250_000);
  });
});
