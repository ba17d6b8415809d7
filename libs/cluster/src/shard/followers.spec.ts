import { describe, expect, it } from 'vitest';
import { float32Payload } from '@muster/protocol';
import type { MessageOf, RunDefinition } from '@muster/protocol';
import type { ServerEffect } from '../server/effects.js';
import { Outbox } from '../server/outbox.js';
import { ShardMachine } from './shard-machine.js';
import { NO_PHASES } from '../testing.js';

const FINGERPRINT = 'a'.repeat(64);
const SIZES = { rows: 1, columns: 1, channels: 1, numClasses: 2 };
/** 8 examples in leaves of 1: steps of 2 leaves. */
const RUN: RunDefinition = {
  ...{ protocol: 1, runId: 'run', seed: 1, epochs: 1, wire: 'float32' },
  ...{ globalBatchSize: 2, microBatches: 2, consistency: { name: 'sync' } },
  optimizer: { name: 'sgd' },
  schedule: { name: 'constant', learningRate: 1 },
  dataset: {
    ...{ name: 'x', fingerprint: FINGERPRINT, numTrain: 8, numTest: 1 },
    ...SIZES,
  },
  model: {
    ...{ topology: {}, fingerprint: FINGERPRINT, numParameters: 1 },
    layout: [{ name: 'w', shape: [1], offset: 0 }],
  },
};
/** Connections: a standby, and a worker. */
const STANDBY = 9;
const WORKER = 1;

/** A primary that is followed, with leases of 100 ms. */
class Stage {
  readonly #out = new Outbox();
  readonly machine: ShardMachine;

  constructor(follower = STANDBY) {
    const position = { shard: 1, numShards: 2, begin: 0, end: 1 };
    this.machine = new ShardMachine(RUN, position, {
      ...{ leaseMs: 100, out: this.#out },
      ...{ tell: () => undefined, ledgerOf: () => undefined },
    });
    this.subscribe();
    this.restored();
    this.machine.follow(follower);
    this.machine.replicated(follower);
    this.take();
  }

  get version(): number {
    return this.machine.shard!.version;
  }

  subscribe(): void {
    const life = { workerId: 'w', incarnation: 1 };
    this.machine.subscribe(WORKER, { type: 'subscribe', ...life });
  }

  restored(): void {
    const parameters = Float32Array.of(0);
    this.machine.restored({ version: 0, parameters, slots: {} });
  }

  push(step: number, firstLeaf: number): void {
    const message: MessageOf<'push'> = {
      ...{ type: 'push', pushId: step * 2 + firstLeaf, taskId: 7, term: 0 },
      ...{ step, firstLeaf, numLeaves: 1, bases: [step, step] },
      ...{ count: 1, lossSum: 0, correct: 1, phases: NO_PHASES },
      ...{ begin: 0, end: 1, dtype: 'float32' },
    };
    const payload = float32Payload(Float32Array.of(1));
    this.machine.push(WORKER, { message, payload });
  }

  /** All leaves of steps 0 and 1; the last one waits for the standby. */
  pushTwoSteps(): this {
    for (const step of [0, 1]) {
      for (const leaf of [0, 1]) this.push(step, leaf);
    }
    return this;
  }

  take(): ServerEffect[] {
    return this.#out.take();
  }

  /** What the worker was told, and the standby, since the last call. */
  said(): { answers: string[]; toStandby: string[] } {
    const answers: string[] = [];
    const toStandby: string[] = [];
    for (const effect of this.take()) {
      if (effect.type !== 'send') continue;
      const { message } = effect.packet;
      if (effect.connection === STANDBY) toStandby.push(message.type);
      if (message.type === 'push-result') answers.push(message.outcome);
    }
    return { answers, toStandby };
  }
}

describe('a primary that is followed', () => {
  it('is never more than one version ahead', () => {
    const stage = new Stage();
    stage.push(0, 0);
    stage.push(0, 1);
    stage.push(1, 0);
    expect(stage.said()).toEqual({
      ...{ answers: ['accepted', 'accepted', 'accepted'] },
      toStandby: ['replicate'],
    });
    // the last leaf would make version 2, and version 1 is not confirmed
    stage.push(1, 1);
    expect(stage.said()).toEqual({ answers: [], toStandby: [] });
    expect([stage.version, stage.machine.numHeld]).toEqual([1, 1]);
    stage.machine.replicated(STANDBY);
    expect(stage.said()).toEqual({
      ...{ answers: ['accepted'], toStandby: ['replicate'] },
    });
    expect([stage.version, stage.machine.numHeld]).toEqual([2, 0]);
  });

  it('makes no version while a new standby takes the state in', () => {
    const stage = new Stage();
    stage.machine.follow(STANDBY);
    stage.push(0, 0);
    stage.push(0, 1);
    expect(stage.version).toBe(0);
    stage.machine.replicated(STANDBY);
    expect(stage.version).toBe(1);
  });

  it('decides on what makes no version meanwhile', () => {
    const stage = new Stage();
    stage.push(0, 0);
    stage.push(0, 1);
    stage.push(0, 1);
    expect(stage.said().answers).toEqual(['accepted', 'accepted', 'stale']);
  });

  it('answers a copy of what waits when that is decided', () => {
    const stage = new Stage().pushTwoSteps();
    stage.push(1, 1);
    stage.take();
    stage.machine.replicated(STANDBY);
    // the step is over when the copy's turn comes
    expect(stage.said().answers).toEqual(['accepted', 'stale']);
  });

  it('waits no more when its standby is gone', () => {
    const stage = new Stage().pushTwoSteps();
    stage.take();
    stage.machine.disconnected(STANDBY);
    expect(stage.version).toBe(2);
    expect(stage.machine.followers.areClose).toBe(true);
    // and sends it nothing more
    expect(stage.said().toStandby).toEqual([]);
  });

  it('waits no more when its standby is silent for more than a lease', () => {
    const stage = new Stage().pushTwoSteps();
    stage.machine.at(100);
    stage.machine.heard(STANDBY);
    stage.machine.at(200);
    stage.machine.tick();
    expect(stage.version).toBe(1);
    stage.take();
    stage.machine.at(201);
    stage.machine.tick();
    expect(stage.version).toBe(2);
    const end = { type: 'terminate', connection: STANDBY };
    expect(stage.take()).toContainEqual(end);
  });

  it('does not answer a worker that is gone: it says it again', () => {
    const stage = new Stage().pushTwoSteps();
    stage.machine.disconnected(WORKER);
    stage.take();
    stage.machine.replicated(STANDBY);
    expect(stage.said().answers).toEqual([]);
    stage.subscribe();
    stage.push(1, 1);
    expect(stage.said().answers).toEqual(['accepted']);
  });

  it('starts over with a newer standby, and sends the other away', () => {
    const stage = new Stage(8).pushTwoSteps();
    stage.take();
    stage.machine.follow(STANDBY);
    const end = { type: 'close', connection: 8, code: 'ERR_REPLACED' };
    expect(stage.take()).toMatchObject([end, { connection: STANDBY }]);
    // what the one before still confirms is of no account
    stage.machine.replicated(8);
    expect(stage.version).toBe(1);
    stage.machine.replicated(STANDBY);
    expect(stage.version).toBe(2);
    expect(stage.said().toStandby).toEqual(['replicate']);
  });

  it('answers what waits with stale when it goes back', () => {
    const stage = new Stage().pushTwoSteps();
    stage.take();
    stage.machine.obey({ type: 'restore', version: 0, term: 6 });
    expect(stage.said().answers).toEqual(['stale']);
    expect(stage.machine.numHeld).toBe(0);
    stage.restored();
    expect(stage.said().toStandby).toEqual(['state']);
  });

  it('hears no confirmation from anybody else', () => {
    const stage = new Stage().pushTwoSteps();
    stage.machine.replicated(WORKER);
    expect(stage.machine.followers.areClose).toBe(false);
    expect(stage.machine.followers.connection).toBe(STANDBY);
    // the end of another connection is not that of the follower
    stage.machine.disconnected(77);
    expect(stage.machine.followers.connection).toBe(STANDBY);
  });
});
