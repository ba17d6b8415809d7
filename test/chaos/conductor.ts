/**
 * Carries a schedule out, each fault at its time, and notes what was done.
 */
import type { RandomStream } from '@muster/data';
import type { FaultProxy } from './fault-proxy.js';
import type { FaultRecord, Fault } from './fault.js';
import { endOf } from './fault.js';

/** What a fault is carried out on; `Stage` is one. */
export interface Playground {
  signal(name: string, signal: NodeJS.Signals): boolean;
  pidOf(name: string): number | undefined;
  proxyOf(name: string): FaultProxy | undefined;
}

/** See the head of this file. */
export class Conductor {
  readonly #on: Playground;
  readonly #random: RandomStream;
  readonly #records: FaultRecord[] = [];
  /** Ends of pauses that are still to come, by target. */
  readonly #pauses = new Map<string, { timer: NodeJS.Timeout; pid: number }>();

  /** @param random draws the connection of `cut-one`. */
  constructor(on: Playground, random: RandomStream) {
    this.#on = on;
    this.#random = random;
  }

  /** What was done so far. */
  get records(): readonly FaultRecord[] {
    return this.#records;
  }

  /**
   * Begins now; ends when the last fault has passed, or when `signal` is
   * aborted. No process is left stopped.
   */
  async perform(
    faults: readonly Fault[],
    signal: AbortSignal,
  ): Promise<readonly FaultRecord[]> {
    const startMs = performance.now();
    const until = (ms: number) =>
      sleep(startMs + ms - performance.now(), signal);
    try {
      for (const fault of faults) {
        await until(fault.atMs);
        if (signal.aborted) break;
        this.#records.push(this.#strike(fault));
      }
      await until(Math.max(0, ...faults.map(endOf)));
    } finally {
      for (const target of this.#pauses.keys()) this.#continue(target);
    }
    return this.#records;
  }

  #strike(fault: Fault): FaultRecord {
    const { kind, target, atMs } = fault;
    const fromMs = Date.now();
    const isDone = this.#carryOut(fault);
    return { kind, target, fromMs, toMs: fromMs + endOf(fault) - atMs, isDone };
  }

  #carryOut(fault: Fault): boolean {
    if (fault.kind === 'kill') return this.#on.signal(fault.target, 'SIGKILL');
    if (fault.kind === 'pause') return this.#pause(fault);
    const proxy = this.#on.proxyOf(fault.target);
    return proxy !== undefined && this.#disturb(proxy, fault);
  }

  #disturb(proxy: FaultProxy, fault: Fault): boolean {
    switch (fault.kind) {
      case 'cut':
        return proxy.cut() > 0;
      case 'cut-one':
        return proxy.cutOne(this.#random) > 0;
      case 'half-open':
        proxy.halfOpen(fault.durationMs);
        return true;
      case 'slow':
        proxy.slow(fault, fault.durationMs);
        return true;
      case 'refuse':
        proxy.refuse(fault.durationMs);
        return true;
      case 'kill':
      case 'pause':
        throw new TypeError(`${fault.kind} is no fault of a connection`);
    }
  }

  #pause(fault: Extract<Fault, { durationMs: number }>): boolean {
    const { target, durationMs } = fault;
    const pid = this.#on.pidOf(target);
    if (pid === undefined || !this.#on.signal(target, 'SIGSTOP')) return false;
    clearTimeout(this.#pauses.get(target)?.timer);
    const timer = setTimeout(() => this.#continue(target), durationMs);
    this.#pauses.set(target, { timer, pid });
    return true;
  }

  /** A process that was killed meanwhile needs none; nor has its successor. */
  #continue(target: string): void {
    const one = this.#pauses.get(target);
    this.#pauses.delete(target);
    clearTimeout(one?.timer);
    if (one?.pid === this.#on.pidOf(target)) {
      this.#on.signal(target, 'SIGCONT');
    }
  }
}

/** Ends after a time, or when `signal` is aborted. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
