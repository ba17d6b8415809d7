import { payloadAsFloat32 } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { HeldParameters } from './held-parameters.js';
import { Outbox } from '../server/outbox.js';
import { ParameterShard } from './parameter-shard.js';
import { PullDesk } from './pull-desk.js';
import { Subscribers } from './subscribers.js';
import { runOf } from '../testing.js';

/** The desk of a shard of two parameters, all `value` at a version. */
class Stage {
  readonly held = new HeldParameters({
    ...{ shard: 0, numShards: 1, begin: 0, end: 2 },
  });
  readonly ended: number[] = [];
  readonly #out = new Outbox();
  readonly desk = new PullDesk({
    ...{ held: this.held, out: this.#out, subscribers: new Subscribers() },
    onEnded: (connection) => void this.ended.push(connection),
  });

  hold(version: number, value: number): void {
    const parameters = new Float32Array(2).fill(value);
    const start = { version, begin: 0, end: 2, parameters, slots: {} };
    this.held.shard = new ParameterShard(runOf(), start);
    this.held.isServing = true;
  }

  subscribe(connection: number, workerId: string, incarnation = 1): string[] {
    const life = { workerId, incarnation };
    this.desk.subscribe(connection, { type: 'subscribe', ...life }, 0);
    return this.take();
  }

  pull(wanted: { version?: number; atLeast?: number }): string[] {
    this.desk.pull(4, { type: 'pull', ...wanted });
    return this.take();
  }

  /** What was done, as `connection: what`. */
  take(): string[] {
    return this.#out.take().map((effect) => {
      if (effect.type === 'close')
        return `${effect.connection}: ${effect.code}`;
      if (effect.type !== 'send') return effect.type;
      const { message, payload } = effect.packet;
      const version = 'version' in message ? message.version : undefined;
      const [first] = payloadAsFloat32(payload, 2);
      return `${effect.connection}: version ${version} = ${first}`;
    });
  }
}

describe('PullDesk', () => {
  it('gives the newest version to who subscribes, once there is one', () => {
    const stage = new Stage();
    expect(stage.subscribe(1, 'a')).toEqual([]);
    stage.hold(3, 7);
    expect(stage.subscribe(2, 'b')).toEqual(['2: version 3 = 7']);
    stage.desk.sendNewest();
    expect(stage.take()).toEqual(['1: version 3 = 7', '2: version 3 = 7']);
  });

  it('gives nothing of what does not count yet, or any more', () => {
    const stage = new Stage();
    stage.hold(3, 7);
    stage.held.isServing = false;
    expect(stage.subscribe(1, 'a')).toEqual([]);
    expect(stage.pull({})).toEqual([]);
  });

  it.each([
    [{}, ['4: version 3 = 7']],
    [{ version: 3 }, ['4: version 3 = 7']],
    [{ atLeast: 3 }, ['4: version 3 = 7']],
    // no such slice is here: it goes out when it is made, or never
    [{ version: 2 }, []],
    [{ version: 4 }, []],
    [{ atLeast: 4 }, []],
  ])('answers a pull of %o with %j', (wanted, answer) => {
    const stage = new Stage();
    stage.hold(3, 7);
    expect(stage.pull(wanted)).toEqual(answer);
  });

  it('ends the older lives of a worker, whichever came first', () => {
    const stage = new Stage();
    stage.subscribe(1, 'a', 1);
    expect(stage.subscribe(2, 'a', 3)).toEqual(['1: ERR_REPLACED']);
    expect(stage.subscribe(3, 'a', 2)).toEqual(['3: ERR_REPLACED']);
    // one that never had a subscription has nothing to be forgotten
    expect(stage.ended).toEqual([1]);
    stage.hold(0, 5);
    stage.desk.sendNewest();
    expect(stage.take()).toEqual(['2: version 0 = 5']);
  });

  it('ends who is silent for longer than it may be', () => {
    const stage = new Stage();
    stage.subscribe(1, 'a');
    stage.desk.endSilent(100, 100);
    expect([stage.take(), stage.ended]).toEqual([[], []]);
    stage.desk.endSilent(100, 101);
    expect([stage.take(), stage.ended]).toEqual([['terminate'], [1]]);
  });
});
