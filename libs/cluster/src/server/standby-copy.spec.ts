import { describe, expect, it } from 'vitest';
import { float32Payload } from '@muster/protocol';
import type { Consistency, MessageOf, RunDefinition } from '@muster/protocol';
import { EMPTY_LEDGER, Ledger } from '../coordinator/ledger.js';
import type { LedgerState } from '../coordinator/ledger.js';
import { Outbox } from './outbox.js';
import { ShardMachine } from '../shard/shard-machine.js';
import { StandbyCopy } from './standby-copy.js';
import { NO_PHASES } from '../testing.js';

/** 8 examples in leaves of 1: 2 epochs of 4 steps of 2 leaves. */
function runOf(consistency: Consistency): RunDefinition {
  const fingerprint = 'a'.repeat(64);
  const sizes = { rows: 1, columns: 1, channels: 1, numClasses: 2 };
  return {
    ...{ protocol: 1, runId: 'run', seed: 1, epochs: 2, consistency },
    wire: 'float32',
    ...{ globalBatchSize: 2, microBatches: 2 },
    optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    schedule: { name: 'constant', learningRate: 0.01 },
    dataset: { name: 'x', fingerprint, numTrain: 8, numTest: 1, ...sizes },
    model: {
      ...{ topology: {}, fingerprint, numParameters: 2 },
      layout: [{ name: 'w', shape: [2], offset: 0 }],
    },
  };
}

const SYNC: Consistency = { name: 'sync' };
const OUTER = { name: 'nesterov', learningRate: 0.7, momentum: 0.9 } as const;
const LOCAL: Consistency = { name: 'local', steps: 2, outer: OUTER };
/** Connections at the primary: its standby, and a worker. */
const STANDBY = 9;
const WORKER = 1;

/** A primary and its standby; what they send to each other is handed over. */
class Pair {
  readonly #out = { primary: new Outbox(), standby: new Outbox() };
  readonly primary: ShardMachine;
  readonly standby: ShardMachine;
  readonly copy: StandbyCopy;
  /** The account, where this is the coordinator's pair. */
  ledger: LedgerState | undefined;

  /** @param shard 0 coordinates, and has the account. */
  constructor(consistency = SYNC, shard = 1) {
    const run = runOf(consistency);
    const position = { shard, numShards: 2, begin: 0, end: 2 };
    const { primary, standby } = this.#out;
    if (shard === 0) this.ledger = EMPTY_LEDGER;
    const around = (out: Outbox) => ({
      ...{ leaseMs: 100, out, tell: () => undefined },
      ledgerOf: () => this.ledger,
    });
    this.primary = new ShardMachine(run, position, around(primary));
    this.standby = new ShardMachine(run, position, around(standby));
    this.copy = new StandbyCopy(this.standby, standby);
    this.subscribe();
    this.primary.heardOf(5);
    this.restore(0);
  }

  subscribe(): void {
    this.primary.subscribe(WORKER, {
      ...{ type: 'subscribe', workerId: 'w', incarnation: 1 },
    });
  }

  restore(version: number): void {
    const parameters = Float32Array.of(0.1, 0.2);
    this.primary.restored({ version, parameters, slots: {} });
  }

  /** The standby follows from the primary's present version on. */
  follow(connection = STANDBY): this {
    this.primary.follow(connection);
    return this;
  }

  /** The same, up to the answer that all is there. */
  followed(): this {
    this.follow();
    this.toStandby();
    expect(this.toPrimary()).toEqual([this.primary.shard!.version]);
    return this;
  }

  /** Pushes one leaf of a step. */
  push(step: number, firstLeaf: number): void {
    const count = this.primary.shard!.plan.countOf({
      ...{ step, firstLeaf, numLeaves: 1 },
    });
    const message: MessageOf<'push'> = {
      ...{ type: 'push', pushId: step * 2 + firstLeaf, taskId: 7 },
      term: this.primary.term,
      ...{ step, firstLeaf, numLeaves: 1, bases: [step, step] },
      ...{ count, lossSum: 0.1 * step, correct: 1, phases: NO_PHASES },
      ...{ begin: 0, end: 2, dtype: 'float32' },
    };
    const slice = Float32Array.of(1 / (step + 3), firstLeaf - 0.7);
    this.primary.push(WORKER, { message, payload: float32Payload(slice) });
  }

  /** All leaves of steps 0 and 1; the last one waits for the standby. */
  pushTwoSteps(): void {
    for (const step of [0, 1]) {
      for (const leaf of [0, 1]) this.push(step, leaf);
    }
  }

  /** Hands over what the primary has for its standby. */
  toStandby(): string[] {
    const effects = this.#out.primary.take();
    const types: string[] = [];
    for (const effect of effects) {
      if (effect.type !== 'send' || effect.connection !== STANDBY) continue;
      types.push(effect.packet.message.type);
      this.copy.onPrimary(3, effect.packet);
    }
    return types;
  }

  /** Hands over what the standby has confirmed. */
  toPrimary(): number[] {
    return this.#out.standby.take().map((effect) => {
      const word = effect.type === 'send' ? effect.packet.message : undefined;
      if (word?.type !== 'replicated') throw new Error('no confirmation');
      this.primary.replicated(STANDBY);
      return word.version;
    });
  }

  expectSame(): void {
    const [primary, standby] = [this.primary.shard!, this.standby.shard!];
    expect(standby.version).toBe(primary.version);
    expect(standby.parameters).toEqual(primary.parameters);
    expect(standby.slots).toEqual(primary.slots);
  }
}

describe('a standby', () => {
  it('is sent everything once, in memory of its own', () => {
    const pair = new Pair();
    pair.push(0, 0);
    pair.push(0, 1);
    pair.follow();
    pair.push(1, 0);
    expect(pair.toStandby()).toEqual(['state']);
    pair.expectSame();
    expect(pair.standby.term).toBe(5);
    const { begin, end } = pair.standby.shard!;
    expect([begin, end]).toEqual([0, 2]);
    expect(pair.standby.shard!.parameters).not.toBe(
      pair.primary.shard!.parameters,
    );
  });

  it.each([
    ['sync', SYNC],
    ['local', LOCAL],
  ])('makes every version again, bit for bit, in mode %s', (_, mode) => {
    const pair = new Pair(mode).followed();
    const { plan } = pair.primary.shard!;
    for (let version = 0; version < plan.totalVersions; version++) {
      pair.push(plan.stepOf(version), 1);
      pair.push(plan.stepOf(version), 0);
      expect(pair.toStandby()).toEqual(['replicate']);
      expect(pair.toPrimary()).toEqual([version + 1]);
      pair.expectSame();
    }
    expect(pair.standby.shard!.version).toBe(plan.totalVersions);
  });

  it("of the coordinator makes a version when it has that one's account", () => {
    const pair = new Pair(SYNC, 0).followed();
    pair.push(0, 0);
    pair.push(0, 1);
    pair.toStandby();
    // parameters and account must not be of two versions
    expect(pair.standby.shard!.version).toBe(0);
    expect(pair.toPrimary()).toEqual([]);
    const ledger = new Ledger(EMPTY_LEDGER);
    ledger.apply({ count: 2, lossSum: 0, correct: 2 });
    pair.primary.followers.tellLedger(ledger.state, 1);
    pair.toStandby();
    expect(pair.toPrimary()).toEqual([1]);
    expect(pair.copy.ledger).toEqual(ledger.state);
    pair.expectSame();
  });

  it('takes the account that its primary sends, for its own version', () => {
    const pair = new Pair(SYNC, 0).followed();
    const ledger = new Ledger(EMPTY_LEDGER);
    ledger.addTrainTime(70);
    const { followers } = pair.primary;
    followers.tellLedger(ledger.state, 1);
    pair.toStandby();
    expect(pair.copy.ledger.trainMs).toBe(0);
    followers.tellLedger(ledger.state, 0);
    pair.toStandby();
    expect(pair.copy.ledger.trainMs).toBe(70);
  });

  it("has the epochs' ends that may still be evaluated", () => {
    const pair = new Pair();
    for (let step = 0; step < 5; step++) {
      pair.push(step, 0);
      pair.push(step, 1);
    }
    // epochs of 4 steps; the start of the run is no epoch's end
    expect(pair.follow().toStandby()).toEqual(['parameters', 'state']);
    const [end, copy] = [pair.primary, pair.standby].map(
      ({ shard }) => shard!.sliceOf(4)!,
    );
    expect(copy).toEqual(end);
    expect([...pair.standby.shard!.pinned.keys()]).toEqual([4]);
  });

  it('is sent everything again when its primary went back', () => {
    const pair = new Pair().followed();
    pair.pushTwoSteps();
    pair.toStandby();
    pair.toPrimary();
    pair.toStandby();
    pair.toPrimary();
    pair.expectSame();
    pair.primary.obey({ type: 'restore', version: 0, term: 6 });
    pair.restore(0);
    expect(pair.toStandby()).toEqual(['state']);
    pair.expectSame();
    expect(pair.standby.term).toBe(6);
    expect(pair.toPrimary()).toEqual([0]);
    // and training goes on
    pair.pushTwoSteps();
    pair.toStandby();
    pair.toPrimary();
    expect(pair.primary.shard!.version).toBe(2);
  });

  it('takes no answer of before for one to what came after', () => {
    const pair = new Pair().followed();
    pair.push(0, 0);
    pair.push(0, 1);
    pair.toStandby();
    // version 1 is confirmed, but that is on its way while the primary goes
    // back: the state is not confirmed with it, and nothing waits for ever
    pair.primary.obey({ type: 'restore', version: 0, term: 6 });
    pair.restore(0);
    expect(pair.toPrimary()).toEqual([1]);
    expect(pair.primary.followers.areClose).toBe(false);
    pair.toStandby();
    expect(pair.toPrimary()).toEqual([0]);
    expect(pair.primary.followers.areClose).toBe(true);
  });

  it('takes nothing that was left over from another connection', () => {
    const pair = new Pair(SYNC, 0).followed();
    pair.push(0, 0);
    pair.push(0, 1);
    pair.toStandby();
    pair.copy.disconnected();
    pair.primary.followers.tellLedger(EMPTY_LEDGER, 1);
    pair.toStandby();
    expect(pair.standby.shard!.version).toBe(0);
  });

  it('passes over a version that is not its next one', () => {
    const pair = new Pair().followed();
    const message: MessageOf<'replicate'> = {
      ...{ type: 'replicate', version: 2, count: 2, lossSum: 0, correct: 0 },
      ...{ begin: 0, end: 2, dtype: 'float32' },
    };
    const payload = float32Payload(Float32Array.of(1, 1));
    pair.copy.onPrimary(3, { message, payload });
    expect(pair.standby.shard!.version).toBe(0);
  });

  it('serves nobody until it is told to', () => {
    const pair = new Pair().followed();
    const pull = { type: 'pull', version: 0 } as const;
    pair.standby.pull(WORKER, pull);
    expect(pair.toPrimary()).toEqual([]);
    pair.standby.obey({ type: 'resume', term: 6 });
    pair.standby.pull(WORKER, pull);
    expect(() => pair.toPrimary()).toThrow('no confirmation');
  });

  it('that follows early is sent everything when its primary serves', () => {
    const pair = new Pair();
    pair.primary.obey({ type: 'restore', version: 0, term: 6 });
    pair.follow();
    expect(pair.toStandby()).toEqual([]);
    pair.restore(0);
    expect(pair.toStandby()).toEqual(['state']);
    pair.expectSame();
  });
});
