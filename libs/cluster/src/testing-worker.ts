/**
 * A worker's brain in a run of two servers, for specs: one event in, and what
 * it did about it.
 */
import { float32Payload } from '@muster/protocol';
import type { GradientTask, Message, WireFormat } from '@muster/protocol';
import { WorkerMachine } from './worker/worker-machine.js';
import type { WorkerEffect, WorkerEvent } from './worker/worker-events.js';

/** Key ranges of the two servers. */
export const RANGES = [
  { begin: 0, end: 2 },
  { begin: 2, end: 3 },
];

/** A gradient of the three parameters. */
export const RESULT = {
  gradient: Float32Array.of(1, 2, 3),
  ...{ count: 4, lossSum: 0.5, correct: 1 },
  phases: { data: 1, compute: 2, encode: 3, push: 4 },
};

/** A worker that has entered a run of two servers. */
export class WorkerStage {
  readonly machine = new WorkerMachine({
    ...{ workerId: 'w', numerics: 'c'.repeat(64), backend: 'wasm' },
  });
  nowMs = 1;

  constructor(isOnArrival = false, wire: WireFormat = 'float32') {
    this.machine.start(0);
    this.join();
    this.do({ type: 'connected', link: 1 });
    this.do({ type: 'prepared', numParameters: 3, isOnArrival, wire });
  }

  do(event: WorkerEvent): WorkerEffect[] {
    return this.machine.handle(event, this.nowMs);
  }

  hear(link: number, message: Message, payload?: Uint8Array): WorkerEffect[] {
    return this.do({ type: 'packet', link, packet: { message, payload } });
  }

  join(): WorkerEffect[] {
    this.do({ type: 'connected', link: 0 });
    const shards = RANGES.map((range, k) => ({
      ...range,
      urls: [`ws://s${k}`],
    }));
    const life = { incarnation: 4, runId: 'run', heartbeatMs: 1e6 };
    const joined = { type: 'joined', ...life, shards, dtype: 'json' } as const;
    return this.hear(0, joined, new Uint8Array());
  }

  reconnect(link: number): WorkerEffect[] {
    this.do({ type: 'disconnected', link });
    return link === 0 ? this.join() : this.do({ type: 'connected', link });
  }

  /** A slice that is filled with its version. */
  slice(link: number, version: number, term = 1): WorkerEffect[] {
    const { begin, end } = RANGES[link] ?? { begin: 0, end: 0 };
    const values = new Float32Array(end - begin).fill(version);
    const range = { begin, end, dtype: 'float32' } as const;
    const message = { type: 'parameters', term, version, ...range } as const;
    return this.hear(link, message, float32Payload(values));
  }

  /** The slices of both servers. */
  slices(version: number, term = 1): WorkerEffect[] {
    return [...this.slice(0, version, term), ...this.slice(1, version, term)];
  }

  gradient(taskId: number, base: number, more: Partial<GradientTask> = {}) {
    const leaves = { step: base, firstLeaf: 0, numLeaves: 1 };
    const kind = 'gradient' as const;
    const task = { kind, taskId, ...leaves, base, ...more };
    return this.hear(0, { type: 'assign', task, leaseMs: 1000 });
  }

  evaluate(taskId: number, version: number): WorkerEffect[] {
    const range = { begin: 0, end: 500 };
    const task = { kind: 'evaluate', taskId, version, ...range } as const;
    return this.hear(0, { type: 'assign', task, leaseMs: 1000 });
  }

  computed(taskId: number): WorkerEffect[] {
    return this.do({ type: 'computed', taskId, result: RESULT });
  }

  tick(nowMs: number): WorkerEffect[] {
    this.nowMs = nowMs;
    return this.do({ type: 'tick' });
  }
}

/** What is sent, as `link type`. */
export function sent(effects: readonly WorkerEffect[]): string[] {
  return effects.flatMap((effect) =>
    effect.type === 'send'
      ? [`${effect.link} ${effect.packet.message.type}`]
      : [],
  );
}

/** Tasks that are begun. */
export function begun(effects: readonly WorkerEffect[]): number[] {
  return effects.flatMap((effect) =>
    effect.type === 'compute' ? [effect.task.taskId] : [],
  );
}
