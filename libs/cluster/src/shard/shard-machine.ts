/**
 * The brain of one parameter shard: gives parameters out, decides on pushes,
 * tells the coordinator of them, and does what the coordinator orders.
 *
 * ```
 *  empty -- restored | state --> holding -- resume | restored --> serving
 *                                   ^                                |
 *                                   +------ restore ordered ---------+
 * ```
 *
 * - `empty`: nothing is in memory yet; ends with a checkpoint's slice.
 * - `holding`: parameters are there, but the coordinator has not said that
 *   they are the cluster's; pushes are answered `stale`.
 * - `serving`: pushes count.
 */
import type { MessageOf, Packet, RunDefinition } from '@muster/protocol';
import { Followers } from './followers.js';
import { HeldParameters } from './held-parameters.js';
import type { ShardPosition } from './held-parameters.js';
import type { LedgerState } from '../coordinator/ledger.js';
import type { Outbox } from '../server/outbox.js';
import { ParameterShard } from './parameter-shard.js';
import type { ShardStart } from './parameter-shard.js';
import { Plan } from '../plan/plan.js';
import { PullDesk } from './pull-desk.js';
import { PushDesk } from './push-desk.js';
import { Subscribers } from './subscribers.js';

/** What a shard says to the coordinator. */
export type ShardWord =
  | MessageOf<'received'>
  | MessageOf<'restored'>
  | MessageOf<'checkpointed'>;

/** What the coordinator orders. */
export type ShardOrder =
  | MessageOf<'restore'>
  | MessageOf<'resume'>
  | MessageOf<'checkpoint'>;

/**
 * Versions that are kept beside the newest: a standby that takes over may be
 * one behind its primary, and the other servers one ahead of that.
 */
export const NUM_PREVIOUS = 2;

/** Leases of silence after which a worker's connection is taken for dead. */
const DEAD_AFTER_LEASES = 12;

/** What a shard needs of the server around it. */
export interface ShardSurroundings {
  readonly leaseMs: number;
  readonly out: Outbox;
  /** Is given what the coordinator has to know, in order. */
  readonly tell: (word: ShardWord) => void;
  /** The account, where it is kept here. */
  readonly ledgerOf: () => LedgerState | undefined;
}

/** See the head of this file. */
export class ShardMachine {
  readonly #run: RunDefinition;
  readonly #around: ShardSurroundings;
  readonly #held: HeldParameters;
  readonly #subscribers = new Subscribers();
  readonly #followers: Followers;
  readonly #pushes: PushDesk;
  readonly #pulls: PullDesk;
  /** The version that is being read, if one is. */
  #restoring: number | undefined;
  #nowMs = 0;

  constructor(
    run: RunDefinition,
    position: ShardPosition,
    around: ShardSurroundings,
  ) {
    const { out, tell } = around;
    this.#run = run;
    this.#around = around;
    this.#held = new HeldParameters(position);
    this.#followers = new Followers(out);
    const parts = { held: this.#held, out, subscribers: this.#subscribers };
    const { followers } = this;
    this.#pushes = new PushDesk({ ...parts, followers, tell });
    this.#pulls = new PullDesk({
      ...parts,
      onEnded: (connection) => this.#pushes.forget(connection),
    });
  }

  /** Which part of the parameters it owns. */
  get position(): ShardPosition {
    return this.#held.position;
  }

  /** The parameters, once they are there. */
  get shard(): ParameterShard | undefined {
    return this.#held.shard;
  }

  /** The newest term it has heard of. */
  get term(): number {
    return this.#held.term;
  }

  /** Pushes that wait for a follower to catch up. */
  get numHeld(): number {
    return this.#pushes.numWaiting;
  }

  /** The standby that follows it, if one does. */
  get followers(): Followers {
    return this.#followers;
  }

  /** Time; every call after it happens at this time. Milliseconds. */
  at(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** Notes a sign of life of a worker or a follower. */
  heard(connection: number): void {
    this.#subscribers.heard(connection, this.#nowMs);
    this.#followers.heard(connection, this.#nowMs);
  }

  /** Ends connections that are silent; nobody waits for a silent standby. */
  tick(): void {
    const { leaseMs, out } = this.#around;
    this.#pulls.endSilent(leaseMs * DEAD_AFTER_LEASES, this.#nowMs);
    const connection = this.#followers.removeSilent(leaseMs, this.#nowMs);
    if (connection === undefined) return;
    out.add({ type: 'terminate', connection });
    this.#pushes.release();
  }

  /** Raises the term to one that was heard of. */
  heardOf(term: number): void {
    this.#held.term = Math.max(this.#held.term, term);
  }

  // ---- what workers say ---------------------------------------------------

  /** A worker wants parameters from now on. */
  subscribe(connection: number, subscribe: MessageOf<'subscribe'>): void {
    this.#pulls.subscribe(connection, subscribe, this.#nowMs);
  }

  /** A connection is gone. */
  disconnected(connection: number): void {
    this.#subscribers.remove(connection);
    this.#pushes.forget(connection);
    if (this.#followers.remove(connection)) this.#pushes.release();
  }

  /** Sends the slice that is asked for, if it is there. */
  pull(connection: number, pull: MessageOf<'pull'>): void {
    this.#pulls.pull(connection, pull);
  }

  /** Decides on a push; answers, and tells the coordinator. */
  push(connection: number, packet: Packet<MessageOf<'push'>>): void {
    this.#pushes.push(connection, packet);
  }

  // ---- what the coordinator orders ----------------------------------------

  /** Carries an order out. */
  obey(order: ShardOrder): void {
    switch (order.type) {
      case 'restore':
        return this.#restore(order);
      case 'resume':
        this.heardOf(order.term);
        return this.#serve();
      case 'checkpoint':
        return this.#checkpoint(order);
    }
  }

  /** Whether the checkpoint of this version is waited for. */
  isRestoring(version: number): boolean {
    return this.#restoring === version;
  }

  /** The checkpoint that was asked for cannot be read. */
  restoreFailed(): void {
    this.#restoring = undefined;
  }

  /** The slice of the checkpoint that was asked for is there. */
  restored(start: Omit<ShardStart, 'begin' | 'end'>): void {
    const { out, tell } = this.#around;
    const { version } = start;
    this.#restoring = undefined;
    this.hold(start);
    this.#held.startVersion = version;
    if (this.shard?.plan.isOnArrival === true) {
      out.add({ type: 'order', start: version, entry: undefined });
    }
    tell({ type: 'restored', version, term: this.term });
    this.#serve();
  }

  /** A checkpoint is down, or failed. */
  checkpointDone(version: number, ok: boolean): void {
    const progress = ok ? 'written' : 'failed';
    this.#around.tell({ type: 'checkpointed', version, progress });
  }

  #restore({ version, term }: MessageOf<'restore'>): void {
    this.#held.isServing = false;
    this.heardOf(term);
    // nobody waits for an answer that will not come
    this.#pushes.release();
    this.#restoring = version;
    // where the order of arrival decides, what is newer will be another thing
    const removesNewer = new Plan(this.#run).isOnArrival;
    this.#around.out.add({ type: 'restore', version, removesNewer });
  }

  #checkpoint({ version, reason, keepFrom }: MessageOf<'checkpoint'>): void {
    const { out, tell } = this.#around;
    if (this.shard?.version !== version) {
      return tell({ type: 'checkpointed', version, progress: 'failed' });
    }
    out.add({ type: 'checkpoint', version, reason, keepFrom });
    // the run ends at this version: what is still under way is too late
    if (reason === 'drain' || reason === 'finished') {
      this.#held.isServing = false;
    }
    tell({ type: 'checkpointed', version, progress: 'taken' });
  }

  // ---- primary and standby ------------------------------------------------

  /** Takes what is given as its own; does not serve it yet. */
  hold(start: Omit<ShardStart, 'begin' | 'end'>): void {
    const { begin, end, numShards } = this.position;
    const whole = { ...start, begin, end };
    // alone, a server is never asked for what the others have left behind
    const numPrevious = numShards > 1 ? NUM_PREVIOUS : 0;
    this.#held.shard = new ParameterShard(this.#run, whole, numPrevious);
  }

  /** Has the whole state sent to a follower, now or soon, and all that comes. */
  follow(connection: number): void {
    this.#followers.add(connection, this.#nowMs);
    if (this.#held.isServing) this.#sendState();
    this.#pushes.release();
  }

  /** A follower has made what it was sent too. */
  replicated(connection: number): void {
    this.#followers.replicated(connection);
    this.#pushes.release();
  }

  /** What is held counts from now on; everybody gets it. */
  #serve(): void {
    if (this.shard === undefined) return;
    this.#held.isServing = true;
    this.#sendState();
    this.#pulls.sendNewest();
  }

  #sendState(): void {
    const { shard, term } = this.#held;
    if (shard === undefined) return;
    this.#followers.sendState(shard, term, this.#around.ledgerOf());
  }
}
