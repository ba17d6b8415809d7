import { describe, expect, it } from 'vitest';
import { float32Payload } from '@muster/protocol';
import type { Message, PushOutcome } from '@muster/protocol';
import { WorkerMachine } from './worker-machine.js';
import type { WorkerEffect, WorkerEvent } from './worker-events.js';

const SHARDS = [
  { begin: 0, end: 2, urls: ['ws://s0'] },
  { begin: 2, end: 3, urls: ['ws://s1'] },
];

const PREPARED = {
  ...({ type: 'prepared', numParameters: 3 } as const),
  ...({ isOnArrival: false, wire: 'float32' } as const),
};

/** A worker in a run of two servers, with slices of version 0. */
class Stage {
  readonly machine = new WorkerMachine({
    ...{ workerId: 'w', numerics: 'c'.repeat(64), backend: 'wasm' },
  });

  constructor() {
    this.machine.start(0);
    this.join();
    this.do({ type: 'connected', link: 1 });
    this.do(PREPARED);
    SHARDS.forEach(({ begin, end }, link) => {
      const range = { begin, end, dtype: 'float32' } as const;
      const message = { type: 'parameters', term: 1, version: 0 } as const;
      const payload = float32Payload(new Float32Array(end - begin));
      this.hear(link, { ...message, ...range }, payload);
    });
  }

  do(event: WorkerEvent): WorkerEffect[] {
    return this.machine.handle(event, 1);
  }

  hear(link: number, message: Message, payload?: Uint8Array): WorkerEffect[] {
    return this.do({ type: 'packet', link, packet: { message, payload } });
  }

  join(): WorkerEffect[] {
    this.do({ type: 'connected', link: 0 });
    const life = { incarnation: 4, runId: 'run', heartbeatMs: 1e6 };
    const shards = { shards: SHARDS, dtype: 'json' } as const;
    return this.hear(0, { type: 'joined', ...life, ...shards });
  }

  reconnect(link: number): WorkerEffect[] {
    this.do({ type: 'disconnected', link });
    return link === 0 ? this.join() : this.do({ type: 'connected', link });
  }

  /** A task of one leaf, from the assignment to its pushes. */
  work(taskId: number, firstLeaf = 0): WorkerEffect[] {
    const leaves = { step: 0, firstLeaf, numLeaves: 1, base: 0 };
    const task = { kind: 'gradient', taskId, ...leaves } as const;
    this.hear(0, { type: 'assign', task, leaseMs: 1000 });
    const gradient = Float32Array.of(1, 2, 3);
    const phases = { data: 1, compute: 2, encode: 3, push: 4 };
    const result = { gradient, count: 4, lossSum: 0.5, correct: 1, phases };
    return this.do({ type: 'computed', taskId, result });
  }

  answer(link: number, pushId: number, outcome: PushOutcome) {
    const refusal = {
      code: 'ERR_NON_FINITE_GRADIENT',
      message: 'NaN',
    } as const;
    return this.hear(link, {
      ...{ type: 'push-result', pushId, outcome, version: 0 },
      ...(outcome === 'refused' && refusal),
    });
  }
}

/** With one push out to both servers. */
function pushed(): Stage {
  const stage = new Stage();
  stage.work(7);
  return stage;
}

/** What is sent, as `link type`. */
function sent(effects: readonly WorkerEffect[]): string[] {
  return effects.flatMap((effect) =>
    effect.type === 'send'
      ? [`${effect.link} ${effect.packet.message.type}`]
      : [],
  );
}

describe('answers to a push', () => {
  it.each([
    ['accepted', 'accepted', []],
    ['accepted', 'duplicate', []],
    // some of it is not in everywhere: its leaves go out again
    ['accepted', 'overlap', [{ type: 'task-returned', taskId: 7 }]],
    ['stale', 'accepted', [{ type: 'task-returned', taskId: 7 }]],
    ['stale', 'overlap', [{ type: 'task-returned', taskId: 7 }]],
    // a refusal weighs more
    [
      'stale',
      'refused',
      [{ type: 'task-failed', taskId: 7, code: 'ERR_NON_FINITE_GRADIENT' }],
    ],
    [
      'refused',
      'overlap',
      [{ type: 'task-failed', taskId: 7, message: 'NaN' }],
    ],
  ] as const)('%s and %s: %j', (first, second, told) => {
    const stage = pushed();
    expect(stage.answer(1, 1, first)).toEqual([]);
    expect(stage.machine.numUnanswered).toBe(1);
    const effects = stage.answer(0, 1, second);
    expect(stage.machine.numUnanswered).toBe(0);
    expect(effects).toMatchObject(
      told.map((message) => ({ link: 0, packet: { message } })),
    );
    expect(effects).toHaveLength(told.length);
  });

  it('are counted once a server, and only to pushes that are out', () => {
    const stage = pushed();
    stage.answer(0, 1, 'stale');
    expect(stage.answer(0, 1, 'stale')).toEqual([]);
    expect(stage.answer(1, 99, 'refused')).toEqual([]);
    expect(sent(stage.answer(1, 1, 'accepted'))).toEqual(['0 task-returned']);
  });

  it('that are missing: the push is said again to that server alone', () => {
    const stage = pushed();
    expect(sent(stage.reconnect(1))).toEqual(['1 subscribe', '1 push']);
    stage.answer(1, 1, 'accepted');
    expect(sent(stage.reconnect(1))).toEqual(['1 subscribe']);
    // server 0 has not answered yet
    expect(sent(stage.reconnect(0))).toContain('0 push');
    stage.answer(0, 1, 'accepted');
    expect(sent(stage.reconnect(0))).not.toContain('0 push');
  });

  it('the same bytes are said again, under the same id', () => {
    const stage = pushed();
    const again = stage.reconnect(1).at(-1);
    expect(again).toMatchObject({
      packet: {
        message: { pushId: 1, taskId: 7 },
        payload: float32Payload(Float32Array.of(3)),
      },
    });
  });

  it('each push has an id of its own', () => {
    const stage = pushed();
    const ids = stage
      .work(8, 1)
      .map((effect) =>
        effect.type === 'send' && 'pushId' in effect.packet.message
          ? effect.packet.message.pushId
          : undefined,
      );
    expect(ids).toEqual([2, 2]);
    // in whatever order they are answered
    stage.answer(0, 2, 'accepted');
    stage.answer(1, 2, 'accepted');
    const again = stage.reconnect(1);
    expect(sent(again)).toEqual(['1 subscribe', '1 push']);
    expect(again.at(-1)).toMatchObject({ packet: { message: { pushId: 1 } } });
  });
});
