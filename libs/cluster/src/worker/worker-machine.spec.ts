import { describe, expect, it } from 'vitest';
import { float32Payload } from '@muster/protocol';
import type { Message, MessageOf } from '@muster/protocol';
import { WorkerMachine } from './worker-machine.js';
import type { WorkerEffect, WorkerEvent } from './worker-events.js';

/** Server 0 is reached where the worker was started, the other one by url. */
const JOINED: MessageOf<'joined'> = {
  ...{ type: 'joined', incarnation: 4, runId: 'run', heartbeatMs: 100 },
  shards: [
    { begin: 0, end: 2, urls: [] },
    { begin: 2, end: 3, urls: ['ws://s1'] },
  ],
  dtype: 'json',
};
const PREPARED: WorkerEvent = {
  type: 'prepared',
  numParameters: 3,
  isOnArrival: false,
  wire: 'float32',
};

/** A worker with a script of two servers around it. */
class Stage {
  readonly machine: WorkerMachine;
  nowMs = 0;

  constructor(model?: string) {
    const identity = { workerId: 'w', numerics: 'c'.repeat(64), model };
    this.machine = new WorkerMachine({ ...identity, backend: 'wasm' });
    expect(this.machine.start(0)).toEqual([dial(0)]);
  }

  do(event: WorkerEvent): WorkerEffect[] {
    return this.machine.handle(event, this.nowMs);
  }

  hear(message: Message, payload?: Uint8Array, link = 0): WorkerEffect[] {
    return this.do({ type: 'packet', link, packet: { message, payload } });
  }

  connect(link: number): WorkerEffect[] {
    return this.do({ type: 'connected', link });
  }

  disconnect(link: number): WorkerEffect[] {
    return this.do({ type: 'disconnected', link });
  }

  /** Up to `subscribe` at both. */
  enter(): this {
    this.connect(0);
    this.hear(JOINED, new Uint8Array());
    this.connect(1);
    expect(sent(this.do(PREPARED))).toEqual(['0 subscribe', '1 subscribe']);
    return this;
  }
}

function dial(link: number, ...urls: string[]): WorkerEffect {
  return { type: 'dial', link, urls };
}

/** What is sent, as `link type`. */
function sent(effects: readonly WorkerEffect[]): string[] {
  return effects.flatMap((effect) =>
    effect.type === 'send'
      ? [`${effect.link} ${effect.packet.message.type}`]
      : [],
  );
}

describe('WorkerMachine', () => {
  it('dials, joins, prepares, subscribes', () => {
    const stage = new Stage();
    expect(stage.machine.state).toBe('offline');
    expect(sent(stage.connect(0))).toEqual(['0 join']);
    expect(stage.machine.state).toBe('joining');
    expect(stage.hear(JOINED, Uint8Array.of(1))).toEqual([
      dial(1, 'ws://s1'),
      { type: 'prepare', definition: Uint8Array.of(1) },
    ]);
    expect(stage.machine.state).toBe('preparing');
    expect(sent(stage.do(PREPARED))).toEqual(['0 subscribe']);
    expect(stage.machine.state).toBe('working');
    const [subscribe] = stage.connect(1);
    expect(subscribe).toMatchObject({
      link: 1,
      packet: { message: { type: 'subscribe', workerId: 'w', incarnation: 4 } },
    });
  });

  it('subscribes nowhere before it is prepared', () => {
    const stage = new Stage();
    stage.connect(0);
    stage.hear(JOINED, new Uint8Array());
    expect(stage.connect(1)).toEqual([]);
    expect(sent(stage.do(PREPARED))).toEqual(['0 subscribe', '1 subscribe']);
  });

  it('says which network it insists on, if it does', () => {
    const [join] = new Stage('d'.repeat(64)).connect(0);
    expect(join).toMatchObject({
      packet: { message: { model: 'd'.repeat(64) } },
    });
    const [plain] = new Stage().connect(0);
    expect(plain).not.toHaveProperty('packet.message.model');
    expect(plain).not.toHaveProperty('packet.message.incarnation');
  });

  it('has a version when the slices of all servers have it', () => {
    const stage = new Stage().enter();
    const hear = (link: number, begin: number, end: number) => {
      const payload = float32Payload(new Float32Array(end - begin));
      const range = { begin, end, dtype: 'float32' } as const;
      const message = {
        type: 'parameters',
        term: 1,
        version: 6,
        ...range,
      } as const;
      stage.hear(message, payload, link);
    };
    hear(0, 0, 2);
    expect(stage.machine.version).toBeUndefined();
    hear(1, 2, 3);
    expect(stage.machine.version).toBe(6);
  });

  it('comes back as the life that it was, prepared already', () => {
    const stage = new Stage().enter();
    expect(stage.disconnect(0)).toEqual([dial(0)]);
    expect(stage.machine.state).toBe('offline');
    const [join] = stage.connect(0);
    expect(join).toMatchObject({ packet: { message: { incarnation: 4 } } });
    const back = stage.hear(JOINED, new Uint8Array());
    // no second `prepare`; server 1 never was away: no second `dial`
    expect(back.map(({ type }) => type)).toEqual(['send', 'send']);
    expect(sent(back)).toEqual(['0 subscribe', '1 subscribe']);
  });

  it('works on with one server while it dials the other', () => {
    const stage = new Stage().enter();
    expect(stage.disconnect(1)).toEqual([dial(1, 'ws://s1')]);
    expect(stage.machine.state).toBe('working');
    expect(sent(stage.connect(1))).toEqual(['1 subscribe']);
  });

  it('connects to a server that has moved, and to no other', () => {
    const stage = new Stage().enter();
    const [first, second] = JOINED.shards;
    const moved = { ...second!, urls: ['ws://standby', 'ws://s1'] };
    const shards = [first!, moved];
    expect(stage.hear({ type: 'shards', shards: JOINED.shards })).toEqual([]);
    expect(stage.hear({ type: 'shards', shards })).toEqual([
      dial(1, 'ws://standby', 'ws://s1'),
    ]);
    // it is being dialled: hearing it again changes nothing
    expect(stage.hear({ type: 'shards', shards })).toEqual([]);
  });

  it('finishes preparing while it is offline', () => {
    const stage = new Stage();
    stage.connect(0);
    stage.hear(JOINED, new Uint8Array());
    stage.disconnect(0);
    expect(sent(stage.do(PREPARED))).toEqual([]);
    expect(stage.machine.state).toBe('offline');
    stage.connect(0);
    const back = stage.hear(JOINED, new Uint8Array());
    expect(sent(back)).toEqual(['0 subscribe']);
  });

  it('gives a sign of life on every link, to the coordinator once it is known', () => {
    const stage = new Stage();
    stage.connect(0);
    stage.nowMs = 4000;
    // 'join' is not answered: the next sign must not be taken for the first
    expect(sent(stage.do({ type: 'tick' }))).toEqual([]);
    stage.hear(JOINED, new Uint8Array());
    stage.connect(1);
    stage.nowMs = 4100;
    expect(sent(stage.do({ type: 'tick' }))).toEqual([
      '0 heartbeat',
      '1 heartbeat',
    ]);
  });
});

describe('a worker that slept', () => {
  it('hears the servers before it takes them for dead', () => {
    const stage = new Stage().enter();
    stage.nowMs = 100;
    stage.do({ type: 'tick' });
    // heartbeats of 100 ms: a server is dead after 500, this is much longer
    stage.nowMs = 9000;
    expect(stage.do({ type: 'tick' })).toEqual([]);
    stage.hear({ type: 'heartbeat', sequence: 1 }, undefined, 0);
    stage.nowMs = 9100;
    expect(stage.do({ type: 'tick' })).toMatchObject([
      { type: 'send', link: 0 },
      // server 1 has said nothing meanwhile
      { type: 'terminate', link: 1 },
    ]);
  });
});

describe('the end of a worker', () => {
  it.each([
    ['finished', { outcome: 'finished' }],
    ['stopping', { outcome: 'drained' }],
    ['failed', { outcome: 'drained' }],
  ] as const)('says goodbye when the run is %s', (reason, end) => {
    const stage = new Stage().enter();
    const effects = stage.hear({ type: 'drain', reason });
    expect(sent(effects)).toEqual(['0 leave']);
    expect(effects.at(-1)).toEqual({ type: 'stop', end });
    expect(stage.machine.state).toBe('stopped');
  });

  it('does nothing after it', () => {
    const stage = new Stage().enter();
    stage.do({ type: 'drain' });
    stage.nowMs = 10_000;
    const events: WorkerEvent[] = [
      { type: 'tick' },
      { type: 'disconnected', link: 0 },
      { type: 'connected', link: 0 },
      { type: 'drain' },
      PREPARED,
    ];
    expect(events.flatMap((event) => stage.do(event))).toEqual([]);
  });

  it('says goodbye when it is asked to stop', () => {
    const effects = new Stage().enter().do({ type: 'drain' });
    expect(sent(effects)).toEqual(['0 leave']);
    expect(effects.at(-1)).toMatchObject({ end: { outcome: 'drained' } });
  });

  it.each([
    ['ERR_MODEL_MISMATCH', { outcome: 'failed', message: 'why' }],
    // it comes after the end: that is no failure
    ['ERR_DRAINING', { outcome: 'finished' }],
  ] as const)('stops when it is refused with %s', (code, end) => {
    const stage = new Stage();
    stage.connect(0);
    const effects = stage.hear({ type: 'refused', code, message: 'why' });
    expect(effects).toMatchObject([{ type: 'stop', end }]);
  });

  it('does not work for another run than it was prepared for', () => {
    const stage = new Stage().enter();
    stage.disconnect(0);
    stage.connect(0);
    const effects = stage.hear({ ...JOINED, runId: 'other' });
    expect(effects.at(-1)).toMatchObject({
      end: { outcome: 'failed', code: 'ERR_NOT_JOINED' },
    });
  });

  it('says why it leaves when it cannot prepare', () => {
    const stage = new Stage();
    stage.connect(0);
    stage.hear(JOINED, new Uint8Array());
    // `leave` holds 200 characters
    const message = 'x'.repeat(300);
    const failure = { code: 'ERR_DATASET_MISMATCH', message } as const;
    const effects = stage.do({ type: 'prepare-failed', ...failure });
    expect(effects).toMatchObject([
      { packet: { message: { type: 'leave', reason: 'x'.repeat(200) } } },
      { type: 'stop', end: { outcome: 'failed', ...failure } },
    ]);
  });

  it('fails when a server says what only workers say', () => {
    const effects = new Stage().enter().hear({ type: 'leave', reason: 'x' });
    expect(effects).toMatchObject([{ end: { code: 'ERR_MALFORMED_MESSAGE' } }]);
  });

  it('fails when a server sends keys that are not its own', () => {
    const stage = new Stage().enter();
    const range = { begin: 0, end: 3, dtype: 'float32' } as const;
    const effects = stage.hear(
      { type: 'parameters', term: 1, version: 0, ...range },
      float32Payload(new Float32Array(3)),
      1,
    );
    expect(effects).toMatchObject([
      {
        type: 'stop',
        end: {
          code: 'ERR_SHAPE_MISMATCH',
          message: 'server 1 sent parameters 0 to 3, it owns 2 to 3',
        },
      },
    ]);
  });
});
