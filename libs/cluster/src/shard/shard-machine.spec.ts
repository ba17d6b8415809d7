import { describe, expect, it } from 'vitest';
import { float32Payload, payloadAsFloat32 } from '@muster/protocol';
import type { Consistency, MessageOf, RunDefinition } from '@muster/protocol';
import type { ServerEffect } from '../server/effects.js';
import { Outbox } from '../server/outbox.js';
import { ShardMachine } from './shard-machine.js';
import type { ShardWord } from './shard-machine.js';
import { NO_PHASES } from '../testing.js';

/** 8 examples in leaves of 1: 2 epochs of 4 steps of 2 leaves. */
function runOf(consistency: Consistency): RunDefinition {
  const fingerprint = 'a'.repeat(64);
  const sizes = { rows: 1, columns: 1, channels: 1, numClasses: 2 };
  return {
    ...{ protocol: 1, runId: 'run', seed: 1, epochs: 2, consistency },
    wire: 'float32',
    ...{ globalBatchSize: 2, microBatches: 2 },
    optimizer: { name: 'sgd' },
    schedule: { name: 'constant', learningRate: 1 },
    dataset: { name: 'x', fingerprint, numTrain: 8, numTest: 1, ...sizes },
    model: {
      ...{ topology: {}, fingerprint, numParameters: 2 },
      layout: [{ name: 'w', shape: [2], offset: 0 }],
    },
  };
}

const ASYNC: Consistency = { name: 'async', maxStaleness: 9, scaling: 'none' };

/** Server 1 of 2, which owns key 1; workers a and b are connections 1 and 2. */
class Stage {
  readonly #out = new Outbox();
  words: ShardWord[] = [];
  readonly machine: ShardMachine;

  constructor(consistency: Consistency = { name: 'sync' }) {
    const position = { shard: 1, numShards: 2, begin: 1, end: 2 };
    this.machine = new ShardMachine(runOf(consistency), position, {
      ...{ leaseMs: 100, out: this.#out, ledgerOf: () => undefined },
      tell: (word) => void this.words.push(word),
    });
    this.subscribe(1, 'a');
    this.subscribe(2, 'b');
    this.take();
  }

  /** Told to serve a checkpoint of this version; the parameter is 10. */
  serve(version = 0, term = 5): this {
    this.machine.obey({ type: 'restore', version, term });
    const parameters = Float32Array.of(10);
    this.machine.restored({ version, parameters, slots: {} });
    this.take();
    this.words = [];
    return this;
  }

  subscribe(connection: number, workerId: string, incarnation = 1): void {
    const life = { workerId, incarnation };
    this.machine.subscribe(connection, { type: 'subscribe', ...life });
  }

  push(
    connection: number,
    firstLeaf: number,
    value: number,
    more: Partial<MessageOf<'push'>> = {},
  ): ServerEffect[] {
    const message: MessageOf<'push'> = {
      ...{ type: 'push', pushId: 70 + firstLeaf, taskId: 7, term: 5 },
      ...{ step: 0, firstLeaf, numLeaves: 1, bases: [99, 0] },
      ...{ count: 1, lossSum: 0.5, correct: 1, phases: NO_PHASES },
      ...{ begin: 1, end: 2, dtype: 'float32' },
      ...more,
    };
    const payload = float32Payload(Float32Array.of(value));
    this.machine.push(connection, { message, payload });
    return this.take();
  }

  pull(wanted: { version?: number; atLeast?: number }): string[] {
    this.machine.pull(1, { type: 'pull', ...wanted });
    return this.take().map(described);
  }

  take(): ServerEffect[] {
    return this.#out.take();
  }
}

/** An effect in a few words; parameters with version and value. */
function described(effect: ServerEffect): string {
  if (effect.type !== 'send' && effect.type !== 'broadcast') return effect.type;
  const to =
    effect.type === 'send' ? effect.connection : effect.connections.join();
  const { message, payload } = effect.packet;
  const isPush = message.type === 'push-result';
  if (isPush) return `${to}: ${message.outcome} ${message.version}`;
  if (message.type !== 'parameters') return `${to}: ${message.type}`;
  return `${to}: version ${message.version} = ${payloadAsFloat32(payload, 1)[0]}`;
}

describe('ShardMachine', () => {
  it('answers each push, tells the coordinator, and gives each version to all', () => {
    const stage = new Stage().serve();
    expect(stage.push(1, 0, 4).map(described)).toEqual(['1: accepted 0']);
    // 10 - (4 + 2) / 2
    expect(stage.push(2, 1, 2).map(described)).toEqual([
      '2: accepted 1',
      '1,2: version 1 = 7',
    ]);
    const word = {
      type: 'received',
      step: 0,
      numLeaves: 1,
      outcome: 'accepted',
    };
    const [first, second] = stage.words;
    expect(first).toMatchObject({ ...word, workerId: 'a', firstLeaf: 0 });
    expect(first).not.toHaveProperty('applied');
    expect(second).toMatchObject({
      ...{ ...word, workerId: 'b', firstLeaf: 1, version: 1, staleness: 0 },
      // the mean gradient is 3
      applied: { step: 0, count: 2, lossSum: 1, correct: 2, squaredNorm: 9 },
    });
    expect(second).not.toHaveProperty('applied.sum');
  });

  it('says why it refuses, to the worker and to the coordinator', () => {
    const stage = new Stage().serve();
    const [answer] = stage.push(1, 0, NaN);
    const message = expect.stringContaining('holds NaN') as string;
    expect(answer).toMatchObject({
      packet: {
        message: {
          ...{ type: 'push-result', pushId: 70, outcome: 'refused' },
          ...{ code: 'ERR_NON_FINITE_GRADIENT', message },
        },
      },
    });
    expect(stage.words).toMatchObject([{ outcome: 'refused', message }]);
  });

  it('takes no push of a connection that has not subscribed', () => {
    const stage = new Stage().serve();
    expect(stage.push(3, 0, 4)).toMatchObject([
      { type: 'close', connection: 3, code: 'ERR_NOT_JOINED' },
    ]);
    expect(stage.words).toEqual([]);
    expect(stage.push(1, 0, 4).map(described)).toEqual(['1: accepted 0']);
  });

  it('gives who pushed the new version on arrival, and nobody else', () => {
    const stage = new Stage(ASYNC).serve();
    expect(stage.push(1, 1, 4).map(described)).toEqual([
      '1: accepted 1',
      '1: version 1 = 6',
      'order',
    ]);
    // its own entry of bases counts: one behind
    expect(stage.push(2, 0, 1).slice(0, 2).map(described)).toEqual([
      '2: accepted 2',
      '2: version 2 = 5',
    ]);
    expect(stage.words.at(-1)).toMatchObject({ staleness: 1 });
  });

  it('records on arrival what was applied to what, from the start on', () => {
    const stage = new Stage(ASYNC);
    stage.machine.obey({ type: 'restore', version: 2, term: 5 });
    const parameters = Float32Array.of(10);
    stage.machine.restored({ version: 2, parameters, slots: {} });
    const begin = { type: 'order', start: 2, entry: undefined };
    expect(stage.take()).toContainEqual(begin);
    const applied = stage.push(1, 1, 4, { step: 1, bases: [3, 2] });
    const entry = { step: 1, leaf: 1, bases: [3, 2] };
    expect(applied).toContainEqual({ type: 'order', start: 2, entry });
    // what is not applied is not recorded
    const again = stage.push(1, 1, 4, { step: 1, bases: [3, 2] });
    expect(again.map(described)).toEqual(['1: duplicate 3']);
  });

  it('takes no gradient of another term on arrival: versions mean other things', () => {
    const stage = new Stage(ASYNC).serve(0, 5);
    expect(stage.push(1, 0, 4, { term: 4 }).map(described)).toEqual([
      '1: stale 0',
    ]);
    // a version has the same bits in every term of mode sync
    const sync = new Stage().serve(0, 5);
    expect(sync.push(1, 0, 4, { term: 4 }).map(described)).toEqual([
      '1: accepted 0',
    ]);
  });
});

describe('pushes that wait for a standby', () => {
  /** On arrival each push makes a version: all wait but the first. */
  function waiting(): Stage {
    const stage = new Stage(ASYNC).serve();
    stage.machine.follow(9);
    stage.machine.replicated(9);
    stage.push(1, 0, 1);
    stage.push(1, 1, 1);
    stage.push(2, 0, 1, { step: 1 });
    expect(stage.machine.numHeld).toBe(2);
    return stage;
  }

  it('each give a version of their own when it is gone', () => {
    const stage = waiting();
    stage.machine.disconnected(9);
    const versions = stage
      .take()
      .map(described)
      .filter((text) => text.includes('version'));
    // the second one is made before the first is sent
    expect(versions).toEqual(['1: version 2 = 8', '2: version 3 = 7']);
  });

  it('are forgotten with the life that pushed them', () => {
    const stage = waiting();
    stage.subscribe(3, 'a', 2);
    expect(stage.machine.numHeld).toBe(1);
    stage.machine.disconnected(2);
    expect(stage.machine.numHeld).toBe(0);
  });
});

describe('pulling from a ShardMachine', () => {
  it('gives a version that is there, or at least the newest', () => {
    const stage = new Stage().serve();
    stage.push(1, 0, 4);
    stage.push(2, 1, 2);
    expect(stage.pull({})).toEqual(['1: version 1 = 7']);
    expect(stage.pull({ version: 1 })).toEqual(['1: version 1 = 7']);
    expect(stage.pull({ atLeast: 1 })).toEqual(['1: version 1 = 7']);
    expect(stage.pull({ atLeast: 0 })).toEqual(['1: version 1 = 7']);
    // one behind: the servers beside it may still need that
    expect(stage.pull({ version: 0 })).toEqual(['1: version 0 = 10']);
  });

  it('does not answer while there is no such slice', () => {
    const stage = new Stage().serve();
    expect(stage.pull({ atLeast: 1 })).toEqual([]);
    expect(stage.pull({ version: 1 })).toEqual([]);
    const fresh = new Stage();
    expect(fresh.pull({})).toEqual([]);
  });
});

describe('subscribing at a ShardMachine', () => {
  it('gives the newest slice at once', () => {
    const stage = new Stage().serve();
    stage.subscribe(3, 'c');
    expect(stage.take().map(described)).toEqual(['3: version 0 = 10']);
  });

  it('gives it later where there is none yet', () => {
    const stage = new Stage();
    stage.subscribe(3, 'c');
    expect(stage.take()).toEqual([]);
    stage.machine.restored({
      ...{ version: 0, parameters: Float32Array.of(10), slots: {} },
    });
    expect(stage.take().map(described)).toContain('3: version 0 = 10');
  });

  it('closes an older life of a worker, whichever comes first', () => {
    const stage = new Stage().serve();
    stage.subscribe(3, 'a', 2);
    const replaced = { type: 'close', code: 'ERR_REPLACED' };
    expect(stage.take()).toMatchObject([
      { ...replaced, connection: 1 },
      { type: 'send', connection: 3 },
    ]);
    stage.subscribe(4, 'a', 1);
    expect(stage.take()).toMatchObject([{ ...replaced, connection: 4 }]);
  });

  it('ends with the connection', () => {
    const stage = new Stage().serve();
    stage.machine.disconnected(1);
    stage.push(2, 0, 4);
    expect(stage.push(2, 1, 4).map(described)).toContain('2: version 1 = 6');
  });

  it('ends after 12 leases of silence', () => {
    const stage = new Stage().serve();
    stage.machine.at(100);
    stage.machine.heard(2);
    // leases of 100 ms: worker a was heard at 0
    stage.machine.at(1200);
    stage.machine.tick();
    expect(stage.take()).toEqual([]);
    stage.machine.at(1201);
    stage.machine.tick();
    expect(stage.take()).toEqual([{ type: 'terminate', connection: 1 }]);
    stage.push(2, 0, 4);
    expect(stage.push(2, 1, 4).map(described)).toContain('2: version 1 = 6');
  });
});

describe('orders to a ShardMachine', () => {
  it('counts nothing until it is told that its version holds', () => {
    const stage = new Stage();
    expect(stage.push(1, 0, 4).map(described)).toEqual(['1: stale 0']);
    const parameters = Float32Array.of(10);
    stage.machine.hold({ version: 0, parameters, slots: {} });
    expect(stage.push(1, 0, 4).map(described)).toEqual(['1: stale 0']);
    expect(stage.pull({ version: 0 })).toEqual([]);
    stage.machine.obey({ type: 'resume', term: 6 });
    stage.machine.heardOf(4);
    expect(stage.machine.term).toBe(6);
    expect(stage.take().map(described)).toEqual([
      '1: version 0 = 10',
      '2: version 0 = 10',
    ]);
    expect(stage.push(1, 0, 4).map(described)).toEqual(['1: accepted 0']);
  });

  it('goes back: reads, tells, and gives everybody the older version', () => {
    const stage = new Stage().serve();
    stage.push(1, 0, 4);
    stage.push(2, 1, 2);
    stage.machine.obey({ type: 'restore', version: 0, term: 6 });
    const restore = { type: 'restore', version: 0, removesNewer: false };
    expect(stage.take()).toEqual([restore]);
    expect([0, 1].map((v) => stage.machine.isRestoring(v))).toEqual([
      true,
      false,
    ]);
    // meanwhile nothing counts
    expect(stage.push(1, 0, 4, { step: 1 }).map(described)).toEqual([
      '1: stale 1',
    ]);
    stage.words = [];
    const parameters = Float32Array.of(10);
    stage.machine.restored({ version: 0, parameters, slots: {} });
    expect(stage.words).toEqual([{ type: 'restored', version: 0, term: 6 }]);
    expect(stage.machine.isRestoring(0)).toBe(false);
    const effects = stage.take();
    expect(effects.map(described)).toEqual([
      '1: version 0 = 10',
      '2: version 0 = 10',
    ]);
    expect(effects[0]).toHaveProperty('packet.message.term', 6);
    // the half step of before is forgotten
    expect(stage.push(1, 0, 4).map(described)).toEqual(['1: accepted 0']);
  });

  it('has newer checkpoints removed on arrival: they will be other things', () => {
    const stage = new Stage(ASYNC).serve();
    stage.machine.obey({ type: 'restore', version: 0, term: 6 });
    expect(stage.take()).toMatchObject([
      { type: 'restore', removesNewer: true },
    ]);
  });

  it('waits no more for a checkpoint that cannot be read', () => {
    const stage = new Stage();
    stage.machine.obey({ type: 'restore', version: 4, term: 6 });
    stage.machine.restoreFailed();
    expect(stage.machine.isRestoring(4)).toBe(false);
  });

  it('takes a checkpoint of the version that it is at, and of no other', () => {
    const stage = new Stage().serve(2);
    const order = { type: 'checkpoint', reason: 'epoch', keepFrom: 0 } as const;
    stage.machine.obey({ ...order, version: 1 });
    const failed = { type: 'checkpointed', version: 1, progress: 'failed' };
    expect([stage.take(), stage.words]).toEqual([[], [failed]]);
    stage.words = [];
    stage.machine.obey({ ...order, version: 2 });
    expect(stage.take()).toEqual([{ ...order, version: 2 }]);
    expect(stage.pull({})).toEqual(['1: version 2 = 10']);
    stage.machine.checkpointDone(2, true);
    stage.machine.checkpointDone(2, false);
    const told = { type: 'checkpointed', version: 2 };
    expect(stage.words).toEqual([
      { ...told, progress: 'taken' },
      { ...told, progress: 'written' },
      { ...told, progress: 'failed' },
    ]);
  });

  it.each(['drain', 'finished'] as const)(
    'counts nothing more after a checkpoint for %s: the run ends with it',
    (reason) => {
      const stage = new Stage().serve();
      stage.push(1, 0, 4);
      const order = { type: 'checkpoint', version: 0, keepFrom: 0 } as const;
      stage.machine.obey({ ...order, reason });
      stage.take();
      expect(stage.push(2, 1, 4).map(described)).toEqual(['2: stale 0']);
    },
  );
});
