import { describe, expect, it } from 'vitest';
import { bfloat16Payload, payloadAsFloat32 } from '@muster/protocol';
import { begun, RANGES, sent, WorkerStage } from '../testing-worker.js';

describe('a gradient task', () => {
  it('is begun when task and all slices are there, in any order', () => {
    const parts = [
      (stage: WorkerStage) => stage.gradient(1, 0),
      (stage: WorkerStage) => stage.slice(0, 0),
      (stage: WorkerStage) => stage.slice(1, 0),
    ];
    for (const [a, b, c] of [
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      const stage = new WorkerStage();
      const early = [...parts[a!]!(stage), ...parts[b!]!(stage)];
      expect(begun(early)).toEqual([]);
      expect(parts[c!]!(stage)).toMatchObject([
        { type: 'compute', parameters: Float32Array.of(0, 0, 0) },
      ]);
    }
  });

  it('is pushed to each server: its keys, and the version of each slice', () => {
    const stage = new WorkerStage();
    stage.slices(6, 3);
    stage.nowMs = 31;
    stage.gradient(9, 6, { step: 2, firstLeaf: 2, numLeaves: 2 });
    stage.nowMs = 80;
    const effects = stage.computed(9);
    const push = {
      ...{ type: 'push', pushId: 1, taskId: 9, term: 3, bases: [6, 6] },
      ...{ step: 2, firstLeaf: 2, numLeaves: 2 },
      ...{ count: 4, lossSum: 0.5, correct: 1 },
      // idle from 1 to 31, with the parameters there
      phases: { wait: 30, data: 1, compute: 2, encode: 3, push: 4, pull: 0 },
    };
    expect(effects).toMatchObject([
      { link: 0, packet: { message: { ...push, begin: 0, end: 2 } } },
      { link: 1, packet: { message: { ...push, begin: 2, end: 3 } } },
    ]);
    const payloads = effects.map((effect, link) => {
      const { begin, end } = RANGES[link]!;
      const payload =
        effect.type === 'send' ? effect.packet.payload : undefined;
      return [...payloadAsFloat32(payload, end - begin)];
    });
    expect(payloads).toEqual([[1, 2], [3]]);
  });

  it('is pushed in 16 bits where the run says so, encoded once', () => {
    const stage = new WorkerStage(false, 'bf16');
    stage.slices(0);
    stage.gradient(1, 0);
    const effects = stage.computed(1);
    const message = { type: 'push', dtype: 'bf16' };
    // the upper halves of 1, 2 and 3 in float32
    const payloads = [[0x3f80, 0x4000], [0x4040]].map((halves) =>
      bfloat16Payload(Uint16Array.from(halves)),
    );
    expect(effects).toMatchObject([
      { link: 0, packet: { message, payload: payloads[0] } },
      { link: 1, packet: { message, payload: payloads[1] } },
    ]);
    const again = stage.reconnect(1).at(-1);
    const sentBefore = effects[1];
    expect(sentBefore?.type === 'send' && sentBefore.packet.payload).toBe(
      again?.type === 'send' && again.packet.payload,
    );
  });

  it('counts as waiting what is between two tasks', () => {
    const stage = new WorkerStage();
    stage.slices(0);
    stage.gradient(1, 0);
    stage.nowMs = 40;
    stage.computed(1);
    stage.nowMs = 45;
    stage.gradient(2, 0, { firstLeaf: 1 });
    stage.nowMs = 90;
    const [push] = stage.computed(2);
    expect(push).toHaveProperty('packet.message.phases.wait', 5);
  });

  it('counts apart how long it waited for parameters', () => {
    const stage = new WorkerStage();
    stage.slices(0);
    stage.gradient(1, 0);
    stage.nowMs = 40;
    stage.computed(1);
    stage.nowMs = 45;
    stage.gradient(2, 1);
    stage.nowMs = 57;
    stage.slices(1);
    const [push] = stage.computed(2);
    // idle from 40, a task from 45, its parameters from 57
    expect(push).toMatchObject({
      packet: { message: { phases: { wait: 5, pull: 12 } } },
    });
  });

  it('has not waited for a task that was given before it was idle', () => {
    const stage = new WorkerStage();
    stage.slices(0);
    stage.evaluate(1, 0);
    stage.nowMs = 10;
    stage.gradient(2, 1);
    stage.nowMs = 40;
    const counts = { count: 500, correct: 1, lossSum: 1, mistakes: [] };
    stage.do({ type: 'evaluated', taskId: 1, result: counts });
    stage.nowMs = 47;
    stage.slices(1);
    // idle from 40, its parameters from 47
    expect(stage.computed(2)[0]).toMatchObject({
      packet: { message: { phases: { wait: 0, pull: 7 } } },
    });
  });

  it('does not change while newer slices come', () => {
    const stage = new WorkerStage();
    stage.slices(0);
    const [compute] = stage.gradient(1, 0);
    stage.slices(1);
    expect(compute).toMatchObject({ parameters: Float32Array.of(0, 0, 0) });
  });

  it('takes the place of the one before, which is abandoned', () => {
    const stage = new WorkerStage();
    stage.slices(0);
    stage.gradient(1, 0);
    expect(stage.gradient(2, 0, { firstLeaf: 1 })).toMatchObject([
      { type: 'abandon', taskId: 1 },
      { type: 'compute', task: { taskId: 2 } },
    ]);
    // a result that was on its way counts no more
    expect(stage.computed(1)).toEqual([]);
    expect(sent(stage.computed(2))).toEqual(['0 push', '1 push']);
  });

  it('takes the place of one that was not begun', () => {
    const stage = new WorkerStage();
    stage.gradient(1, 7);
    stage.gradient(2, 0);
    expect(begun(stage.slices(0))).toEqual([2]);
    stage.computed(2);
    expect(begun(stage.slices(7))).toEqual([]);
  });

  it('goes on when it is given again under another id', () => {
    const stage = new WorkerStage();
    stage.slices(0);
    stage.gradient(1, 0);
    expect(stage.gradient(5, 0)).toEqual([]);
    // the process knows it by the first id, the servers by the newest
    expect(stage.computed(5)).toEqual([]);
    expect(stage.computed(1)).toMatchObject([
      { packet: { message: { taskId: 5 } } },
      { packet: { message: { taskId: 5 } } },
    ]);
  });

  it.each([{ firstLeaf: 1 }, { numLeaves: 2 }, { step: 1 }, { base: 1 }])(
    'is another one with %o',
    (more) => {
      const stage = new WorkerStage();
      stage.slices(0);
      stage.gradient(1, 0);
      expect(stage.gradient(2, 0, more)[0]?.type).toBe('abandon');
    },
  );

  it('is handed back when it cannot be computed, under its newest id', () => {
    const stage = new WorkerStage();
    stage.slices(0);
    stage.gradient(1, 0);
    stage.gradient(5, 0);
    const failure = { code: 'ERR_BACKEND', message: 'no memory' } as const;
    const effects = stage.do({ type: 'task-failed', taskId: 1, ...failure });
    expect(effects).toMatchObject([
      {
        link: 0,
        packet: { message: { type: 'task-failed', taskId: 5, ...failure } },
      },
    ]);
  });

  it('is forgotten with the coordinator, unless it runs', () => {
    const stage = new WorkerStage();
    stage.gradient(1, 0);
    stage.reconnect(0);
    expect(begun(stage.slices(0))).toEqual([]);
    stage.gradient(2, 0);
    stage.do({ type: 'disconnected', link: 0 });
    // server 1 gets its part now, server 0 when it is back
    expect(sent(stage.computed(2))).toEqual(['1 push']);
    expect(sent(stage.join())).toContain('0 push');
  });
});

describe('an evaluation', () => {
  it('waits behind a gradient, and both are done', () => {
    const stage = new WorkerStage();
    stage.slices(0);
    stage.gradient(1, 0);
    expect(stage.evaluate(2, 0)).toEqual([]);
    const next = stage.computed(1);
    expect(begun(next)).toEqual([2]);
    const counts = { count: 500, correct: 450, lossSum: 60.5 };
    const mistake = { index: 9, label: 0, answer: 1 };
    const shown = { probabilities: [0.25, 0.75], image: Uint8Array.of(255) };
    const result = { ...counts, mistakes: [{ ...mistake, ...shown }] };
    const effects = stage.do({ type: 'evaluated', taskId: 2, result });
    expect(effects).toMatchObject([
      {
        link: 0,
        packet: {
          message: {
            ...{ type: 'evaluated', pushId: 2, taskId: 2, version: 0 },
            ...{ begin: 0, end: 500, ...counts, mistakes: [mistake] },
          },
          // 0.25 and 0.75 as float32, little-endian, and the pixel
          payload: Uint8Array.of(0, 0, 0x80, 0x3e, 0, 0, 0x40, 0x3f, 255),
        },
      },
    ]);
  });

  it('without mistakes has no payload', () => {
    const stage = new WorkerStage();
    stage.slices(0);
    stage.evaluate(1, 0);
    const result = { count: 500, correct: 500, lossSum: 0, mistakes: [] };
    const [sent] = stage.do({ type: 'evaluated', taskId: 1, result });
    expect(sent?.type === 'send' && sent.packet.payload).toBeUndefined();
  });

  it('is not abandoned for a gradient, which waits behind it', () => {
    const stage = new WorkerStage();
    stage.slices(0);
    stage.evaluate(1, 0);
    expect(stage.gradient(2, 0)).toEqual([]);
    const counts = { count: 500, correct: 450, lossSum: 60.5 };
    const result = { ...counts, mistakes: [] };
    expect(begun(stage.do({ type: 'evaluated', taskId: 1, result }))).toEqual([
      2,
    ]);
  });

  it('is of its own version, pulled where the slices have gone on', () => {
    const stage = new WorkerStage();
    stage.slices(4);
    stage.slice(0, 5);
    const pulls = stage.evaluate(1, 4);
    // server 1's slice is still there
    expect(pulls).toMatchObject([
      { link: 0, packet: { message: { type: 'pull', version: 4 } } },
    ]);
    stage.slice(1, 5);
    expect(stage.slice(0, 4)).toMatchObject([
      { type: 'compute', parameters: Float32Array.of(4, 4, 4) },
    ]);
  });
});
