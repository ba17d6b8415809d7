import { describe, expect, it } from 'vitest';
import { float32Payload } from '@muster/protocol';
import type { Message, MessageOf } from '@muster/protocol';
import { WorkerMachine } from './worker-machine.js';
import type { WorkerEffect, WorkerEvent } from './worker-events.js';

const JOINED: MessageOf<'joined'> = {
  type: 'joined',
  incarnation: 4,
  runId: 'run',
  heartbeatMs: 100,
  shards: [{ begin: 0, end: 2 }],
  dtype: 'json',
};
const RESULT = {
  gradient: Float32Array.of(1, 2),
  count: 3,
  lossSum: 0.5,
  correct: 1,
  phases: { data: 1, compute: 2, encode: 3 },
};

/** A worker with a script of a server around it. */
class Stage {
  readonly machine = new WorkerMachine({
    workerId: 'w',
    numerics: 'c'.repeat(64),
    backend: 'wasm',
  });
  nowMs = 0;

  constructor() {
    this.machine.start(0);
  }

  do(event: WorkerEvent): WorkerEffect[] {
    return this.machine.handle(event, this.nowMs);
  }

  hear(message: Message, payload?: Uint8Array): WorkerEffect[] {
    return this.do({ type: 'packet', packet: { message, payload } });
  }

  /** Up to `subscribe`. */
  enter(): WorkerEffect[] {
    this.do({ type: 'connected' });
    this.hear(JOINED, new Uint8Array());
    return this.do({ type: 'prepared', numParameters: 2 });
  }

  parameters(version: number): WorkerEffect[] {
    const payload = float32Payload(Float32Array.of(version, version));
    const range = { begin: 0, end: 2 };
    return this.hear(
      { type: 'parameters', version, ...range, dtype: 'float32' },
      payload,
    );
  }

  assign(taskId: number, step: number): WorkerEffect[] {
    const leaves = { firstLeaf: 0, numLeaves: 1 };
    const task = { kind: 'gradient', taskId, step, ...leaves } as const;
    return this.hear({ type: 'assign', task, leaseMs: 1000 });
  }
}

function sent(effects: readonly WorkerEffect[]): Message['type'][] {
  return effects.flatMap((effect) =>
    effect.type === 'send' ? [effect.packet.message.type] : [],
  );
}

describe('WorkerMachine', () => {
  it('dials, joins, prepares, subscribes', () => {
    const stage = new Stage();
    expect(sent(stage.do({ type: 'connected' }))).toEqual(['join']);
    const joined = stage.hear(JOINED, Uint8Array.of(1));
    expect(joined).toEqual([{ type: 'prepare', definition: Uint8Array.of(1) }]);
    const prepared = stage.do({ type: 'prepared', numParameters: 2 });
    expect(sent(prepared)).toEqual(['subscribe']);
    expect(stage.machine.state).toBe('working');
  });

  it('computes when both task and version are there, in either order', () => {
    const first = new Stage();
    first.enter();
    expect(first.assign(1, 0)).toEqual([]);
    expect(first.parameters(0)).toMatchObject([
      { type: 'compute', task: { taskId: 1 } },
    ]);
    const second = new Stage();
    second.enter();
    expect(second.parameters(0)).toEqual([]);
    expect(second.assign(1, 0)).toMatchObject([{ type: 'compute' }]);
  });

  it('pushes what it computed, with the time it waited', () => {
    const stage = new Stage();
    stage.enter();
    stage.parameters(0);
    stage.nowMs = 30;
    stage.assign(1, 0);
    stage.nowMs = 80;
    const effects = stage.do({ type: 'computed', taskId: 1, result: RESULT });
    expect(effects).toMatchObject([
      {
        type: 'send',
        packet: {
          message: {
            type: 'push',
            ...{ pushId: 1, step: 0, firstLeaf: 0, numLeaves: 1, count: 3 },
            // idle from 0 to 30
            phases: { wait: 30, data: 1, compute: 2, encode: 3 },
            ...{ begin: 0, end: 2 },
          },
        },
      },
    ]);
  });

  it('sends what was not answered again after a reconnect, and only that', () => {
    const stage = new Stage();
    stage.enter();
    stage.parameters(0);
    for (const taskId of [1, 2]) {
      stage.assign(taskId, 0);
      stage.do({ type: 'computed', taskId, result: RESULT });
    }
    const answer = { outcome: 'accepted', version: 0 } as const;
    stage.hear({ type: 'push-result', pushId: 1, ...answer });
    expect(stage.do({ type: 'disconnected' })).toEqual([{ type: 'dial' }]);
    const [join] = stage.do({ type: 'connected' });
    expect(join).toMatchObject({ packet: { message: { incarnation: 4 } } });
    const back = stage.hear(JOINED, new Uint8Array());
    // prepared already: no second `prepare`
    expect(sent(back)).toEqual(['subscribe', 'push']);
    expect(back[1]).toMatchObject({ packet: { message: { pushId: 2 } } });
  });

  it('keeps a result that was computed while it was offline', () => {
    const stage = new Stage();
    stage.enter();
    stage.parameters(0);
    stage.assign(1, 0);
    stage.do({ type: 'disconnected' });
    const offline = stage.do({ type: 'computed', taskId: 1, result: RESULT });
    expect(offline).toEqual([]);
    stage.do({ type: 'connected' });
    expect(sent(stage.hear(JOINED))).toEqual(['subscribe', 'push']);
  });

  it('abandons a task whose step went on without it', () => {
    const stage = new Stage();
    stage.enter();
    stage.parameters(0);
    const [compute] = stage.assign(1, 0);
    expect(stage.parameters(1)).toEqual([{ type: 'abandon', taskId: 1 }]);
    // the parameters it computes from are not written to meanwhile
    expect(compute).toMatchObject({ parameters: Float32Array.of(0, 0) });
    expect(stage.do({ type: 'computed', taskId: 1, result: RESULT })).toEqual(
      [],
    );
  });

  it('gives a sign of life every heartbeat, and terminates after 5 without one', () => {
    const stage = new Stage();
    stage.enter();
    stage.nowMs = 100;
    expect(sent(stage.do({ type: 'tick' }))).toEqual(['heartbeat']);
    stage.nowMs = 150;
    expect(stage.do({ type: 'tick' })).toEqual([]);
    // last heard at 0, heartbeat 100 ms: dead after more than 500 ms
    stage.nowMs = 501;
    expect(stage.do({ type: 'tick' })).toEqual([{ type: 'terminate' }]);
  });

  it.each([
    ['finished', { outcome: 'finished' }],
    ['stopping', { outcome: 'drained' }],
  ] as const)('says goodbye when the run is %s', (reason, end) => {
    const stage = new Stage();
    stage.enter();
    const effects = stage.hear({ type: 'drain', reason });
    expect(sent(effects)).toEqual(['leave']);
    expect(effects.at(-1)).toEqual({ type: 'stop', end });
    expect(stage.parameters(0)).toEqual([]);
  });

  it('says goodbye when it is asked to stop', () => {
    const stage = new Stage();
    stage.enter();
    const effects = stage.do({ type: 'drain' });
    expect(sent(effects)).toEqual(['leave']);
    expect(effects.at(-1)).toMatchObject({ end: { outcome: 'drained' } });
  });

  it('fails with the reason it was refused for', () => {
    const stage = new Stage();
    stage.do({ type: 'connected' });
    const effects = stage.hear({
      type: 'refused',
      code: 'ERR_MODEL_MISMATCH',
      message: 'other network',
    });
    expect(effects).toEqual([
      {
        type: 'stop',
        end: {
          outcome: 'failed',
          code: 'ERR_MODEL_MISMATCH',
          message: 'other network',
        },
      },
    ]);
  });

  it('ends well when it comes after the end', () => {
    const stage = new Stage();
    stage.do({ type: 'connected' });
    const effects = stage.hear({
      type: 'refused',
      code: 'ERR_DRAINING',
      message: 'over',
    });
    expect(effects).toEqual([{ type: 'stop', end: { outcome: 'finished' } }]);
  });

  it('does not work for another run than it was prepared for', () => {
    const stage = new Stage();
    stage.enter();
    stage.do({ type: 'disconnected' });
    stage.do({ type: 'connected' });
    const effects = stage.hear({ ...JOINED, runId: 'other' });
    expect(effects.at(-1)).toMatchObject({
      end: { outcome: 'failed', code: 'ERR_NOT_JOINED' },
    });
  });

  it('says why it leaves when it cannot prepare', () => {
    const stage = new Stage();
    stage.do({ type: 'connected' });
    stage.hear(JOINED, new Uint8Array());
    const failure = {
      code: 'ERR_DATASET_MISMATCH',
      message: 'other data',
    } as const;
    const effects = stage.do({ type: 'prepare-failed', ...failure });
    expect(effects).toMatchObject([
      { packet: { message: { type: 'leave', reason: 'other data' } } },
      { type: 'stop', end: { outcome: 'failed', ...failure } },
    ]);
  });

  it('hands a failed task back', () => {
    const stage = new Stage();
    stage.enter();
    stage.parameters(0);
    stage.assign(1, 0);
    const failure = { code: 'ERR_BACKEND', message: 'no memory' } as const;
    const effects = stage.do({ type: 'task-failed', taskId: 1, ...failure });
    expect(sent(effects)).toEqual(['task-failed']);
  });

  it('fails when the server says what only workers say', () => {
    const stage = new Stage();
    stage.enter();
    const effects = stage.hear({ type: 'leave', reason: 'x' });
    expect(effects).toMatchObject([{ end: { code: 'ERR_MALFORMED_MESSAGE' } }]);
  });
});
