/**
 * A server's brain with scripted peers, for specs: one event in, and what it
 * said and did since.
 */
import { PROTOCOL_VERSION, runFingerprint } from '@muster/protocol';
import type {
  Consistency,
  Message,
  MessageOf,
  MessageType,
  Phases,
  RunDefinition,
  WireFormat,
} from '@muster/protocol';
import type { ServerEffect, ServerEvent } from './server/effects.js';
import type { RunReport } from './server/run-report.js';
import { EMPTY_LEDGER } from './coordinator/ledger.js';
import type { LedgerState } from './coordinator/ledger.js';
import { ServerMachine } from './server/server-machine.js';
import type { ServerOptions } from './server/server-machine.js';
import { encodeSlice } from './formats/slice-format.js';

/** 8 examples in leaves of 2: 2 epochs of 2 steps of 2 leaves; 32 parameters. */
export function runOf(
  consistency: Consistency = { name: 'sync' },
  wire: WireFormat = 'float32',
): RunDefinition {
  const fingerprint = 'a'.repeat(64);
  const sizes = { rows: 1, columns: 1, channels: 1, numClasses: 2 };
  return {
    ...{ protocol: PROTOCOL_VERSION, runId: 'run', seed: 1, epochs: 2 },
    ...{ consistency, wire, globalBatchSize: 4, microBatches: 2 },
    optimizer: { name: 'sgd' },
    schedule: { name: 'constant', learningRate: 1 },
    dataset: { name: 'x', fingerprint, numTrain: 8, numTest: 600, ...sizes },
    model: {
      ...{ topology: {}, fingerprint, numParameters: 32 },
      layout: [{ name: 'w', shape: [32], offset: 0 }],
    },
  };
}

/** Phases of a push that took no time. */
export const NO_PHASES: Phases = {
  ...{ wait: 0, data: 0, compute: 0, encode: 0, push: 0, pull: 0 },
};

/** Parameters of one of so many servers. */
const RANGES = {
  1: [{ begin: 0, end: 32 }],
  2: [
    { begin: 0, end: 16 },
    { begin: 16, end: 32 },
  ],
} as const;

/** What differs from a lone primary in mode `sync`. */
export interface ScriptedOptions
  extends Partial<Omit<ServerOptions, 'ranges'>> {
  readonly numServers?: 1 | 2;
  readonly consistency?: Consistency;
  readonly wire?: WireFormat;
  readonly checkpoints?: readonly number[];
  /** Where it serves metrics. */
  readonly metricsUrl?: string;
}

/** See the head of this file. */
export class ScriptedServer {
  readonly run: RunDefinition;
  readonly machine: ServerMachine;
  readonly reports: RunReport[] = [];
  nowMs = 0;
  readonly #range: { readonly begin: number; readonly end: number };
  #effects: ServerEffect[] = [];

  constructor(options: ScriptedOptions = {}) {
    const { numServers = 1, checkpoints = [0], ...others } = options;
    const { consistency, wire, metricsUrl, ...rest } = others;
    this.run = runOf(consistency, wire);
    const ranges = RANGES[numServers];
    this.#range = ranges[options.shard ?? 0] ?? ranges[0];
    this.machine = new ServerMachine(this.run, {
      ...{ shard: 0, role: 'primary', term: 100, ranges },
      ...{ leaseMs: 1000, heartbeatMs: 200 },
      ...{ checkpointEverySteps: 0, stragglerFactor: 0 },
      ...rest,
    });
    this.#note(this.machine.start('ws://me', checkpoints, 0, metricsUrl));
  }

  /** Hands an event in. */
  handle(event: ServerEvent): this {
    this.#note(this.machine.handle(event, this.nowMs));
    return this;
  }

  /** Time passes, in ticks of 100 ms. */
  wait(milliseconds: number): this {
    const untilMs = this.nowMs + milliseconds;
    while (this.nowMs < untilMs) {
      this.nowMs = Math.min(untilMs, this.nowMs + 100);
      this.handle({ type: 'tick' });
    }
    return this;
  }

  /** Somebody says something. */
  hear(connection: number, message: Message, payload?: Uint8Array): this {
    const packet = payload ? { message, payload } : { message };
    return this.handle({ type: 'packet', connection, packet });
  }

  /** The checkpoint that was ordered is read: all parameters are `value`. */
  restored(
    version: number,
    value = 1,
    ledger: LedgerState = EMPTY_LEDGER,
  ): this {
    const { begin, end } = this.#range;
    const parameters = new Float32Array(end - begin).fill(value);
    return this.handle({
      type: 'restored',
      ...{ version, parameters, slots: {}, ledger },
    });
  }

  /** A worker joins and subscribes. */
  join(connection: number, more: Partial<MessageOf<'join'>> = {}): this {
    this.handle({ type: 'connected', connection });
    const workerId = more.workerId ?? `w${connection}`;
    this.hear(connection, {
      ...{ type: 'join', protocol: PROTOCOL_VERSION, workerId },
      ...{ numerics: 'c'.repeat(64), backend: 'wasm' },
      ...more,
    });
    const joined = this.sent(connection, 'joined').at(-1);
    if (!joined) return this;
    const { incarnation } = joined;
    return this.hear(connection, { type: 'subscribe', workerId, incarnation });
  }

  /** Server 1 joins. */
  joinServer(
    connection: number,
    more: Partial<MessageOf<'shard-join'>> = {},
  ): this {
    this.handle({ type: 'connected', connection });
    return this.hear(connection, {
      ...{ type: 'shard-join', protocol: PROTOCOL_VERSION },
      ...{ run: runFingerprint(this.run), shard: 1, numShards: 2 },
      ...{ begin: 16, end: 32, url: 'ws://one', role: 'primary', term: 0 },
      checkpoints: [0],
      ...more,
    });
  }

  /** A push of one leaf to this server: ones. */
  push(
    connection: number,
    step: number,
    firstLeaf: number,
    more: Partial<MessageOf<'push'>> = {},
  ): this {
    const { begin, end } = this.#range;
    const message: MessageOf<'push'> = {
      ...{ type: 'push', pushId: step * 10 + firstLeaf, taskId: 1 },
      ...{ step, firstLeaf, numLeaves: 1, bases: [step, step] },
      ...{ term: this.machine.term, count: 2, lossSum: 1, correct: 1 },
      ...{ phases: NO_PHASES, begin, end, dtype: this.run.wire },
      ...more,
    };
    const slice = new Float32Array(message.end - message.begin).fill(1);
    const format = message.dtype === 'bf16' ? 'bf16' : 'float32';
    return this.hear(connection, message, encodeSlice(slice, format));
  }

  /** Server 1 has received both leaves of a step. */
  otherMade(connection: number, step: number): this {
    for (const firstLeaf of [0, 1]) {
      const isLast = firstLeaf === 1;
      this.hear(connection, {
        ...{ type: 'received', workerId: 'w1', taskId: 1, step, firstLeaf },
        ...{ numLeaves: 1, outcome: 'accepted', staleness: 0 },
        version: isLast ? step + 1 : step,
        ...{ count: 2, lossSum: 1, correct: 1, phases: NO_PHASES },
        ...(isLast && {
          applied: {
            ...{ step, count: 4, lossSum: 2, correct: 2 },
            ...{ learningRate: 1, squaredNorm: 1 },
          },
        }),
      });
    }
    return this;
  }

  /** A worker has evaluated both chunks of a version. */
  evaluate(connection: number, version: number): this {
    for (const [begin, end] of [
      [0, 500],
      [500, 600],
    ] as const) {
      this.hear(connection, {
        ...{ type: 'evaluated', pushId: 900 + begin, taskId: 1, version },
        ...{ begin, end, count: end - begin, correct: 7, lossSum: 3 },
        mistakes: [],
      });
    }
    return this;
  }

  /** Messages of a type that went to a connection since they were taken. */
  sent<T extends MessageType>(connection: number, type: T): MessageOf<T>[] {
    return this.#effects.flatMap((effect) => {
      if (effect.type !== 'send' && effect.type !== 'broadcast') return [];
      const to =
        effect.type === 'send' ? [effect.connection] : effect.connections;
      const { message } = effect.packet;
      const isWanted = to.includes(connection) && message.type === type;
      return isWanted ? [message as MessageOf<T>] : [];
    });
  }

  /** Effects of a type since they were taken. */
  done<T extends ServerEffect['type']>(
    type: T,
  ): Extract<ServerEffect, { type: T }>[] {
    return this.#effects.filter(
      (effect): effect is Extract<ServerEffect, { type: T }> =>
        effect.type === type,
    );
  }

  /** Forgets what was said and done so far. */
  take(): this {
    this.#effects = [];
    return this;
  }

  #note(effects: readonly ServerEffect[]): void {
    this.#effects.push(...effects);
    for (const effect of effects) {
      if (effect.type === 'report') this.reports.push(effect.report);
    }
  }
}
