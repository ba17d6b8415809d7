import { createRandomStream } from '@muster/data';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Conductor } from './conductor.js';
import type { Playground } from './conductor.js';
import { FaultProxy } from './fault-proxy.js';
import type { Fault } from './fault.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Notes what is done, and to which process id. */
class Notes implements Playground {
  readonly done: string[] = [];
  readonly pids = new Map([
    ['worker-0', 1],
    ['server-0', 2],
  ]);
  readonly proxy = new FaultProxy(1);

  pidOf(name: string): number | undefined {
    return this.pids.get(name);
  }

  signal(name: string, signal: NodeJS.Signals): boolean {
    const pid = this.pids.get(name);
    if (pid !== undefined) this.done.push(`${signal} ${name} ${pid}`);
    return pid !== undefined;
  }

  proxyOf(name: string): FaultProxy | undefined {
    return name.startsWith('server-') ? this.proxy : undefined;
  }
}

function setUp() {
  const on = new Notes();
  const conductor = new Conductor(on, createRandomStream(1));
  const over = new AbortController();
  const perform = (...faults: Fault[]) =>
    conductor.perform(faults, over.signal);
  return { on, conductor, over, perform };
}

describe('perform', () => {
  it('carries each fault out at its time', async () => {
    const { on, perform, conductor } = setUp();
    const performed = perform(
      { kind: 'kill', target: 'worker-0', atMs: 1000 },
      { kind: 'kill', target: 'server-0', atMs: 2500 },
    );
    await vi.advanceTimersByTimeAsync(999);
    expect(on.done).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    expect(on.done).toEqual(['SIGKILL worker-0 1']);
    await vi.advanceTimersByTimeAsync(1500);
    expect(on.done).toEqual(['SIGKILL worker-0 1', 'SIGKILL server-0 2']);
    const records = await performed;
    expect(records).toEqual(conductor.records);
    expect(records[1]!.fromMs - records[0]!.fromMs).toBeCloseTo(1500, -1);
  });

  it('notes a fault whose target is not there as not done', async () => {
    const { on, perform } = setUp();
    on.pids.clear();
    const performed = perform(
      { kind: 'kill', target: 'worker-0', atMs: 0 },
      { kind: 'pause', target: 'worker-0', atMs: 0, durationMs: 10 },
      { kind: 'cut', target: 'worker-0', atMs: 0 },
      { kind: 'cut', target: 'server-0', atMs: 0 },
      { kind: 'refuse', target: 'server-0', atMs: 0, durationMs: 10 },
    );
    await vi.advanceTimersByTimeAsync(100);
    const records = await performed;
    const done = records.map(({ isDone }) => isDone);
    // nothing was connected that could be cut
    expect(done).toEqual([false, false, false, false, true]);
    expect(on.done).toEqual([]);
  });

  it('continues a paused process at the end of the pause', async () => {
    const { on, perform } = setUp();
    const fault = { kind: 'pause', target: 'worker-0', atMs: 0 } as const;
    const performed = perform({ ...fault, durationMs: 500 });
    await vi.advanceTimersByTimeAsync(490);
    expect(on.done).toEqual(['SIGSTOP worker-0 1']);
    await vi.advanceTimersByTimeAsync(20);
    expect(on.done).toEqual(['SIGSTOP worker-0 1', 'SIGCONT worker-0 1']);
    const [record] = await performed;
    expect(record!.toMs - record!.fromMs).toBe(500);
  });

  it("leaves a killed process's successor alone", async () => {
    const { on, perform } = setUp();
    const fault = { kind: 'pause', target: 'worker-0', atMs: 0 } as const;
    const performed = perform({ ...fault, durationMs: 500 });
    await vi.advanceTimersByTimeAsync(100);
    on.pids.set('worker-0', 9);
    await vi.advanceTimersByTimeAsync(500);
    await performed;
    expect(on.done).toEqual(['SIGSTOP worker-0 1']);
  });

  it('leaves no process stopped when it is ended early', async () => {
    const { on, perform, over } = setUp();
    const performed = perform(
      { kind: 'pause', target: 'worker-0', atMs: 0, durationMs: 60_000 },
      { kind: 'kill', target: 'server-0', atMs: 30_000 },
    );
    await vi.advanceTimersByTimeAsync(10);
    over.abort();
    expect(await performed).toHaveLength(1);
    expect(on.done).toEqual(['SIGSTOP worker-0 1', 'SIGCONT worker-0 1']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends when the last fault has passed', async () => {
    const { on, perform } = setUp();
    const slow = { kind: 'slow', bytesPerSecond: 1e6, latencyMs: 5 } as const;
    const spy = vi.spyOn(on.proxy, 'slow');
    let isOver = false;
    const performed = perform({
      ...{ ...slow, target: 'server-0', atMs: 10, durationMs: 900 },
    }).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(800);
    expect(isOver).toBe(false);
    expect(spy).toHaveBeenCalledOnce();
    expect(spy.mock.calls[0]).toEqual([expect.objectContaining(slow), 900]);
    await vi.advanceTimersByTimeAsync(200);
    await performed;
    expect(isOver).toBe(true);
  });
});
