/**
 * What the parts of the coordinator share: who is there, what is out, the
 * account, and where the run stands. Driven at one time after the other.
 */
import { MusterError } from '@muster/protocol';
import type {
  ErrorCode,
  MessageOf,
  Packet,
  RunDefinition,
} from '@muster/protocol';
import type { CheckpointRound } from './checkpoint-round.js';
import type { RunEnd } from '../server/effects.js';
import { Ledger } from './ledger.js';
import type { LedgerState } from './ledger.js';
import { boundsOf } from '../shard/on-arrival.js';
import type { Outbox } from '../server/outbox.js';
import { Plan } from '../plan/plan.js';
import { Roster } from './roster.js';
import type { ShardOrder } from '../shard/shard-machine.js';
import { ShardRoster } from './shard-roster.js';
import type { ShardAddress } from './shard-roster.js';
import { TrainClock } from './train-clock.js';
import { Work } from '../work/work.js';

/** Settings of the cluster that do not change the result. */
export interface CoordinatorOptions {
  /** Silence after which a worker's tasks go to others. Milliseconds. */
  readonly leaseMs: number;
  /** How often workers give a sign of life. Milliseconds, at most half a lease. */
  readonly heartbeatMs: number;
  /** Steps between checkpoints, 0 for none; each epoch's end has one as well. */
  readonly checkpointEverySteps: number;
  /**
   * How many times the median pace makes a task slow, so that an idle worker
   * gets a copy of it and the first answer counts. 0 never gives a copy.
   */
  readonly stragglerFactor: number;
}

/** What a coordinator is made of. */
export interface CoordinatorStart extends CoordinatorOptions {
  readonly run: RunDefinition;
  /** Key ranges of all servers, by shard. */
  readonly ranges: readonly { readonly begin: number; readonly end: number }[];
  /** Larger than that of any coordinator before. */
  readonly term: number;
  readonly ledger: LedgerState;
  /** Monotone milliseconds. */
  readonly nowMs: number;
  /** Whether another coordinator was lost just now. */
  readonly isTakeOver: boolean;
  readonly out: Outbox;
  /** Brings an order to a server, here or elsewhere. */
  readonly sendOrder: (address: ShardAddress, order: ShardOrder) => void;
}

/** Why workers and servers are told to stop. */
export type DrainReason = MessageOf<'drain'>['reason'];

/** See the head of `coordinator.ts`. */
export type Phase = 'gathering' | 'running' | 'ended';

/** See the head of this file. */
export class Coordination {
  readonly run: RunDefinition;
  readonly plan: Plan;
  readonly options: CoordinatorOptions;
  readonly out: Outbox;
  readonly shards: ShardRoster;
  readonly ledger: Ledger;
  readonly roster: Roster;
  readonly work: Work;
  phase: Phase = 'gathering';
  /** Whether it finishes what is out, and ends. */
  isDraining = false;
  /** That it coordinates in: larger than any that it has heard of. */
  term: number;
  /** All servers have made it: where the next segment begins. */
  version = 0;
  /** The newest checkpoint that was ordered. */
  round: CheckpointRound | undefined;
  /** The newest version that every server has written whole. */
  keepFrom = 0;
  /** Time; the server's brain sets it before each event. Milliseconds. */
  nowMs: number;
  /** Since when the cluster stands still, if it was lost while it ran. */
  lostAtMs: number | undefined;
  /** How it ended, once it has. */
  ended: RunEnd | undefined;
  readonly #sendOrder: CoordinatorStart['sendOrder'];
  readonly #clock = new TrainClock();
  #toldMap = '';

  constructor(start: CoordinatorStart) {
    const { run, ranges, out } = start;
    this.run = run;
    this.plan = new Plan(run);
    this.options = start;
    this.term = start.term;
    this.nowMs = start.nowMs;
    this.lostAtMs = start.isTakeOver ? start.nowMs : undefined;
    this.out = out;
    this.#sendOrder = start.sendOrder;
    this.shards = new ShardRoster(ranges, start.nowMs);
    this.ledger = new Ledger(start.ledger);
    const { isOnArrival } = this.plan;
    const isBounded = run.consistency.name === 'bounded';
    const { maxStaleness } = boundsOf(run.consistency);
    this.work = new Work(this.plan, {
      stragglerFactor: isOnArrival ? 0 : start.stragglerFactor,
      numServers: ranges.length,
      maxStaleness: isBounded ? maxStaleness : undefined,
    });
    this.roster = new Roster(run, start, this.work, out);
  }

  /** Has a server do something, if it is there. */
  order(address: ShardAddress | undefined, order: ShardOrder): void {
    if (address !== undefined) this.#sendOrder(address, order);
  }

  /** Workers hear of each change of who is where. */
  tellMap(): void {
    const shards = this.shards.map;
    const text = JSON.stringify(shards);
    if (text === this.#toldMap) return;
    this.#toldMap = text;
    const { connections } = this.roster;
    if (connections.length === 0) return;
    const packet: Packet = { message: { type: 'shards', shards } };
    this.out.add({ type: 'broadcast', connections, packet });
  }

  /** Training time runs while somebody works on a segment. */
  startClock(): void {
    if (this.work.segment !== undefined) this.#clock.start(this.nowMs);
  }

  /** Enters the training time since it was read last. */
  readClock(): void {
    this.ledger.addTrainTime(this.#clock.read(this.nowMs));
  }

  /** Training time up to now: the ledger's, and what is not entered yet. */
  get trainMs(): number {
    return this.ledger.state.trainMs + this.#clock.elapsed(this.nowMs);
  }

  /** Training time stands still. */
  stopClock(): void {
    this.ledger.addTrainTime(this.#clock.stop(this.nowMs));
  }

  /** Tells everybody that it is over. */
  end(end: RunEnd, reason: DrainReason): void {
    if (this.phase === 'ended') return;
    this.stopClock();
    this.work.stopTraining(this.nowMs);
    this.work.stopEvaluating();
    this.phase = 'ended';
    this.ended = end;
    // who is replaced has nothing to say to others any more
    if (end.outcome !== 'replaced') {
      const message = { type: 'drain', reason } as const;
      const connections = [
        ...this.roster.connections,
        ...this.shards.connections,
      ];
      this.out.add({ type: 'broadcast', connections, packet: { message } });
    }
    this.out.add({ type: 'end', end });
  }

  /**
   * Tells a server that it is of no use, and why.
   * @throws MusterError `ERR_INTERNAL` for the server of this process.
   */
  refuseServer(address: ShardAddress, code: ErrorCode, text: string): void {
    if (typeof address !== 'number') {
      throw new MusterError('ERR_INTERNAL', text);
    }
    const message = text.slice(0, 1000);
    this.out.send(address, { message: { type: 'refused', code, message } });
    this.out.close(address, code, message);
  }
}
