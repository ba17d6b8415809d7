/**
 * The coordinator's brain: workers and servers, leases, the segment in
 * flight, evaluation, checkpoints, and the way back after a loss. Driven one
 * event at a time by the server's brain around it.
 *
 * ```
 *           every server is there
 * gathering --------------------> running -- all versions made, evaluated --> ended
 *     ^  |                           |                                          ^
 *     |  +-- restore ordered, done --+--------------- drain --------------------+
 *     +---------- a server is lost --+
 * ```
 */
import type { MessageOf, Packet } from '@muster/protocol';
import { Coordination } from './coordination.js';
import type { CoordinatorStart, Phase } from './coordination.js';
import type { RunEnd, ServerEvent } from '../server/effects.js';
import type { LedgerState } from './ledger.js';
import { overviewOf } from './overview.js';
import type { Overview } from './overview.js';
import { Progress } from './progress.js';
import { Questions } from './questions.js';
import type { Roster } from './roster.js';
import { ServerDesk } from './server-desk.js';
import type { ShardWord } from '../shard/shard-machine.js';
import { scrapeTargetsOf } from './scrape-targets.js';
import type { ScrapeTarget } from './scrape-targets.js';
import type { ShardAddress, StandbyPlace } from './shard-roster.js';
import { WorkerDesk } from './worker-desk.js';

/** See the head of this file. */
export class Coordinator {
  readonly #all: Coordination;
  readonly #progress: Progress;
  readonly #workers: WorkerDesk;
  readonly #servers: ServerDesk;
  readonly #questions: Questions;

  constructor(start: CoordinatorStart) {
    this.#all = new Coordination(start);
    this.#progress = new Progress(this.#all);
    this.#questions = new Questions(this.#all);
    this.#workers = new WorkerDesk(this.#all, this.#progress, this.#questions);
    this.#servers = new ServerDesk(this.#all, this.#progress);
  }

  /** The account as it stands. */
  get ledger(): LedgerState {
    return this.#all.ledger.state;
  }

  /** Members by state. */
  get memberCounts(): Roster['counts'] {
    return this.#all.roster.counts;
  }

  /** Who is there and serves metrics: servers by shard, then workers. */
  get scrapeTargets(): ScrapeTarget[] {
    return scrapeTargetsOf(this.#all.shards, this.#all.roster);
  }

  /**
   * Milliseconds that each active worker takes for a leaf, from being given
   * it to its being in: a mean over its last tasks; once it is known.
   */
  get paces(): Map<string, number> {
    const { roster, work } = this.#all;
    const paces = new Map<string, number>();
    for (const { workerId } of roster.active) {
      const unitMs = work.paceOf(workerId);
      if (unitMs !== undefined) paces.set(workerId, unitMs);
    }
    return paces;
  }

  /** Where the run stands, for whoever watches. */
  get overview(): Overview {
    return overviewOf(this.#all);
  }

  /**
   * Milliseconds in which steps were worked on, up to the last event; less
   * than it was after going back to a checkpoint.
   */
  get trainMs(): number {
    return this.#all.trainMs;
  }

  /** What the cluster is doing. */
  get phase(): Phase {
    return this.#all.phase;
  }

  /** Its own term. */
  get term(): number {
    return this.#all.term;
  }

  /** How it ended, once it has. */
  get end(): RunEnd | undefined {
    return this.#all.ended;
  }

  /** Time; every call after it happens at this time. Milliseconds. */
  at(nowMs: number): void {
    this.#all.nowMs = nowMs;
  }

  /** Somebody has connected, and will say who it is. */
  connected(connection: number): void {
    this.#all.roster.expect(connection, this.#all.nowMs);
  }

  /** A connection turned out to be that of its own server's standby. */
  isFollowed(follower: StandbyPlace): void {
    this.#all.roster.isNoWorker(follower.connection);
    this.#servers.followed(follower);
  }

  /**
   * Hears a message of a worker; `push` and `pull` are the shard's.
   * @returns whether it came from a member: what others push counts nothing.
   */
  onWorker(connection: number, packet: Packet): boolean {
    return this.#workers.heard(connection, packet);
  }

  /** A connection of a worker, or of a stranger, is gone. */
  onWorkerGone(connection: number): void {
    this.#workers.gone(connection);
  }

  /** Puts a question of the live page to a worker. */
  ask(question: Extract<ServerEvent, { type: 'classify' }>): void {
    this.#questions.ask(question);
  }

  /** Fails the questions that nobody will answer; call after each event. */
  settleQuestions(isOver: boolean): void {
    this.#questions.settle(isOver);
  }

  /** A server, or a standby, introduces itself. */
  onShardJoin(address: ShardAddress, join: MessageOf<'shard-join'>): void {
    this.#servers.joined(address, join);
  }

  /** A connection that was a server's is gone; tells whether it was one. */
  onShardGone(connection: number, why: string): boolean {
    return this.#servers.gone(connection, why);
  }

  /** Hears a heartbeat of a server; tells whether it was one's. */
  onShardHeartbeat(
    connection: number,
    message: MessageOf<'heartbeat'>,
  ): boolean {
    return this.#servers.heartbeat(connection, message);
  }

  /** Hears what a server has to say. */
  onShardWord(address: ShardAddress, word: ShardWord): void {
    this.#servers.word(address, word);
  }

  /** Goes back to what the account was at a checkpoint. */
  replaceLedger(state: LedgerState): void {
    this.#all.ledger.replace(state);
  }

  /** Time passes. */
  tick(): void {
    this.#servers.tick();
    this.#workers.tick();
  }

  /** Finishes what is in flight, if somebody is there to, and ends. */
  drain(): void {
    this.#progress.drain();
  }
}
