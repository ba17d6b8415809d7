import { describe, expect, it } from 'vitest';
import { float32Payload } from '@muster/protocol';
import type { Message, MessageOf, RunDefinition } from '@muster/protocol';
import { Coordinator } from './coordinator.js';
import type { CoordinatorEffect } from './effects.js';
import { EMPTY_LEDGER } from './ledger.js';
import { ParameterShard } from './parameter-shard.js';

/** 2 parameters, 2 epochs of 2 steps of 2 leaves of 1 example; 1 test example. */
const RUN: RunDefinition = {
  protocol: 1,
  runId: 'run',
  seed: 1,
  epochs: 2,
  globalBatchSize: 2,
  microBatches: 2,
  consistency: 'sync',
  optimizer: { name: 'sgd' },
  schedule: { name: 'constant', learningRate: 0.5 },
  dataset: {
    name: 'four',
    fingerprint: 'a'.repeat(64),
    numTrain: 4,
    numTest: 1,
    rows: 1,
    columns: 1,
    channels: 1,
    numClasses: 2,
  },
  model: {
    topology: {},
    layout: [{ name: 'w', shape: [2], offset: 0 }],
    fingerprint: 'b'.repeat(64),
    numParameters: 2,
  },
};
const OPTIONS = {
  leaseMs: 1000,
  heartbeatMs: 200,
  checkpointEverySteps: 3,
  stragglerFactor: 2,
};

/** A coordinator with a script of workers around it. */
class Stage {
  readonly shard = new ParameterShard(RUN, {
    version: 0,
    begin: 0,
    end: 2,
    parameters: Float32Array.of(0, 0),
    slots: {},
  });
  readonly coordinator = new Coordinator(
    RUN,
    this.shard,
    EMPTY_LEDGER,
    OPTIONS,
  );
  nowMs = 0;

  constructor() {
    this.coordinator.start(0);
  }

  say(connection: number, message: Message, payload?: Uint8Array) {
    const packet = { message, payload };
    const event = { type: 'packet', connection, packet } as const;
    return this.coordinator.handle(event, this.nowMs);
  }

  join(
    connection: number,
    workerId: string,
    more: Partial<MessageOf<'join'>> = {},
  ) {
    return this.say(connection, {
      type: 'join',
      protocol: 1,
      workerId,
      numerics: 'c'.repeat(64),
      backend: 'wasm',
      ...more,
    });
  }

  /** Joins and subscribes; gives the effects of the second. */
  enter(connection: number, workerId: string) {
    const [joined] = sent(this.join(connection, workerId), 'joined');
    const incarnation = joined?.incarnation ?? -1;
    return this.say(connection, { type: 'subscribe', workerId, incarnation });
  }

  push(
    connection: number,
    task: {
      taskId: number;
      step: number;
      firstLeaf: number;
      numLeaves: number;
    },
    values: readonly [number, number] = [1, 1],
  ) {
    const { taskId, step, firstLeaf, numLeaves } = task;
    const message: MessageOf<'push'> = {
      type: 'push',
      pushId: 1,
      ...{ taskId, step, firstLeaf, numLeaves },
      count: numLeaves,
      lossSum: numLeaves,
      correct: 0,
      phases: { wait: 0, data: 0, compute: 0, encode: 0 },
      begin: 0,
      end: 2,
      dtype: 'float32',
    };
    const payload = float32Payload(Float32Array.from(values));
    return this.say(connection, message, payload);
  }

  tick(nowMs: number) {
    this.nowMs = nowMs;
    return this.coordinator.handle({ type: 'tick' }, nowMs);
  }
}

function sent<T extends Message['type']>(
  effects: readonly CoordinatorEffect[],
  type: T,
): MessageOf<T>[] {
  return effects.flatMap((effect) => {
    if (effect.type !== 'send' && effect.type !== 'broadcast') return [];
    const { message } = effect.packet;
    return message.type === type ? [message as MessageOf<T>] : [];
  });
}

function gradientTasks(effects: readonly CoordinatorEffect[]) {
  return sent(effects, 'assign').flatMap(({ task }) =>
    task.kind === 'gradient' ? [task] : [],
  );
}

describe('Coordinator', () => {
  it('gives one worker all leaves of a step, as one task', () => {
    const effects = new Stage().enter(1, 'a');
    expect(sent(effects, 'parameters')).toMatchObject([{ version: 0 }]);
    expect(gradientTasks(effects)).toMatchObject([
      { step: 0, firstLeaf: 0, numLeaves: 2 },
    ]);
  });

  it('applies the step at its last leaf and answers before it goes on', () => {
    const stage = new Stage();
    const [task] = gradientTasks(stage.enter(1, 'a'));
    const effects = stage.push(1, task!, [2, 4]);
    const kinds = effects.map((effect) =>
      effect.type === 'send' || effect.type === 'broadcast'
        ? effect.packet.message.type
        : effect.type,
    );
    // answer, then the new version, then the next task
    expect(kinds).toEqual([
      'push-result',
      'report',
      'report',
      'parameters',
      'assign',
    ]);
    // sgd: 0 - 0.5 * [2, 4] / 2 examples
    expect([...stage.shard.parameters]).toEqual([-0.5, -1]);
    expect(stage.coordinator.ledger.examplesApplied).toBe(2);
  });

  it('answers the same leaves a second time with duplicate, a past step with stale', () => {
    const stage = new Stage();
    const [first] = gradientTasks(stage.enter(1, 'a'));
    stage.enter(2, 'b');
    const half = { ...first!, numLeaves: 1 };
    stage.push(1, half);
    const again = stage.push(2, half, [9, 9]);
    expect(sent(again, 'push-result')).toMatchObject([
      { outcome: 'duplicate' },
    ]);
    stage.push(2, { ...half, firstLeaf: 1 });
    const late = stage.push(1, half);
    expect(sent(late, 'push-result')).toMatchObject([
      { outcome: 'stale', version: 1 },
    ]);
    // 0 - 0.5 * ([1, 1] + [1, 1]) / 2: the 9s are not in it
    expect([...stage.shard.parameters]).toEqual([-0.5, -0.5]);
    expect(stage.coordinator.ledger.examplesDuplicate).toBe(1);
  });

  it('refuses a slice of another range, and says what it expected', () => {
    const stage = new Stage();
    const [task] = gradientTasks(stage.enter(1, 'a'));
    const effects = stage.push(1, { ...task!, firstLeaf: 1, numLeaves: 2 });
    expect(sent(effects, 'push-result')).toMatchObject([
      {
        outcome: 'refused',
        code: 'ERR_SHAPE_MISMATCH',
        message:
          '2 leaves from leaf 1 are not an aligned run of the 2 leaves of step 0',
      },
    ]);
  });

  it('gives the task of a lost connection to another worker at once', () => {
    const stage = new Stage();
    stage.enter(1, 'a');
    expect(gradientTasks(stage.enter(2, 'b'))).toEqual([]);
    const effects = stage.coordinator.handle(
      { type: 'disconnected', connection: 1 },
      5,
    );
    expect(gradientTasks(effects)).toMatchObject([
      { firstLeaf: 0, numLeaves: 2 },
    ]);
  });

  it('suspends a silent worker after its lease, and welcomes it back', () => {
    const stage = new Stage();
    stage.enter(1, 'a');
    stage.nowMs = 900;
    stage.enter(2, 'b');
    // a has been silent for 1,000 ms, which is the lease; then for 1,001
    expect(stage.tick(1000)).toEqual([]);
    expect(gradientTasks(stage.tick(1001))).toHaveLength(1);
    const back = stage.say(1, { type: 'heartbeat', sequence: 1 });
    expect(sent(back, 'parameters')).toMatchObject([{ version: 0 }]);
    expect(stage.coordinator.memberCounts.active).toBe(2);
  });

  it('keeps a worker that gives signs of life', () => {
    const stage = new Stage();
    stage.enter(1, 'a');
    for (const nowMs of [600, 1200, 1800]) {
      stage.nowMs = nowMs;
      stage.say(1, { type: 'heartbeat', sequence: nowMs });
      expect(stage.tick(nowMs)).toEqual([]);
    }
  });

  it('takes a connection for dead after 12 leases of silence', () => {
    const stage = new Stage();
    stage.enter(1, 'a');
    stage.tick(1001);
    const effects = stage.tick(12_001);
    expect(effects.map(({ type }) => type)).toEqual(['report', 'close']);
    expect(stage.coordinator.memberCounts.lost).toBe(1);
  });

  it('evaluates at the end of an epoch, then goes on', () => {
    const stage = new Stage();
    let [task] = gradientTasks(stage.enter(1, 'a'));
    [task] = gradientTasks(stage.push(1, task!));
    const end = stage.push(1, task!);
    expect(end).toContainEqual({ type: 'checkpoint', reason: 'epoch' });
    const [assign] = sent(end, 'assign');
    expect(assign?.task).toMatchObject({
      kind: 'evaluate',
      version: 2,
      begin: 0,
      end: 1,
    });
    const effects = stage.say(1, {
      type: 'evaluated',
      pushId: 9,
      taskId: assign!.task.taskId,
      ...{ version: 2, begin: 0, end: 1 },
      ...{ count: 1, correct: 1, lossSum: 0.25 },
    });
    expect(gradientTasks(effects)).toMatchObject([{ step: 2 }]);
    expect(stage.coordinator.ledger.history).toMatchObject([
      { epoch: 1, version: 2, testAccuracy: 1, testLoss: 0.25, trainLoss: 1 },
    ]);
  });

  it('takes a checkpoint every 3 steps and one when it is drained', () => {
    const stage = new Stage();
    let [task] = gradientTasks(stage.enter(1, 'a'));
    for (let i = 0; i < 2; i++) [task] = gradientTasks(stage.push(1, task!));
    stage.say(1, {
      type: 'evaluated',
      ...{ pushId: 9, taskId: 3, version: 2, begin: 0, end: 1 },
      ...{ count: 1, correct: 1, lossSum: 0 },
    });
    const third = stage.push(1, {
      taskId: 4,
      step: 2,
      firstLeaf: 0,
      numLeaves: 2,
    });
    expect(third).toContainEqual({ type: 'checkpoint', reason: 'interval' });
    const drained = stage.coordinator.handle({ type: 'drain' }, 0);
    expect(drained.map(({ type }) => type)).toEqual([
      'checkpoint',
      'broadcast',
      'end',
    ]);
    expect(stage.coordinator.handle({ type: 'drain' }, 0)).toEqual([]);
  });

  it.each([
    [
      { protocol: 2 },
      'ERR_PROTOCOL_VERSION',
      'speaks protocol version 2, this server 1',
    ],
    [
      { model: 'd'.repeat(64) },
      'ERR_MODEL_MISMATCH',
      'holds network dddddddddddd',
    ],
  ] as const)('refuses a join with %o', (more, code, text) => {
    const stage = new Stage();
    const effects = stage.join(1, 'a', more);
    expect(sent(effects, 'refused')).toMatchObject([
      { code, message: expect.stringContaining(text) as string },
    ]);
    expect(effects).toContainEqual(
      expect.objectContaining({ type: 'close', connection: 1, code }),
    );
    expect(stage.coordinator.memberCounts.joined).toBe(0);
  });

  it('takes nobody once it has ended', () => {
    const stage = new Stage();
    stage.coordinator.handle({ type: 'drain' }, 0);
    expect(sent(stage.join(1, 'a'), 'refused')).toMatchObject([
      { code: 'ERR_DRAINING' },
    ]);
  });

  it('closes a connection that speaks before it joined', () => {
    const effects = new Stage().say(7, { type: 'heartbeat', sequence: 1 });
    expect(effects).toMatchObject([{ type: 'close', code: 'ERR_NOT_JOINED' }]);
  });

  it('closes a connection that does not join within a lease', () => {
    const stage = new Stage();
    for (const connection of [1, 2]) {
      stage.coordinator.handle({ type: 'connected', connection }, 0);
    }
    stage.enter(1, 'a');
    expect(stage.tick(1000)).toEqual([]);
    stage.nowMs = 1000;
    stage.say(1, { type: 'heartbeat', sequence: 1 });
    expect(stage.tick(1001)).toMatchObject([
      { type: 'close', connection: 2, code: 'ERR_NOT_JOINED' },
    ]);
    expect(stage.tick(1002)).toEqual([]);
  });

  it('closes a connection that joins twice', () => {
    const stage = new Stage();
    stage.enter(1, 'a');
    expect(stage.join(1, 'b')).toMatchObject([
      {
        type: 'close',
        code: 'ERR_MALFORMED_MESSAGE',
        message: "a joined this connection already, then came 'join' from b",
      },
    ]);
    expect(stage.coordinator.memberCounts.active).toBe(1);
  });

  it('closes a member that sends what only servers say', () => {
    const stage = new Stage();
    stage.enter(1, 'a');
    const effects = stage.say(1, { type: 'drain', reason: 'finished' });
    expect(effects).toMatchObject([
      { type: 'close', code: 'ERR_MALFORMED_MESSAGE' },
    ]);
  });

  it('labels a run whose workers differ in numerics', () => {
    const stage = new Stage();
    stage.enter(1, 'a');
    const [joined] = sent(
      stage.join(2, 'b', { numerics: 'e'.repeat(64) }),
      'joined',
    );
    const incarnation = joined?.incarnation ?? -1;
    stage.say(2, { type: 'subscribe', workerId: 'b', incarnation });
    const leaf = { taskId: 0, step: 0, numLeaves: 1 };
    stage.push(1, { ...leaf, firstLeaf: 0 });
    expect(stage.coordinator.ledger.reproducible).toBe(true);
    const effects = stage.push(2, { ...leaf, firstLeaf: 1 });
    expect(effects).toContainEqual({
      type: 'report',
      report: { type: 'not-reproducible', workerId: 'b' },
    });
    expect(stage.coordinator.ledger.reproducible).toBe(false);
  });

  it('gives a task that failed to another worker', () => {
    const stage = new Stage();
    const [task] = gradientTasks(stage.enter(1, 'a'));
    stage.enter(2, 'b');
    const effects = stage.say(1, {
      type: 'task-failed',
      taskId: task!.taskId,
      code: 'ERR_BACKEND',
      message: 'out of memory',
    });
    const assigned = effects.filter(
      (effect) =>
        effect.type === 'send' && effect.packet.message.type === 'assign',
    );
    expect(assigned).toMatchObject([{ connection: 2 }]);
  });
});
